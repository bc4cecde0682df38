"""Loads of HTTP requests over kept-alive connections, each with one request under way.

It parses no more of an answer than it needs, so that the client does not become what is measured: it takes 7 µs of a
core for each request where the bare app takes 100.
"""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final, cast

import msgspec
from typing_extensions import override

Script = Generator[bytes, bytes, None]
"""One client: it yields requests and is sent the bodies of their answers."""

_LENGTH: Final = b"content-length: "
_BLANK: Final = b"\r\n\r\n"
_KEYS: Final = itertools.count()
_PREFIX: Final = secrets.token_hex(6)


class LoadError(Exception):
    """The server answered with another status than 2xx, or hung up."""


def poster(path: str, body: Any = None, token: str | None = None) -> Callable[[], bytes]:
    """Give what makes one POST after the other, each with an Idempotency-Key of its own."""
    content = msgspec.json.encode({} if body is None else body)
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n{_bearer(token)}"
    before = f"{head}content-length: {len(content)}\r\nidempotency-key: {_PREFIX}".encode()
    after = _BLANK + content
    return lambda: b"%b%010d%b" % (before, next(_KEYS), after)


def get(path: str, token: str | None = None) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{_bearer(token)}\r\n".encode()


def _bearer(token: str | None) -> str:
    return f"authorization: Bearer {token}\r\n" if token else ""


class Connection(asyncio.Protocol):
    """`ask` one thing after the other; `answered` is called with each body. `broken` tells of a failure.

    `accepted` are the statuses that are no failure, as they begin.
    """

    def __init__(self, accepted: tuple[bytes, ...] = (b"2",)) -> None:
        self._accepted = accepted
        self._buffer = b""
        self._answered: Callable[[bytes], None] = lambda _: None
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ask(self, request: bytes, answered: Callable[[bytes], None]) -> None:
        self._answered = answered
        self._transport.write(request)

    def close(self) -> None:
        self.broken.cancel()
        self._transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    @override
    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        begin = data.find(_BLANK) + len(_BLANK)
        at = data.find(_LENGTH)
        length = int(data[at + len(_LENGTH) : data.index(b"\r\n", at)]) if 0 <= at < begin else 0
        if begin < len(_BLANK) or len(data) < begin + length:
            self._buffer = data
            return
        self._buffer = b""
        if data[9:12].startswith(self._accepted):
            self._answered(data[begin:])
        else:
            self._fail(f"{data[:12].decode()} {data[begin : begin + 300].decode()}")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the server hung up: {exc}")

    def _fail(self, message: str) -> None:
        if not self.broken.done():
            self.broken.set_exception(LoadError(message))


@dataclass(frozen=True, slots=True)
class Outcome:
    """`answers` that came in so many `seconds`."""

    answers: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


async def play(port: int, scripts: Iterable[Script], accepted: tuple[bytes, ...] = (b"2",)) -> Outcome:
    """Play each script over a connection of its own, all at once. Raises LoadError."""
    clients = [_Client(await connect(port, accepted), script) for script in scripts]
    begun = perf_counter()
    try:
        for client in clients:
            client.start()
        await _all_done(clients)
    finally:
        seconds = perf_counter() - begun
        for client in clients:
            client.connection.close()
    return Outcome(sum(client.answers for client in clients), seconds)


async def send_all(port: int, requests: Iterable[bytes], connections: int) -> list[bytes]:
    """Send every request over so many connections; return the bodies in the order in which they came."""
    feed, bodies = iter(requests), list[bytes]()

    def script() -> Script:
        for request in feed:
            bodies.append((yield request))

    await play(port, [script() for _ in range(connections)])
    return bodies


def repeated(make: Callable[[], bytes], seconds: float) -> Script:
    """Make and send requests for so long."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        yield make()


async def connect(port: int, accepted: tuple[bytes, ...] = (b"2",)) -> Connection:
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(lambda: Connection(accepted), "127.0.0.1", port))[1]


class _Client:
    def __init__(self, connection: Connection, script: Script) -> None:
        self.connection, self._script = connection, script
        self.answers = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        self._ask(next(self._script, None))

    def _ask(self, request: bytes | None) -> None:
        if request is None:
            self.done.set_result(None)
        else:
            self.connection.ask(request, self._answered)

    def _answered(self, body: bytes) -> None:
        self.answers += 1
        try:
            request = self._script.send(body)
        except StopIteration:
            self._ask(None)
        else:
            self._ask(request)


async def _all_done(clients: list[_Client]) -> None:
    await first_broken(asyncio.gather(*(client.done for client in clients)), [client.connection for client in clients])


async def first_broken(done: asyncio.Future[Any], connections: Iterable[Connection]) -> None:
    """Wait until it is done, or raise what broke the first of the connections."""
    broken = [connection.broken for connection in connections]
    await asyncio.wait([done, *broken], return_when=asyncio.FIRST_COMPLETED)
    for one in broken:
        if one.done():
            done.cancel()
            await one
