"""The answer to a handshake as browsers and our own clients shake hands; None for any other, which a library judges."""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha1
from typing import Final

from o2o.kernel.connection import Upgrade

Headers = list[tuple[bytes, bytes]]

VERSION: Final = b"13"
_SALT: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
_KEY: Final = re.compile(rb"[A-Za-z0-9+/]{21}[AQgw]==")  # 16 bytes in base64
_UNUSUAL: Final = frozenset({b"content-length", b"transfer-encoding", b"sec-websocket-protocol"})


def accepting(upgrade: Upgrade) -> bytes | None:
    """The head of the answer that accepts the handshake, for `headed` to end."""
    given = dict(upgrade.headers)
    if upgrade.method != "GET" or upgrade.version != "1.1" or len(given) != len(upgrade.headers):
        return None
    key = given.get(b"sec-websocket-key", b"")
    if given.get(b"sec-websocket-version") != VERSION or not _KEY.fullmatch(key) or not _UNUSUAL.isdisjoint(given):
        return None
    proof = b64encode(sha1(key + _SALT, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        b"sec-websocket-accept: %b\r\n" % proof
    )


def headed(head: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The whole answer, with these headers too."""
    return b"".join((head, *(b"%b: %b\r\n" % header for header in headers), b"\r\n"))
