"""Real servers for fault tests: a Redis that can be killed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from tests.stack import redis_program


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
