"""A client that was here before gets what it missed, or the whole when that is shorter."""

import json
from typing import Any

import pytest

from tests.websocket.places import Place, dial, heard
from websocket.hub import Hub


async def test_a_client_that_resumes_gets_only_what_it_missed(place: Place, url: str) -> None:
    await place.issue(5)
    async with dial(url) as client:
        await heard(client, 1)
        await place.issue(2)
        await heard(client, 2)

    async with dial(url) as client:
        await client.send(json.dumps({"type": "resume", "epoch": "1", "version": 3}))
        events = await heard(client, 4)

    assert [(event["type"], event["version"]) for event in events] == [("event", n) for n in (4, 5, 6, 7)]


async def test_who_says_in_its_address_what_it_has_gets_what_it_missed(place: Place, url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)
        await place.issue(5)
        await heard(client, 5)

    async with dial(f"{url}/?since=1.3") as client:
        events = await heard(client, 2)
        await place.issue()
        events += await heard(client, 1)

    assert [(event["type"], event["version"]) for event in events] == [("event", n) for n in (4, 5, 6)]


@pytest.mark.parametrize("since", ["", "0.3", "1.99", "2.3", f"{'9' * 19}.3"])
async def test_for_who_says_that_it_has_nothing_of_use_nobody_waits(
    place: Place, url: str, since: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("websocket.conversation.FIRST_FRAME_S", 3600)
    await place.issue(3)

    async with dial(f"{url}/?since={since}") as client:
        [frame] = await heard(client, 1)

    assert (frame["type"], frame["version"]) == ("snapshot", 3)


@pytest.mark.parametrize("query", ["", "?since=x", "?since=1", "?since=1.-3", "?since=1.3x", f"?since=1.{'9' * 20}"])
async def test_who_says_nothing_in_its_address_may_say_it_in_its_first_frame(
    place: Place, url: str, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("websocket.conversation.FIRST_FRAME_S", 3600)
    await place.issue(3)

    async with dial(f"{url}/{query}") as client:
        await client.send(json.dumps({"type": "resume", "epoch": "1", "version": 3}))
        [frame] = await heard(client, 1)

    assert (frame["type"], frame["version"]) == ("heartbeat", 3)


async def test_who_says_it_in_its_address_may_ask_again_as_anybody(place: Place, url: str) -> None:
    await place.issue(3)

    async with dial(f"{url}/?a=b&since=1.3") as client:
        [first] = await heard(client, 1)
        await client.send(json.dumps({"type": "resume"}))
        [second] = await heard(client, 1)

    assert [first["type"], second["type"]] == ["heartbeat", "snapshot"]


async def test_a_client_that_missed_nothing_is_told_so(place: Place, url: str) -> None:
    await place.issue(2)

    async with dial(url) as client:
        await client.send(json.dumps({"type": "resume", "epoch": "1", "version": 2}))
        [frame] = await heard(client, 1)

    assert frame == {"type": "heartbeat", "epoch": "1", "version": 2}


@pytest.mark.parametrize(
    "known",
    [{"epoch": "0", "version": 3}, {"epoch": "1", "version": 99}, {"epoch": "1", "version": -300}, {}],
    ids=["another epoch", "a version not reached", "too long ago", "nothing"],
)
async def test_what_can_not_be_resumed_begins_with_a_snapshot(place: Place, url: str, known: dict[str, Any]) -> None:
    await place.issue(3)

    async with dial(url) as client:
        await client.send(json.dumps({"type": "resume", **known}))
        [frame] = await heard(client, 1)

    assert (frame["type"], frame["version"]) == ("snapshot", 3)


async def test_what_no_event_told_while_a_client_was_away_begins_with_a_snapshot(
    place: Place, url: str, hub: Hub
) -> None:
    """The hall closes, or its code is replaced: no event says so, and a quiet hall has no next one for hours."""
    async with dial(url) as other:
        await heard(other, 1)
        await place.issue(3)
        await heard(other, 3)
        async with dial(url) as client:
            await heard(client, 1)
        place.closes()
        await hub.look_after()
        await heard(other, 1)

        async with dial(f"{url}/?since=1.3") as client:
            [frame] = await heard(client, 1)
        await place.issue()
        await heard(other, 1)
        async with dial(f"{url}/?since=1.4") as client:
            [later] = await heard(client, 1)

    assert (frame["type"], frame["state"]["open"]) == ("snapshot", False)
    assert later["type"] == "heartbeat"


async def test_a_client_may_ask_again_in_between(place: Place, url: str) -> None:
    await place.issue(3)

    async with dial(url) as client:
        await heard(client, 1)
        await client.send(json.dumps({"type": "resume", "epoch": "1", "version": 1}))
        events = await heard(client, 2)

    assert [event["version"] for event in events] == [2, 3]


async def test_a_client_that_slept_over_midnight_gets_a_snapshot(place: Place, url: str) -> None:
    await place.issue(1)
    async with dial(url) as client:
        await heard(client, 1)
        await place.say(place.line.new_day())
        await heard(client, 2)

    async with dial(url) as client:
        await client.send(json.dumps({"type": "resume", "epoch": "1", "version": 1}))
        [frame] = await heard(client, 1)

    assert (frame["type"], frame["version"]) == ("snapshot", 2)
