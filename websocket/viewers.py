"""Who watches a hall: one viewer a socket, each with its own view. `live` is the hall at its present version."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from typing_extensions import override

from booking import shown
from booking.picture import BoardTicket, Change, Picture
from booking.schemas import TicketRow
from booking.states import LIVE
from staff.schemas import Staff
from websocket import frames, views
from websocket.outbox import Outbox
from websocket.pairing_schemas import Screen

if TYPE_CHECKING:
    from websocket.live_hall import LiveHall

_encode = msgspec.json.Encoder().encode


CountServed = Callable[[str, int], Awaitable[int]]
"""Says how many tickets of the day a counter had served when its hall was at the version."""

ReadTicket = Callable[[], Awaitable[tuple[TicketRow, int | None]]]
"""Gives the ticket as SQL has it, and how many wait before it."""


class Counter(NamedTuple):
    hall: str
    id: str


class Viewer(ABC):
    """A socket's view of a hall. `holder` is whose right it is, where that can end before the socket does."""

    def __init__(self, hall: str, outbox: Outbox, holder: Staff | Screen | None = None) -> None:
        self.hall = hall
        self.outbox = outbox
        self.holder = holder

    async def prepare(self, picture: Picture) -> None:  # noqa: B027 - most views need no more than the picture
        """Read what the view needs beside the picture; before each snapshot of a newly read picture."""

    @abstractmethod
    def show(self, live: "LiveHall") -> None:
        """Send a snapshot."""

    @abstractmethod
    def tell(self, live: "LiveHall", events: Sequence[frames.EventFrame]) -> None:
        """Send the events, the last of which brought the hall to its present version."""


class HallViewer(Viewer):
    """A display or a dashboard."""

    @override
    def show(self, live: "LiveHall") -> None:
        self.outbox.put(live.made.snapshot())

    @override
    def tell(self, live: "LiveHall", events: Sequence[frames.EventFrame]) -> None:
        for event in events:
            self.outbox.put(live.made.board_event(event))


class CounterViewer(Viewer):
    """A clerk at a counter."""

    def __init__(self, counter: Counter, outbox: Outbox, holder: Staff, count_served: CountServed) -> None:
        super().__init__(counter.hall, outbox, holder)
        self.counter = counter.id
        self._count_served = count_served
        self._served = 0
        self._as_of = 0

    @override
    async def prepare(self, picture: Picture) -> None:
        version = picture.version
        self._served = await self._count_served(picture.day, version)
        self._as_of = version

    @override
    def show(self, live: "LiveHall") -> None:
        self._note(live.recent)
        state = views.counter_state(live.about, live.picture, live.made.order, (self.counter, self._served))
        self.outbox.put(frames.snapshot(live.picture, state))

    @override
    def tell(self, live: "LiveHall", events: Sequence[frames.EventFrame]) -> None:
        self._note(event.change for event in events)
        for event in events:
            self.outbox.put(live.made.counter_event(event, self.counter))

    def _note(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.version <= self._as_of:
                continue
            self._as_of = change.version
            if change.day:
                self._served = 0
            if change.name == "ticket.completed" and change.ticket and change.ticket.counter == self.counter:
                self._served += 1


class TicketViewer(Viewer):
    """A ticket's owner."""

    def __init__(self, row: TicketRow, outbox: Outbox, read: ReadTicket) -> None:
        super().__init__(row.hall, outbox)
        self._row: TicketRow | BoardTicket = row
        self._ahead: int | None = None
        self._read = read
        self._seen: views.Seen | None = None
        self._mine = b""

    @override
    async def prepare(self, picture: Picture) -> None:
        """Ask SQL about a ticket that the picture has not: it is at its end, or just being announced."""
        if self._row.id not in picture.tickets and self._row.state in LIVE:
            self._row, self._ahead = await self._read()

    @override
    def show(self, live: "LiveHall") -> None:
        self._note(live.recent)
        mine = views.ticket(live.about, live.picture, live.made.order, self._row, self._ahead)
        pause = frames.pause_data(live.picture.pause, live.about.zone)
        state = {"ticket": mine, "hall": live.about.card(), "pause": pause}
        self.outbox.put(frames.snapshot(live.picture, state))

    @override
    def tell(self, live: "LiveHall", events: Sequence[frames.EventFrame]) -> None:
        self._note(event.change for event in events)
        seen = views.seen_of(live.about, live.picture, live.made.order, self._row, self._ahead)
        if seen != self._seen:  # Most events of a hall move nobody who waits there.
            self._seen, self._mine = seen, _encode(shown.ticket(*seen))
        for event in events:
            self.outbox.put(event.with_members(yours=self._mine))

    def _note(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.ticket and change.ticket.id == self._row.id and change.version >= self._row.version:
                self._row = change.ticket
