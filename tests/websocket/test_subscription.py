"""The subscription ends when it is told to, whatever it is doing."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from booking.picture import CHANNEL
from o2o.kernel.background import end
from tests.websocket.places import listener_of, listening, until
from websocket.subscription import AT_ONCE, Subscription


@pytest.mark.parametrize("turns", range(0, 40, 4))
async def test_it_ends_at_whatever_moment_it_is_cancelled(redis_url: str, turns: int) -> None:
    """redis-py swallows a cancel while it connects, so one alone is not always enough."""
    subscription = Subscription(listener_of(redis_url), hear=print, subscribed=lambda: None, silence_s=3600)
    task = asyncio.create_task(subscription.run())
    for _ in range(turns):
        await asyncio.sleep(0)

    async with asyncio.timeout(60):
        await end([task])

    assert task.cancelled()


async def test_it_waits_for_a_redis_that_is_not_there(unused_tcp_port: int) -> None:
    told: list[str] = []
    url = f"redis://127.0.0.1:{unused_tcp_port}/0"
    subscription = Subscription(listener_of(url), hear=print, subscribed=lambda: told.append("subscribed"))
    task = asyncio.create_task(subscription.run())

    await asyncio.sleep(0.2)

    assert (subscription.hears, told, task.done()) == (False, [], False)
    await end([task])


async def test_who_has_much_to_hear_lets_others_work(redis_url: str, redis: Redis) -> None:
    """What has come already is given without waiting: a process whose hall is busy would answer nobody else."""
    heard, turns = 0, [0]

    def hear(_message: bytes) -> None:
        nonlocal heard
        heard += 1
        turns[-1] += 1

    async def work() -> None:
        while True:
            await asyncio.sleep(0)
            turns.append(0)

    async with listening(Subscription(listener_of(redis_url), hear, lambda: None)):
        working = asyncio.create_task(work())
        async with redis.pipeline(transaction=False) as together:
            for _ in range(2_000):
                together.publish(CHANNEL, b"x")
            await together.execute()
        await until(lambda: heard == 2_000)
        await end([working])

    assert max(turns) <= 2 * AT_ONCE


async def test_what_came_together_is_taken_together(
    redis_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """redis-py takes four times as long over each by itself, and a process hears of every hall."""
    heard: list[bytes] = []
    asked = 0
    one_by_one = PubSub.get_message

    async def counted(channel: PubSub, *given: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        return await one_by_one(channel, *given, **options)

    monkeypatch.setattr(PubSub, "get_message", counted)
    async with listening(Subscription(listener_of(redis_url), heard.append, lambda: None)):
        async with redis.pipeline(transaction=False) as together:
            for n in range(2_000):
                together.publish(CHANNEL, n)
            await together.execute()
        await until(lambda: len(heard) == 2_000)

    assert heard == [str(n).encode() for n in range(2_000)]
    assert asked < 1_000
