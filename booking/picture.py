"""A hall as everybody may see it, and the one reducer that carries a snapshot on by announced events. Pure.

A snapshot (`Picture.of_board`) and the events after it give the picture that a later snapshot gives; with each
event the version rises by one. Whatever does not follow (`GapError`) asks for a new snapshot.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from booking.order import Fairness, Order
from booking.schemas import PauseRow, ShareRow
from booking.states import HEADS, LIVE, TicketState
from booking.summary import read_summary
from halls.hall import Hall

CALLS_KEPT: Final = 20
CHANNEL: Final = "o2o:announce"
"""Where the events of every hall are published."""
_CALLS: Final = frozenset({"ticket.called", "ticket.recalled"})


class BoardTicket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"class_": "class"}):
    """A ticket's public row, as `schemas.TicketRow` describes it. Times are ms since 1970; `turn` orders the line."""

    id: str
    service: str
    state: TicketState
    day: str
    created_at: int
    version: int
    number: str
    class_: str
    claimed: str | None = None
    turn: float = 0.0
    bound: str | None = None
    remaining: str | None = None
    goods: str | None = None
    counter: str | None = None
    called_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    calls: int = 0


class BoardCounter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A counter's public row; `ticket` is the one it has called or serves."""

    id: str
    open: bool = False
    ticket: str | None = None
    clerk: str | None = None
    since: int | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"source": "from", "target": "to"}):
    """One announced event of a hall. `day` is there when the event begins a business day.

    `reason` says why a ticket goes before others, or what else the record keeps of the action.
    """

    version: int
    name: str
    at: int
    source: str | None = None
    target: str | None = None
    ticket: BoardTicket | None = None
    counter: BoardCounter | None = None
    share: ShareRow | None = None
    pause: PauseRow | None = None
    reason: str | None = None
    day: str | None = None


class Shown(NamedTuple):
    """How far a hall is announced."""

    epoch: int
    version: int


class GapError(Exception):
    """The event is not the one that follows: another epoch, or a version that is not the next."""


@dataclass(slots=True)
class Picture:
    """A hall at one version of one epoch.

    `calls` are the last ones, newest first; `shares` how many calls in a row went to the priority classes, by profile.
    """

    hall: str
    epoch: int
    version: int
    day: str
    tickets: dict[str, BoardTicket] = field(default_factory=dict)
    counters: dict[str, BoardCounter] = field(default_factory=dict)
    calls: list[BoardTicket] = field(default_factory=list)
    shares: dict[str, int] = field(default_factory=dict)
    pause: PauseRow | None = None

    @classmethod
    def of_board(
        cls, hall: str, summary: Mapping[bytes, bytes], board: Mapping[bytes, bytes], calls: Sequence[bytes]
    ) -> "Picture":
        """Read the picture that a hall's committed board shows (`t:<ticket>` and `c:<counter>`, rows in JSON)."""
        epoch, version, day = (summary[name].decode() for name in (b"epoch", b"version", b"day"))
        picture, seen = cls(hall, int(epoch), int(version), day), read_summary(summary)
        picture.shares, picture.pause = dict(seen.shares), seen.pause
        for key, row in board.items():
            if key.startswith(b"t:"):
                picture._show(_ticket.decode(row))
            else:
                counter = _counter.decode(row)
                picture.counters[counter.id] = counter
        picture.calls = [_ticket.decode(row) for row in calls[:CALLS_KEPT]]
        return picture

    def apply(self, epoch: int, change: Change) -> None:
        """Carry the picture on by the event that follows; any other raises GapError and changes nothing."""
        if (epoch, change.version) != (self.epoch, self.version + 1):
            raise GapError(f"{epoch}.{change.version} does not follow {self.epoch}.{self.version}")
        if change.day:
            self._begin(change.day)
        if change.ticket:
            self._show(change.ticket)
            if change.name in _CALLS:
                self.calls = [change.ticket, *self.calls[: CALLS_KEPT - 1]]
        if change.counter:
            self.counters[change.counter.id] = change.counter
        if change.share:
            self.shares[change.share.profile] = change.share.calls
        if change.pause:
            self.pause = change.pause if change.pause.issuing or change.pause.calling else None
        self.version = change.version

    def knows(self, epoch: int, version: int) -> bool:
        """Whether that is no news: this version or one before it, or an epoch that has ended."""
        return (epoch, version) <= (self.epoch, self.version)

    def order(self, hall: Hall, now: int) -> Order[BoardTicket]:
        """Say who would be called before whom by the hall's rules; `now` in ms since 1970."""
        return Order(hall, self._waiting(), Fairness.of(hall.rules, self.day, now), self.shares, self.open)

    @property
    def waiting(self) -> dict[str, int]:
        """How many wait, by service; a service where nobody waits is absent."""
        return dict(Counter(row.service for row in self._waiting()))

    @property
    def open(self) -> set[str]:
        """The counters that are open."""
        return {counter.id for counter in self.counters.values() if counter.open}

    @property
    def parked(self) -> list[BoardTicket]:
        """Who is out of the line for a while, in the order of their turns."""
        parked = [row for row in self.tickets.values() if row.state is TicketState.PARKED]
        return sorted(parked, key=lambda row: (row.turn, row.id))

    @property
    def calling(self) -> list[BoardTicket]:
        """Who is called and has not come to the counter yet, the latest first."""
        called = [row for row in self.tickets.values() if row.state is TicketState.CALLED]
        return sorted(called, key=lambda row: (row.called_at or 0, row.version), reverse=True)

    @property
    def absent(self) -> list[BoardTicket]:
        """Today's no-shows, the latest first."""
        missed = [row for row in self.tickets.values() if row.state is TicketState.NO_SHOW]
        return sorted(missed, key=lambda row: row.version, reverse=True)

    @property
    def head_count(self) -> int:
        return sum(row.state in HEADS and row.day == self.day for row in self.tickets.values())

    def _begin(self, day: str) -> None:
        """Begin a business day: yesterday's calls and no-shows go now, its live tickets one by one."""
        self.day = day
        self.calls = []
        self.tickets = {key: row for key, row in self.tickets.items() if row.state is not TicketState.NO_SHOW}

    def _show(self, row: BoardTicket) -> None:
        if row.state in LIVE or (row.state is TicketState.NO_SHOW and row.day == self.day):
            self.tickets[row.id] = row
        else:
            self.tickets.pop(row.id, None)

    def _waiting(self) -> list[BoardTicket]:
        return [row for row in self.tickets.values() if row.state is TicketState.WAITING and row.day == self.day]


def is_looked_after(row: BoardTicket, counter: str, services: Collection[str]) -> bool:
    """Whether the counter of these services brings back who is parked or was not there: it serves them, or had them."""
    return row.service in services or row.counter == counter


_ticket: Final = msgspec.json.Decoder(BoardTicket)
_counter: Final = msgspec.json.Decoder(BoardCounter)
