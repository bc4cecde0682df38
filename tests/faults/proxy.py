"""A way to a server that can be slow, silent, sliced, cut or reset, whichever bytes it carries.

It lies on any of the three links: client and service (TCP), service and Redis, service and PostgreSQL (Unix sockets).
"""

import asyncio
import contextlib
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.ports import free_port

CHUNK = 65536
RESET_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER on, no time: a close is a RST.

Address = Path | tuple[str, int]
"""Of a Unix socket, or host and port; port 0 is any free one."""


@dataclass(eq=False)
class Way:
    """One connection: its end at the client, its end at the server, and whether it carries anything."""

    near: StreamWriter
    far: StreamWriter
    carries: asyncio.Event
    doomed: bool = False
    """Its next reply is cut."""
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def cut(self) -> None:
        """End it after what has been passed on."""
        self.near.close()
        self.far.transport.abort()

    def reset(self) -> None:
        """Break it off at both ends, and drop what is on its way."""
        for end in (self.near, self.far):
            wire = end.get_extra_info("socket")
            if wire.family != socket.AF_UNIX and not end.transport.is_closing():
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
            end.transport.abort()


class Proxy:
    """Carries everything, until told otherwise; `laid()` opens it, `listens` says where, from then on."""

    def __init__(self, upstream: Address, listens: Address = ("127.0.0.1", 0)) -> None:
        self.upstream = upstream
        self.listens = listens
        self.latency_s = 0.0
        """How long each piece takes, in either direction."""
        self.slice: int | None = None
        """At most so many bytes in a piece, each passed on alone."""
        self.passed = 0
        """Bytes of replies so far."""
        self.cuts = 0
        self._cut_at: int | None = None
        self._doom: bytes | None = None
        self._open = asyncio.Event()
        self._open.set()
        self._ways: set[Way] = set()

    @property
    def port(self) -> int:
        assert isinstance(self.listens, tuple)
        return self.listens[1]

    @asynccontextmanager
    async def laid(self) -> AsyncIterator["Proxy"]:
        if isinstance(self.listens, Path):
            server = await asyncio.start_unix_server(self._connected, self.listens)
            self.listens.chmod(0o777)
        else:
            server = await asyncio.start_server(self._connected, *self.listens)
            self.listens = server.sockets[0].getsockname()[:2]
        try:
            yield self
        finally:
            server.close()
            tasks = [task for way in self._ways for task in way.tasks]
            for task in tasks:
                task.cancel()
            self.reset()
            await asyncio.gather(*tasks, return_exceptions=True)

    def cut_after(self, count: int) -> None:
        """Let `count` more bytes of replies pass, on all ways together, and end the way of the next one."""
        self._cut_at = self.passed + count

    def cut_next_reply(self, to: bytes) -> None:
        """The next request that contains `to` is carried out, but nobody hears the answer."""
        self._doom = to

    def calm(self) -> None:
        """Cut nothing that was to be cut, and carry at once and whole."""
        self._cut_at = self._doom = self.slice = None
        self.latency_s = 0.0

    def reset(self) -> None:
        """Break off every way that is open now."""
        for way in list(self._ways):
            way.reset()

    def swallow(self) -> None:
        """The ways of now stay open and carry nothing ever after, as half-open ones do; new ones work."""
        for way in self._ways:
            way.carries = asyncio.Event()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """A black hole while the block runs: new ways open too, and nothing passes; afterwards all of it does."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            far_reader, far_writer = await self._reach()
        except OSError:
            writer.transport.abort()
            return
        way = Way(writer, far_writer, self._open)
        self._ways.add(way)
        there, back = self._there(way, reader), self._back(way, far_reader)
        way.tasks = [asyncio.create_task(self._until_closed(way, one)) for one in (there, back)]
        await asyncio.wait(way.tasks)
        self._ways.discard(way)

    async def _reach(self) -> tuple[StreamReader, StreamWriter]:
        if isinstance(self.upstream, Path):
            return await asyncio.open_unix_connection(self.upstream)
        return await asyncio.open_connection(*self.upstream)

    async def _until_closed(self, way: Way, direction: Coroutine[Any, Any, None]) -> None:
        """The end of one direction is the end of the other."""
        with contextlib.suppress(OSError):
            await direction
        for end in (way.near, way.far):
            end.close()

    async def _there(self, way: Way, reader: StreamReader) -> None:
        async for piece in self._pieces(way, reader):
            if self._doom and self._doom in piece:
                self._doom, way.doomed = None, True
            await _write(way.far, piece)

    async def _back(self, way: Way, reader: StreamReader) -> None:
        async for piece in self._pieces(way, reader):
            left = 0 if way.doomed else len(piece) if self._cut_at is None else self._cut_at - self.passed
            self.passed += min(left, len(piece))
            await _write(way.near, piece[:left])
            if left < len(piece):
                self.cuts += 1
                self._cut_at = None
                way.cut()

    async def _pieces(self, way: Way, reader: StreamReader) -> AsyncIterator[bytes]:
        while data := await reader.read(CHUNK):
            size = self.slice or len(data)
            for start in range(0, len(data), size):
                await asyncio.sleep(self.latency_s)
                await way.carries.wait()
                yield data[start : start + size]


async def _write(end: StreamWriter, piece: bytes) -> None:
    end.write(piece)
    await end.drain()


def before_redis(url: str, folder: Path) -> tuple[Proxy, str]:
    """A way to the Redis at `url`, and the URL that leads over it, once it is laid."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        proxy = Proxy(Path(parts.path), folder / "way.sock")
        return proxy, f"unix://{folder}/way.sock"
    proxy = Proxy((parts.hostname or "127.0.0.1", parts.port or 6379), ("127.0.0.1", free_port()))
    return proxy, f"redis://127.0.0.1:{proxy.port}{parts.path}"


def before_postgres(url: str, folder: Path) -> tuple[Proxy, str]:
    """The same for a PostgreSQL on a Unix socket."""
    address, _, home = url.partition("?host=")
    name = ".s.PGSQL.5432"
    return Proxy(Path(home) / name, folder / name), f"{address}?host={folder}"
