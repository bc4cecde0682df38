"""A hall that somebody watches is kept, and one that nobody watches is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override

from booking.picture import Picture
from tests.websocket.places import Place, dial, heard, serving, until, watching
from websocket.conversation import Admission
from websocket.hub import IDLE_S, Hub
from websocket.live_hall import LiveHall
from websocket.outbox import Outbox
from websocket.share import Share
from websocket.viewers import HallViewer


class Patient(HallViewer):
    """A display that is on its way in for as long as the test wants it to be; which hall it was shown."""

    def __init__(self, outbox: Outbox, shown: list[LiveHall], go_on: asyncio.Event, coming: asyncio.Event) -> None:
        super().__init__("heping", outbox)
        self._shown, self._go_on, self._coming = shown, go_on, coming

    @override
    async def prepare(self, picture: Picture) -> None:
        self._coming.set()
        await self._go_on.wait()

    @override
    def show(self, live: LiveHall) -> None:
        self._shown.append(live)
        super().show(live)


@pytest.mark.parametrize("idle", [2 * IDLE_S, 0.0])
async def test_a_hall_that_nobody_watches_is_forgotten_after_a_while(place: Place, hub: Hub, idle: float) -> None:
    async with patient_displays(hub) as (url, shown, _, _):
        await look_in(url, shown)
        shown[0].idle_since -= idle

        await hub.look_after()
        await look_in(url, shown)

    assert place.pictures_read == (2 if idle else 1)


async def test_a_hall_is_not_forgotten_while_somebody_is_on_the_way_in(place: Place, hub: Hub) -> None:
    async with patient_displays(hub) as (url, shown, go_on, coming):
        await look_in(url, shown)
        shown[0].idle_since -= 2 * IDLE_S
        go_on.clear()
        coming.clear()

        async with dial(f"{url}/?since=") as client:
            await coming.wait()
            await hub.look_after()
            go_on.set()
            await heard(client, 1)
            await place.issue()
            [event] = await heard(client, 1)

    assert event["name"] == "ticket.issued"


async def test_a_hall_that_has_had_its_share_waits_and_takes_in_together_what_has_come(
    place: Place, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dial(f"{url}/?since=") as client:
        await heard(client, 1)
        times = []
        monkeypatch.setattr(Share, "wait_s", lambda *_: 1.0)
        monkeypatch.setattr(Share, "worked", lambda *_: times.append(1))

        await place.issue(3)
        events = await heard(client, 3)

    assert [event["version"] for event in events] == [1, 2, 3]
    assert times == [1]


async def look_in(url: str, shown: list[LiveHall]) -> None:
    """Come, see the hall, and go."""
    async with dial(f"{url}/?since=") as client:
        await heard(client, 1)
    await until(lambda: not shown[-1].viewers)


@asynccontextmanager
async def patient_displays(
    hub: Hub,
) -> AsyncIterator[tuple[str, list[LiveHall], asyncio.Event, asyncio.Event]]:
    shown: list[LiveHall] = []
    go_on, coming = asyncio.Event(), asyncio.Event()
    go_on.set()

    async def admit() -> Admission:
        return Admission("heping", lambda outbox: Patient(outbox, shown, go_on, coming))

    async with serving(watching(hub, admit)) as url:
        yield url, shown, go_on, coming
