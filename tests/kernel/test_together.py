"""Scripts of one moment go together, and each caller hears of its own."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from o2o.kernel.redis import connect
from o2o.kernel.together import Together
from tests.servers import RedisServer

ECHO = "return ARGV[1]"
NOW = Retry(NoBackoff(), 0)


async def trips(client: Redis) -> int:
    """How often anything came in over the network: INFO counts the reads."""
    return int((await client.info("stats"))["total_reads_processed"])


async def test_what_is_called_at_one_moment_is_one_round_trip(redis: RedisServer, redis_client: Redis) -> None:
    async with connect(redis.url, NOW) as client:
        together = Together(client)
        await together.eval(ECHO, 0, "connected")
        before = await trips(redis_client)

        replies = await asyncio.gather(*(together.eval(ECHO, 0, n) for n in range(20)))

        assert replies == [str(n).encode() for n in range(20)]
        assert await trips(redis_client) - before < 20  # ours, and the one that asks


async def test_an_error_is_its_own_callers_alone(redis: RedisServer) -> None:
    async with connect(redis.url, NOW) as client:
        together = Together(client)

        calls = together.eval("return redis.call('NOTHING')", 0), together.eval(ECHO, 0, "a")
        heard = await asyncio.gather(*calls, return_exceptions=True)

        assert isinstance(heard[0], ResponseError)
        assert heard[1] == b"a"


async def test_a_server_that_is_away_is_everybodys_error() -> None:
    async with connect("redis://127.0.0.1:1", NOW) as client:
        together = Together(client)

        heard = await asyncio.gather(*(together.eval(ECHO, 0, n) for n in range(3)), return_exceptions=True)

        assert [isinstance(error, RedisError) for error in heard] == [True, True, True]


async def test_who_no_longer_waits_disturbs_nobody(redis: RedisServer) -> None:
    async with connect(redis.url, NOW) as client:
        together = Together(client)
        gone = asyncio.create_task(together.eval(ECHO, 0, "gone"))
        stays = asyncio.create_task(together.eval(ECHO, 0, "stays"))
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
