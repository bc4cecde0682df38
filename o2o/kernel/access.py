"""The access log: one line a request, by the route's template, because addresses carry ids and queries tokens.

Lines are gathered and written together: by the logging module, a write for each, they took a quarter of a POST's time.
"""

import asyncio
from collections.abc import Callable
from time import time
from typing import Final

import msgspec

from o2o.kernel.clock import rfc3339

FLUSH_S: Final = 0.2
MANY: Final = 1_000  # Nobody waits for the clock with more than this.


class Line(msgspec.Struct):
    """As the other lines of the log are (kernel/logging.py)."""

    at: str
    method: str
    route: str
    status: int
    ms: float
    request: str | None
    level: str = "info"
    logger: str = "o2o.access"
    event: str = "request"


class AccessLog:
    """`render` makes a line's text, `write` puts many of them out."""

    def __init__(self, render: Callable[[Line], bytes], write: Callable[[bytes], object]) -> None:
        self._render = render
        self._write = write
        self._lines: list[bytes] = []

    def note(self, method: str, route: str, status: int, seconds: float, request: str | None) -> None:
        at = rfc3339(int(time() * 1000))
        self._lines.append(self._render(Line(at, method, route, status, round(seconds * 1000, 1), request)))
        if len(self._lines) == 1:
            asyncio.get_running_loop().call_later(FLUSH_S, self.flush)
        elif len(self._lines) >= MANY:
            self.flush()

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._write(b"\n".join((*lines, b"")))


as_json: Final = msgspec.json.Encoder().encode


def as_text(line: Line) -> bytes:
    """For a terminal: `10:40:12 info    request POST /api/v1/… 201 3.2 ms`, in UTC."""
    return (
        f"{line.at[11:19]} {line.level:7} {line.event} {line.method} {line.route} {line.status} {line.ms} ms".encode()
    )
