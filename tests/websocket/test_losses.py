"""What was announced and not heard is noticed, by the connection, by silence or by a second look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection

from tests.faults.proxy import before_redis
from tests.websocket.places import Place, dial, display, heard, listener_of, listening, serving
from websocket.hub import Hub
from websocket.subscription import Subscription


async def test_what_was_lost_with_a_killed_connection_is_shown_again(place: Place, hub: Hub, url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)

        await place.redis.client_kill_filter(_type="pubsub")
        await place.issue(4)

        [frame] = await heard(client, 1)
    assert (frame["type"], frame["version"]) == ("snapshot", 4)


async def test_the_loss_is_real_without_looking_again(place: Place, redis_url: str) -> None:
    """The control of the test before: a hub that only subscribes again shows what was before the loss."""
    hub = Hub(place.sources())
    subscription = Subscription(listener_of(redis_url), hub.hear, subscribed=lambda: None)
    async with listening(subscription), serving(display(hub)) as url, dial(url) as client:
        await heard(client, 1)

        await place.redis.client_kill_filter(_type="pubsub")
        await place.issue(4)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.recv(), 2)
    await hub.close()


async def test_a_connection_that_went_quiet_is_noticed_by_its_silence(place: Place, redis_url: str) -> None:
    async with _deaf_after(place, redis_url, silence_s=0.5) as client:
        [frame] = await heard(client, 1)

    assert (frame["type"], frame["version"]) == ("snapshot", 4)


async def test_nobody_notices_without_minding_the_silence(place: Place, redis_url: str) -> None:
    """The control of the test before."""
    async with _deaf_after(place, redis_url, silence_s=3600) as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.recv(), 2)


@asynccontextmanager
async def _deaf_after(place: Place, redis_url: str, silence_s: float) -> AsyncIterator[ClientConnection]:
    """Give a display whose hub stopped hearing, half open, before four people came."""
    hub = Hub(place.sources())
    way, over_it = before_redis(redis_url, Path())
    subscription = Subscription(listener_of(over_it), hub.hear, hub.look_again, silence_s)
    async with way.laid(), listening(subscription), serving(display(hub)) as url, dial(url) as client:
        await heard(client, 1)
        way.swallow()
        await place.issue(4)
        yield client
    await hub.close()


async def test_an_announcement_that_nobody_passed_on_is_missed_by_the_second_look(
    place: Place, hub: Hub, url: str
) -> None:
    """The bus of a cluster drops what it can't deliver; the control is the look before, which can't know yet."""
    async with dial(url) as client:
        await heard(client, 1)
        place.feed.append(place.line.issue())

        await hub.compare()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.recv(), 0.5)
        await hub.compare()
        [frame] = await heard(client, 1)

    assert (frame["type"], frame["version"]) == ("snapshot", 1)


async def test_what_is_heard_is_not_read_anew(place: Place, hub: Hub, url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)
        for _ in range(3):
            await hub.compare()
            await place.issue()
            await heard(client, 1)

    assert place.pictures_read == 1
