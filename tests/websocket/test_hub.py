"""Displays see every event once and in order, and are right again after anything was lost."""

import asyncio
from collections.abc import Collection, Mapping

import pytest
from websockets.asyncio.client import ClientConnection

from o2o.kernel.clock import system_clock
from o2o.kernel.redis import RedisPair
from tests.websocket.places import Place, dial, display, heard, listener_of, serving
from websocket import hub as hub_module
from websocket import live_hall
from websocket.closing import Close
from websocket.frames import Resume
from websocket.hub import Hub, open_hub
from websocket.live_hall import LiveHall
from websocket.viewers import Viewer
from websocket.views import About


async def test_a_display_gets_a_snapshot_and_then_every_event(place: Place, url: str) -> None:
    await place.issue(3)

    async with dial(url) as client:
        [snapshot] = await heard(client, 1)
        await place.say(place.line.move("called"))
        [event] = await heard(client, 1)

    assert (snapshot["type"], snapshot["epoch"], snapshot["version"]) == ("snapshot", "1", 3)
    assert snapshot["state"]["waiting"] == {"sim": 3, "bill": 0}
    assert (event["type"], event["version"], event["name"]) == ("event", 4, "ticket.called")
    assert event["data"]["number"] == "A001"
    assert event["data"]["board"]["waiting"] == {"sim": 2, "bill": 0}


async def test_what_was_announced_in_one_moment_has_one_board(place: Place, hub: Hub, url: str) -> None:
    """Who is behind catches up: to make the board costs what a long line is long."""
    await place.issue(3)

    async with dial(url) as client:
        await heard(client, 1)
        for _ in range(3):
            hub.hear(place.message(place.line.issue()))
        events = await heard(client, 3)

    assert [event["version"] for event in events] == [4, 5, 6]
    assert [event["data"]["board"]["waiting"]["sim"] for event in events] == [6, 6, 6]


async def test_versions_rise_by_one_from_the_snapshot_on_while_people_keep_coming(place: Place, url: str) -> None:
    crowd = asyncio.create_task(_crowd(place, 200))

    async with dial(url) as early, dial(url) as late:
        await asyncio.gather(_follow(early, 200), _follow(late, 200))
    await crowd

    assert place.line.version == 200


