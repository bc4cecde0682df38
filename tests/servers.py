"""Real servers for fault tests: a Redis that can be killed, and a wire to it that can be cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from tests.stack import redis_program

CHUNK = 65536


class RedisServer:
    """A redis-server on a Unix socket in `folder`; `kill` and `start` as often as wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        arguments = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", ""]
        self._process = await asyncio.create_subprocess_exec(
            redis_program(), *arguments, "--maxmemory-policy", "noeviction", stdout=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(60):
            while not await self._answers():
                await asyncio.sleep(0.01)

    async def kill(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self.socket.unlink(missing_ok=True)

    async def save(self) -> None:
        """Write everything to dump.rdb, which the next start loads: an operator's Redis may keep one."""
        async with Redis.from_url(self.url) as client:
            await client.save()

    async def _answers(self) -> bool:
        with contextlib.suppress(OSError, ConnectionError, Exception):
            async with Redis.from_url(self.url) as client:
                return bool(await client.ping())
        return False


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


class Wire:
    """Passes bytes between a client and a server until `cut_next_reply` drops one and closes both ends."""

    def __init__(self, server: Path, socket: Path) -> None:
        self._server = server
        self._socket = socket
        self._to_cut: bytes | None = None
        self.cuts = 0
        self.url = f"unix://{socket}"

    def cut_next_reply(self, to: bytes) -> None:
        """The next request that contains `to` is carried out, but nobody hears the answer."""
        self._to_cut = to

    @asynccontextmanager
    async def laid(self) -> AsyncIterator["Wire"]:
        listener = await asyncio.start_unix_server(self._pass_on, self._socket)
        try:
            yield self
        finally:
            listener.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_unix_connection(self._server)
        doomed = asyncio.Event()
        up = asyncio.create_task(self._up(reader, up_writer, doomed))
        with contextlib.suppress(OSError):
            while data := await up_reader.read(CHUNK):
                if doomed.is_set():
                    self.cuts += 1
                    break
                writer.write(data)
                await writer.drain()
        up.cancel()
        for end in (writer, up_writer):
            end.close()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if self._to_cut and self._to_cut in data:
                    self._to_cut = None
                    doomed.set()
                writer.write(data)
                await writer.drain()
        writer.close()
