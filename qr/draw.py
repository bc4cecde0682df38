"""Pictures of codes: black on white, level M, four modules of quiet zone, as printers and old phones need them.

Drawing takes some 8 ms of pure Python: requests have it done in a thread, and the pictures drawn last are remembered.
"""

import asyncio
import struct
import zlib
from base64 import b64encode
from functools import lru_cache
from itertools import groupby
from typing import Final

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from qr.errors import TextTooLongError

LIMIT: Final = 331  # What version 13 (69 modules a side) carries; with more, a phone must come too near.
QUIET_ZONE: Final = 4
MODULE_PX: Final = 12
DRAWING: Final = 1
"""Another one when pictures come out otherwise: browsers ask by it whether theirs is still good."""

Modules = list[list[bool]]


def modules(text: str) -> Modules:
    """The code as rows of dark (True) and light modules, quiet zone included. Raises TextTooLongError."""
    data = text.encode()
    if len(data) > LIMIT:
        raise TextTooLongError(len(data), LIMIT)
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(data)
    matrix: Modules = code.get_matrix()
    return matrix


@lru_cache(maxsize=256)
def svg(text: str) -> bytes:
    """A square that scales to any size; one path, on a white ground of its own, since pages may be dark."""
    rows = modules(text)
    size = len(rows)
    path = "".join(f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _runs(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    ).encode()


@lru_cache(maxsize=256)
def png(text: str, module_px: int = MODULE_PX) -> bytes:
    """One bit a pixel, `module_px` pixels a module."""
    rows = modules(text)
    size = len(rows) * module_px
    header = struct.pack(">2I5B", size, size, 1, 0, 0, 0, 0)
    pixels = b"".join(_scanline(row, module_px) * module_px for row in rows)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(pixels, 9)),
            _chunk(b"IEND", b""),
        )
    )


async def inlined(text: str) -> str:
    """The SVG as an address that holds all of it, for a page that is printed or shown once."""
    return "data:image/svg+xml;base64," + b64encode(await asyncio.to_thread(svg, text)).decode()


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many follow on one another."""
    runs: list[tuple[int, int]] = []
    x = 0
    for dark, group in groupby(row):
        width = len(list(group))
        if dark:
            runs.append((x, width))
        x += width
    return runs


def _scanline(row: list[bool], module_px: int) -> bytes:
    """Filter type 0, then the bits, white being 1, filled up to whole bytes."""
    bits = "".join(("0" if dark else "1") * module_px for dark in row)
    length = (len(bits) + 7) // 8
    return b"\0" + int(bits.ljust(length * 8, "0"), 2).to_bytes(length, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
