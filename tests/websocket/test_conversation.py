"""Who gets in, what a socket may say, and how it is sent away."""

import json
from collections.abc import AsyncIterator, Collection, Mapping

import pytest
from websockets.exceptions import InvalidStatus

from o2o.kernel.errors import ForbiddenError, NotFoundError, UnauthorizedError, UnavailableError
from tests.websocket.places import Place, close_code, dial, display, heard, serving, watching
from websocket.closing import Close
from websocket.conversation import Admission
from websocket.hub import Hub
from websocket.pairing_schemas import DeviceKind, Screen
from websocket.viewers import HallViewer, Viewer


async def admit_all() -> Admission:
    return Admission("heping", lambda outbox: HallViewer("heping", outbox))


async def admit_a_screen() -> Admission:
    screen = Screen("a-screen", DeviceKind.DISPLAY, "heping")
    return Admission("heping", lambda outbox: HallViewer("heping", outbox, screen))


async def everyone(viewers: Collection[Viewer]) -> Mapping[Viewer, Close]:
    return dict.fromkeys(viewers, Close.REVOKED)


@pytest.fixture
async def url(hub: Hub) -> AsyncIterator[str]:
    async with serving(display(hub)) as address:
        yield address


async def test_another_sites_page_gets_no_handshake(url: str, place: Place) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(url, origin="https://evil.example")

    assert refused.value.response.status_code == 403
    assert place.pictures_read == 0


async def test_another_sites_page_gets_in_without_the_check(hub: Hub) -> None:
    """The control of the test before: nothing else keeps a foreign page out."""
    unchecked = watching(hub, admit_all, base_url="https://evil.example")  # As if it were ours.

    async with serving(unchecked) as url, dial(url, origin="https://evil.example", additional_headers={}) as client:
        [frame] = await heard(client, 1)

    assert frame["type"] == "snapshot"


async def test_a_browser_may_not_hide_where_it_comes_from(url: str) -> None:
    with pytest.raises(InvalidStatus):
        await dial(url, additional_headers={"Cookie": "session=mine"})


async def test_our_own_page_gets_in(url: str) -> None:
    async with dial(url, origin=url.replace("ws", "http"), additional_headers={}) as client:
        assert len(await heard(client, 1)) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnauthorizedError("sign in"), Close.NO_RIGHT),
        (ForbiddenError("no"), Close.NO_RIGHT),
        (NotFoundError("none"), Close.NOT_FOUND),
        (UnavailableError("later", retry_after=1), Close.NOT_NOW),
        (RuntimeError("a fault of ours"), Close.NOT_NOW),
    ],
)
async def test_a_refusal_is_told_by_its_close_code(hub: Hub, error: Exception, code: Close) -> None:
    async def refuse() -> Admission:
        raise error

    async with serving(watching(hub, refuse)) as url, dial(url) as client:
        assert await close_code(client) == code


async def test_one_address_may_hold_only_so_many_sockets(hub: Hub) -> None:
    async with serving(display(hub, most=2)) as url, dial(url) as first, dial(url) as second:
        await heard(first, 1)
        await heard(second, 1)
        async with dial(url) as third:
            assert await close_code(third) == Close.TOO_MANY


async def test_a_seat_is_free_again_when_its_socket_has_gone(hub: Hub) -> None:
    async with serving(display(hub, most=1)) as url:
        for _ in range(3):
            async with dial(url) as client:
                assert (await heard(client, 1))[0]["type"] == "snapshot"


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        '{"version": 3}',
        '{"type": "resume", "version": "x"}',
        '{"type": "resume", "x": ' + "[" * 9_000,
        b"\x00",
    ],
)
async def test_nonsense_ends_the_socket(url: str, frame: str | bytes) -> None:
    async with dial(url) as client:
        await client.send(frame)
        assert await close_code(client) == Close.BAD_FRAME


async def test_an_unknown_kind_of_frame_is_ignored(url: str) -> None:
    async with dial(url) as client:
        await client.send(json.dumps({"type": "from a later version"}))
        assert (await heard(client, 1))[0]["type"] == "snapshot"


async def test_a_frame_of_more_than_64_kib_ends_the_socket(url: str) -> None:
    async with dial(url) as client:
        await heard(client, 1)
        await client.send(json.dumps({"type": "x" * 65_536}))
        assert await close_code(client) == 1009


async def test_a_hall_that_can_not_be_read_asks_to_come_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("websocket.live_hall.READY_S", 0.1)
    hub = Hub(place.without_pictures())

    async with serving(display(hub)) as url, dial(url) as client:
        assert await close_code(client) == Close.NOT_NOW
    await hub.close()


async def test_the_hubs_end_sends_everybody_away_to_come_back(place: Place) -> None:
    hub = Hub(place.sources())
    async with serving(display(hub)) as url, dial(url) as client:
        await heard(client, 1)
        await hub.close()
        assert await close_code(client) == Close.GOING_AWAY


async def test_the_servers_end_sends_everybody_away_to_come_back(hub: Hub) -> None:
    async with serving(display(hub)) as url:
        client = await dial(url)
        await heard(client, 1)

    assert await close_code(client) == Close.GOING_AWAY


async def test_uvicorn_alone_would_say_something_else(hub: Hub) -> None:
    """The control of the test before."""
    async with serving(display(hub), ws="websockets-sansio") as url:
        client = await dial(url)
        await heard(client, 1)

    assert await close_code(client) == 1012


async def test_a_right_that_has_ended_closes_the_socket_for_good(hub: Hub) -> None:
    async with serving(watching(hub, admit_a_screen)) as url, dial(url) as client:
        await heard(client, 1)

        await hub.recheck(everyone)

        assert await close_code(client) == Close.REVOKED


@pytest.mark.parametrize("ws", ["websocket.server:SocketProtocol", "websockets-sansio"])
async def test_a_client_is_answered_whenever_it_asks_again(hub: Hub, ws: str) -> None:
    async with serving(display(hub), ws) as url, dial(url) as client:
        [seen] = await heard(client, 1)
        for _time in range(3):
            await client.send(json.dumps({"type": "resume", "epoch": seen["epoch"], "version": seen["version"]}))
            assert (await heard(client, 1))[0]["type"] == "heartbeat"