async def test_a_hall_that_can_not_be_looked_at_stays_as_it_is(
    place: Place, hub: Hub, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dial(url) as client:
        await heard(client, 1)
        monkeypatch.setattr(Place, "about", property(sql_is_away), raising=False)

        await hub.look_after()
        await hub.beat(hears=True)
        [frame] = await heard(client, 1)

    assert frame["type"] == "heartbeat"


async def test_displays_have_their_heartbeats_though_nobody_says_for_long_how_a_hall_is(
    place: Place, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that hangs is given some seconds for each hall: of a few halls that is longer than displays wait."""
    client = await listener_of(redis_url)()
    pair = RedisPair(client, client, redis_url)
    monkeypatch.setattr(hub_module, "BEAT_S", 0.05)

    opened = open_hub(pair, system_clock, place.sources(), nobody_ends)
    async with opened as hub, serving(display(hub)) as url, dial(url) as screen:
        await heard(screen, 2)
        monkeypatch.setattr(LiveHall, "refresh", hangs)
        frames = await heard(screen, 5)

    assert {frame["type"] for frame in frames} == {"heartbeat"}
    await client.aclose()


async def hangs(_live: LiveHall) -> None:
    await asyncio.Event().wait()


async def nobody_ends(_viewers: Collection[Viewer]) -> Mapping[Viewer, Close]:
    return {}


def sql_is_away(_place: Place) -> About:
    raise ConnectionError("SQL is away")


async def _crowd(place: Place, count: int) -> None:
    for _ in range(count // 2):
        await place.say(place.line.issue(), place.line.issue("bill"))
        await asyncio.sleep(0.005)


async def _follow(client: ClientConnection, last: int) -> None:
    [frame] = await heard(client, 1)
    version = frame["version"]
    while version < last:
        [frame] = await heard(client, 1)
        assert (frame["type"], frame["version"]) == ("event", version + 1)
        version = frame["version"]


async def test_a_new_epoch_shows_everybody_a_snapshot(place: Place, url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)
        await place.new_epoch()
        [snapshot] = await heard(client, 1)
        await place.issue()
        [event] = await heard(client, 1)

    assert (snapshot["type"], snapshot["epoch"]) == ("snapshot", "2")
    assert (event["epoch"], event["version"]) == ("2", 1)


async def test_an_event_of_an_ended_epoch_is_no_news(place: Place, url: str) -> None:
    late = place.line.issue()
    async with dial(url) as client:
        await heard(client, 1)
        await place.new_epoch()
        await heard(client, 1)

        await place.publish({"hall": "heping", "epoch": 1, "events": [late]})
        await place.issue()
        [event] = await heard(client, 1)

    assert (event["epoch"], event["version"]) == ("2", 2)


async def test_a_gap_is_mended_by_one_snapshot_for_all(place: Place, url: str) -> None:
    async with dial(url) as one, dial(url) as other:
        await asyncio.gather(heard(one, 1), heard(other, 1))
        place.line.issue()  # Nobody is told.
        await place.issue(3)
        frames = await asyncio.gather(heard(one, 1), heard(other, 1))

    assert [(frame["type"], frame["version"]) for [frame] in frames] == [("snapshot", 4), ("snapshot", 4)]
    assert place.pictures_read == 2


async def test_at_most_one_picture_a_second_is_read_however_many_gaps_there_are(
    place: Place, hub: Hub, url: str
) -> None:
    async with dial(url) as client:
        await heard(client, 1)
        for _ in range(20):
            hub.look_again()
            await asyncio.sleep(0.05)

    assert place.pictures_read <= 3


async def test_all_that_come_at_once_share_one_picture(place: Place, url: str) -> None:
    await come_at_once(url)

    assert place.pictures_read == 1


async def test_each_that_comes_has_one_read_without_sharing(
    place: Place, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    join = LiveHall.join

    async def read_and_join(live: LiveHall, viewer: Viewer, resume: Resume | None) -> None:
        await join(live, viewer, resume)
        live.read()

    monkeypatch.setattr(LiveHall, "join", read_and_join)
    monkeypatch.setattr(live_hall, "BETWEEN_READS_S", 0)
    await come_at_once(url)

    assert place.pictures_read > 1


async def come_at_once(url: str) -> None:
    async def come() -> None:
        async with dial(url) as client:
            await heard(client, 1)

    await asyncio.gather(*(come() for _ in range(50)))


async def test_displays_hear_no_heartbeat_while_the_hub_is_deaf(place: Place, hub: Hub, url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)

        await hub.beat(hears=False)
        await hub.beat(hears=True)
        [frame] = await heard(client, 1)

    assert frame == {"type": "heartbeat", "epoch": "1", "version": 0}


async def test_a_hall_that_closes_shows_it_without_an_event(place: Place, hub: Hub, url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)

        place.closes()
        await hub.look_after()
        [frame] = await heard(client, 1)

    assert (frame["type"], frame["version"], frame["state"]["open"]) == ("snapshot", 0, False)


async def test_a_message_that_is_no_json_makes_the_hub_look_again(place: Place, hub: Hub, url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)
        place.line.issue()

        await place.redis.publish("o2o:announce", b"nonsense")

        [frame] = await heard(client, 1)
    assert frame["version"] == 1


async def test_a_new_day_is_shown_to_everybody_whole(place: Place, url: str) -> None:
    await place.issue(1)
    await place.say(place.line.move("called"))

    async with dial(url) as client:
        await heard(client, 1)
        await place.say(place.line.new_day())
        event, snapshot = await heard(client, 2)

    assert (event["name"], event["version"]) == ("hall.changed", 3)
    assert (snapshot["type"], snapshot["version"], snapshot["state"]["calls"]) == ("snapshot", 3, [])


async def test_a_changed_hall_is_shown_at_once(place: Place, url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)
        place.closes()
        await place.say(place.line.take("c1", "t1"))
        event, snapshot = await heard(client, 2)

    assert (event["name"], event["version"]) == ("hall.changed", 1)
    assert (snapshot["type"], snapshot["version"], snapshot["state"]["open"]) == ("snapshot", 1, False)
