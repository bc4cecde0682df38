"""The embedded Redis is a real server that comes back by itself."""

import asyncio
import errno
import os
import signal
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from o2o.kernel.redis import NoRedisServerError, RedisPair, open_redis, server_program


async def answered(redis: RedisPair) -> int:
    """Give the id of the server's process, as soon as it answers."""
    async with asyncio.timeout(60):
        while True:
            try:
                return int((await redis.read.info("server"))["process_id"])
            except (RedisError, OSError):
                await asyncio.sleep(0.02)


async def test_the_embedded_server_is_started_again_when_it_is_killed(tmp_path: Path) -> None:
    async with open_redis(None, tmp_path) as redis:
        first = await answered(redis)
        os.kill(first, signal.SIGKILL)
        await asyncio.sleep(0.1)

        assert await answered(redis) != first


async def test_it_is_tried_again_when_the_server_cannot_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its program may be replaced just then, or the machine have no memory for it."""
    found, missing = server_program(), [NoRedisServerError("no"), OSError(errno.ENOMEM, "no memory")]

    def program() -> str:
        if missing:
            raise missing.pop()
        return found

    async with open_redis(None, tmp_path) as redis:
        first = await answered(redis)
        monkeypatch.setattr("o2o.kernel.redis.server_program", program)
        os.kill(first, signal.SIGKILL)
        await asyncio.sleep(0.1)

        assert await answered(redis) != first
    assert missing == []


async def test_the_embedded_server_ends_with_the_block(tmp_path: Path) -> None:
    async with open_redis(None, tmp_path) as redis:
        server = await answered(redis)

    assert not Path(f"/proc/{server}").exists()
