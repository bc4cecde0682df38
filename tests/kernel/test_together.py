"""Scripts of one moment go together, and each caller hears of its own."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from o2o.kernel import together
from o2o.kernel.redis import connect
from o2o.kernel.together import Together
from o2o.kernel.trips import replies
from tests.servers import RedisServer

ECHO = "return ARGV[1]"
NOW = Retry(NoBackoff(), 0)


async def trips(client: Redis) -> int:
    """How often anything came in over the network: INFO counts the reads."""
    return int((await client.info("stats"))["total_reads_processed"])


class Lines:
    """Counts what goes to Redis: how many calls in each part, and how many parts at once at most."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: int | None = None) -> None:
        self.parts: list[int] = []
        self.most = 0
        self._fails = fails
        self._under_way = 0
        self._replies = replies
        monkeypatch.setattr(together, "replies", self._counted)

    async def _counted(self, client: Redis, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        self.parts.append(len(commands))
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        try:
            if len(self.parts) - 1 == self._fails:
                raise RedisConnectionError("cut")
            return await self._replies(client, commands)
        finally:
            self._under_way -= 1


async def test_what_is_called_at_one_moment_is_one_round_trip(redis: RedisServer, redis_client: Redis) -> None:
    async with connect(redis.url, NOW) as client:
        scripts = Together(client)
        await scripts.eval(ECHO, 0, "connected")
        before = await trips(redis_client)

        replies = await asyncio.gather(*(scripts.eval(ECHO, 0, n) for n in range(20)))

        assert replies == [str(n).encode() for n in range(20)]
        assert await trips(redis_client) - before < 20  # ours, and the one that asks


async def test_many_go_in_parts_of_which_two_are_under_way(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect(redis.url, NOW) as client:
        lines = Lines(monkeypatch)
        scripts = Together(client)

        replies = await asyncio.gather(*(scripts.eval(ECHO, 0, n) for n in range(60)))

        assert replies == [str(n).encode() for n in range(60)]
        assert max(lines.parts) == 20
        assert lines.most == 2


async def test_what_was_asked_in_parts_has_each_its_own_answer(redis: RedisServer) -> None:
    """Waves of callers, each of whom comes back as soon as it is answered."""
    async with connect(redis.url, NOW) as client:
        scripts = Together(client)

        async def caller(n: int) -> list[bytes]:
            return [await scripts.eval(ECHO, 0, f"{n}-{turn}") for turn in range(5)]

        heard = await asyncio.gather(*(caller(n) for n in range(50)))

        assert heard == [[f"{n}-{turn}".encode() for turn in range(5)] for n in range(50)]


async def test_a_part_that_fails_is_not_the_others_error(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect(redis.url, NOW) as client:
        Lines(monkeypatch, fails=1)
        scripts = Together(client)

        calls = (scripts.eval(ECHO, 0, n) for n in range(30))
        heard = await asyncio.gather(*calls, return_exceptions=True)

        assert [isinstance(reply, RedisError) for reply in heard] == [False] * 10 + [True] * 10 + [False] * 10


async def test_an_error_is_its_own_callers_alone(redis: RedisServer) -> None:
    async with connect(redis.url, NOW) as client:
        scripts = Together(client)

        calls = scripts.eval("return redis.call('NOTHING')", 0), scripts.eval(ECHO, 0, "a")
        heard = await asyncio.gather(*calls, return_exceptions=True)

        assert isinstance(heard[0], ResponseError)
        assert heard[1] == b"a"


async def test_a_server_that_is_away_is_everybodys_error() -> None:
    async with connect("redis://127.0.0.1:1", NOW) as client:
        scripts = Together(client)

        heard = await asyncio.gather(*(scripts.eval(ECHO, 0, n) for n in range(3)), return_exceptions=True)

        assert [isinstance(error, RedisError) for error in heard] == [True, True, True]


async def test_who_no_longer_waits_disturbs_nobody(redis: RedisServer) -> None:
    async with connect(redis.url, NOW) as client:
        scripts = Together(client)
        gone = asyncio.create_task(scripts.eval(ECHO, 0, "gone"))
        stays = asyncio.create_task(scripts.eval(ECHO, 0, "stays"))
        await asyncio.sleep(0)
        gone.cancel()

        assert await stays == b"stays"


@pytest.mark.parametrize("arguments", [("SET", "key", b"\x00\xff"), ("SET", "ключ", "和平"), ("SET", "n", 5, "EX", 9)])
async def test_a_command_is_packed_as_redis_py_packs_it(redis: RedisServer, arguments: tuple[Any, ...]) -> None:
    async with connect(redis.url, NOW) as client:
        pool: Any = client.connection_pool
        connection = pool.make_connection()

        assert b"".join(connection.pack_command(*arguments)) == _as_redis_py(connection, *arguments)
        assert b"".join(connection.pack_command("CONFIG GET", "dir")) == _as_redis_py(connection, "CONFIG GET", "dir")


def _as_redis_py(connection: Any, *arguments: Any) -> bytes:
    return b"".join(super(type(connection), connection).pack_command(*arguments))
