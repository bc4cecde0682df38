"""A bounded load of HTTP requests: a fixed number of kept-alive connections, each with one request under way.

It parses no more of an answer than it needs, so that the client does not become what is measured.
"""

import asyncio
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, cast

import msgspec
from typing_extensions import override

CONNECTIONS: Final = 64
_LENGTH: Final = b"content-length: "
_BLANK: Final = b"\r\n\r\n"


class LoadError(Exception):
    """The server answered something else than the load is about, or hung up."""


def post(path: str, body: Any = None, token: str | None = None) -> bytes:
    """Build a POST with an Idempotency-Key of its own."""
    content = msgspec.json.encode({} if body is None else body)
    bearer = f"authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"idempotency-key: {secrets.token_urlsafe(16)}\r\n{bearer}content-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode()


@dataclass
class Outcome:
    """What a load gave: the seconds it took and the bodies of the answers, in the order they came."""

    seconds: float = 0.0
    bodies: list[bytes] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.bodies) / self.seconds


async def run_load(port: int, requests: Iterable[bytes], status: int, connections: int = CONNECTIONS) -> Outcome:
    """Send every request over at most `connections` connections. Raises LoadError at the first other status."""
    loop = asyncio.get_running_loop()
    outcome, feed = Outcome(), iter(requests)
    workers = [
        (await loop.create_connection(lambda: _Connection(feed, status, outcome), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    begun = perf_counter()
    for worker in workers:
        worker.start()
    try:
        await asyncio.gather(*(worker.done for worker in workers))
    finally:
        outcome.seconds = perf_counter() - begun
        for worker in workers:
            worker.close()
    return outcome


def until(seconds: float, make: Iterator[bytes]) -> Iterator[bytes]:
    """Yield requests for as long as `seconds` from the first one."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        yield next(make)


class _Connection(asyncio.Protocol):
    def __init__(self, feed: Iterator[bytes], status: int, outcome: Outcome) -> None:
        self._feed, self._status, self._outcome = feed, str(status).encode(), outcome
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def start(self) -> None:
        request = next(self._feed, None)
        if request is not None:
            self._transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)

    def close(self) -> None:
        self._transport.close()

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(_BLANK)
        if head < 0:
            return
        begin = head + len(_BLANK)
        at = self._buffer.find(_LENGTH, 0, head)
        length = int(self._buffer[at + len(_LENGTH) : self._buffer.index(b"\r\n", at)]) if at >= 0 else 0
        if len(self._buffer) < begin + length:
            return
        body = self._buffer[begin : begin + length]
        if self._buffer[9:12] != self._status:
            self._fail(LoadError(self._buffer[:12].decode() + " " + body[:300].decode()))
            return
        self._buffer = self._buffer[begin + length :]
        self._outcome.bodies.append(body)
        self.start()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(LoadError(f"the server hung up: {exc}"))

    def _fail(self, error: LoadError) -> None:
        if not self.done.done():
            self.done.set_exception(error)
