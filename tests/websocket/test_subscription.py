"""The subscription ends when it is told to, whatever it is doing."""

import asyncio

import pytest

from tests.websocket.places import listener_of
from websocket.ending import end
from websocket.subscription import Subscription


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
