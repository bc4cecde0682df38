"""SQL or Redis is killed, again and again, while people take numbers and clerks serve: nothing is lost or doubled.

The control is in test_workers.py: without operation ids the same accounts do not balance.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.clerks import Hall, events, nankai, wrongs
from tests.installation import Installation
from tests.postgres import PostgresServer
from tests.servers import RedisServer
from tests.stack import stack

pytestmark = pytest.mark.slow


@pytest.fixture
def installed(tmp_path: Path, redis: RedisServer) -> Installation:
    folder = tmp_path / "data"
    return Installation(folder, **{**stack.environ(folder), "O2O_WORKERS": "2", "O2O_REDIS_URL": redis.url})


async def worked_on(hall: Hall, disturb: Callable[[], Awaitable[None]], times: int = 3) -> None:
    """The disturbance comes whenever the hall works again."""
    async with hall.open():
        for _ in range(times):
            await hall.crowd.until(len(hall.crowd.taken) + 30)
            await disturb()
        await hall.crowd.until(len(hall.crowd.taken) + 30)


async def history_of(installed: Installation, hall: Hall) -> list[str]:
    return wrongs(await events(installed.environ["O2O_DATABASE_URL"]), hall)


class TestRedis:
    async def test_killed_and_started_again_empty(self, installed: Installation, redis: RedisServer) -> None:
        async def kill() -> None:
            await redis.kill()
            await asyncio.sleep(0.2)
            await redis.start()

        hall = nankai(installed)
        async with installed.serving():
            await worked_on(hall, kill)

        assert await history_of(installed, hall) == []
        assert hall.served

    async def test_an_old_dump_put_back(self, installed: Installation, redis: RedisServer) -> None:
        hall = nankai(installed)
        async with installed.serving():
            await worked_on(hall, lambda: an_old_dump_is_put_back(hall, redis))

        assert await history_of(installed, hall) == []


async def an_old_dump_is_put_back(hall: Hall, redis: RedisServer) -> None:
    await redis.save()
    await hall.crowd.until(len(hall.crowd.taken) + 20)
    await redis.kill()
    await redis.start()


@pytest.mark.postgres
class TestPostgres:
    @pytest.fixture
    async def server(self, installed: Installation) -> AsyncIterator[PostgresServer]:
        """One of its own, to be killed."""
        server = PostgresServer()
        server.start()
        installed.environ["O2O_DATABASE_URL"] = server.url(server.create())
        yield server
        server.close()

    async def test_killed_and_started_again(self, installed: Installation, server: PostgresServer) -> None:
        async def kill() -> None:
            server.kill()
            await asyncio.sleep(0.5)
            await asyncio.to_thread(server.start)

        hall = nankai(installed)
        async with installed.serving():
            await worked_on(hall, kill)

        assert await history_of(installed, hall) == []
        assert hall.served

    async def test_silent_for_a_while(self, installed: Installation, server: PostgresServer) -> None:
        async def silence() -> None:
            with server.silent():
                await asyncio.sleep(8)

        hall = nankai(installed)
        async with installed.serving():
            await worked_on(hall, silence, times=1)

        assert await history_of(installed, hall) == []
