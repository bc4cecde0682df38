"""The subscription ends when it is told to, whatever it is doing."""

import asyncio

import pytest
from redis.asyncio import Redis

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
