"""Connections to Redis that went half open are known by a new one that is answered; a busy Redis is let be."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from o2o.kernel.half_open import leave
from o2o.kernel.redis import RedisPair, open_redis
from tests.faults.proxy import Proxy, before_redis
from tests.servers import RedisServer

MANY = 5
PATIENCE_S = 20
WHILE = """
    local function now() local time = redis.call('TIME'); return time[1] * 1000 + time[2] / 1000 end
    local began = now()
    while now() < began + tonumber(ARGV[1]) do end
    return 'done'
"""


@pytest.fixture(params=[True, False], ids=["watched", "unwatched"])
def watched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether somebody asks over a new connection. Nobody's own limit ends a wait."""
    monkeypatch.setattr("o2o.kernel.redis.SOCKET_TIMEOUT_S", 3600)
    if not request.param:
        monkeypatch.setattr("o2o.kernel.half_open.WAITED_S", 3600)
    return bool(request.param)


@pytest.fixture
async def way(redis: RedisServer, tmp_path: Path) -> AsyncIterator[tuple[Proxy, RedisPair]]:
    way, url = before_redis(redis.url, tmp_path)
    async with way.laid(), open_redis(url, tmp_path) as pair:
        yield way, pair
        way.reset()


async def test_those_who_wait_hear_of_it_and_the_next_are_answered(watched: bool, way: tuple[Proxy, RedisPair]) -> None:
    """The control: without a look they wait as long as their limit says."""
    proxy, pair = way
    await asyncio.gather(*(pair.mutate.eval(WHILE, 0, 50) for _ in range(MANY)))  # Each over its own connection.
    proxy.swallow()

    waiting = [asyncio.ensure_future(pair.mutate.set(f"n{n}", n)) for n in range(2)]
    _done, pending = await asyncio.wait(waiting, timeout=PATIENCE_S if watched else 4)

    for one in pending:
        one.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    assert bool(pending) is not watched
    if watched:
        assert all(isinstance(one.exception(), RedisError | OSError) for one in waiting)
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(pair.mutate.set(f"n{n}", n) for n in range(2 * MANY)))
            assert await pair.read.get("n1") == b"1"


async def test_a_script_that_takes_its_time_is_let_be(redis: RedisServer, tmp_path: Path) -> None:
    async with open_redis(redis.url, tmp_path) as pair:
        assert await pair.mutate.eval(WHILE, 0, 2500) == b"done"


async def test_what_takes_its_time_on_the_way_there_is_let_be(way: tuple[Proxy, RedisPair]) -> None:
    """A hall of many over a slow line: 60 pieces of 64 KiB in 2.4 s, over a connection that was used before."""
    proxy, pair = way
    await pair.mutate.set("n", 1)
    await asyncio.sleep(1.2)
    proxy.latency_s = 0.04
    assert await pair.mutate.set("n", b"1" * 60 * 65536)


async def test_a_pool_that_cannot_say_goodbye_keeps_no_other_from_being_left() -> None:
    """Over TLS a peer that is cut off answers no goodbye, and redis-py raises."""
    pools = [Pool(silent=True), Pool(silent=False)]

    await leave(cast("Any", pools))

    assert [pool.left for pool in pools] == [True, True]


class Pool:
    def __init__(self, *, silent: bool) -> None:
        self.left = False
        self._silent = silent

    async def disconnect(self, *, inuse_connections: bool) -> None:
        self.left = inuse_connections
        if self._silent:
            raise RedisTimeoutError("Timed out closing connection")
