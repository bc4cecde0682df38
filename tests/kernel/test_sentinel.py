"""Sentinels say who is the master; the clients go with it."""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from o2o.kernel.redis import RedisPair, identity, open_redis
from tests.nodes import watched


async def test_clients_leave_a_master_that_is_cut_off_though_it_still_answers_them(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        servers = await stack.enter_async_context(watched(tmp_path / "redis"))
        redis = await stack.enter_async_context(open_redis(servers.url, tmp_path))
        channel = await stack.enter_async_context((await stack.enter_async_context(await redis.listener())).pubsub())
        await channel.subscribe("news")
        first, before = await servers.master(), await identity(redis.mutate)
        await servers.cut_off(first)
        await another_than(before, redis)
        await until_heard(channel, redis)

        assert await identity(redis.read) != before
        assert await servers.master() is not first
        assert (await first.ask("ROLE"))[0] == b"master"


async def test_sentinels_that_know_no_such_master_are_named(tmp_path: Path) -> None:
    async with open_redis("redis+sentinel://127.0.0.1:1/hall", tmp_path) as redis:
        with pytest.raises(RedisConnectionError, match="no sentinel knows the master of hall"):
            await redis.mutate.ping()


async def another_than(before: str, redis: RedisPair) -> None:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(RedisError, OSError):
                if await identity(redis.mutate) != before:
                    return
            await asyncio.sleep(0.05)


async def until_heard(channel: PubSub, redis: RedisPair) -> None:
    """What is said to the new master now is heard: the channel was subscribed to again, there."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(RedisError, OSError):
                await redis.mutate.publish("news", "good")
                if (await channel.get_message(timeout=0.2) or {}).get("data") == b"good":
                    return
            await asyncio.sleep(0.05)
