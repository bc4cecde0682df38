"""A small stand-in for the announcing script: it moves a hall, and keeps what a snapshot at each version would be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from booking.picture import BoardCounter, BoardTicket, Change, Picture
from booking.schemas import PauseRow
from booking.states import LIVE, TicketState

SERVICES = ("sim", "bill")
COUNTERS = ("c1", "c2")
SOURCES = {
    "called": {TicketState.WAITING},
    "recalled": {TicketState.CALLED},
    "serving": {TicketState.CALLED},
    "completed": {TicketState.SERVING},
    "no_show": {TicketState.CALLED},
    "requeued": {TicketState.CALLED, TicketState.NO_SHOW},
    "left": {TicketState.WAITING, TicketState.CALLED},
    "reset": {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING},
}
TARGETS = {"called": "called", "recalled": "called", "requeued": "waiting"}


@dataclass
class Announcer:
    """A hall whose every version is remembered as the summary, the board and the calls that a snapshot reads."""

    hall: str = "heping"
    epoch: int = 1
    version: int = 0
    days: int = 1
    tickets: dict[str, BoardTicket] = field(default_factory=dict)
    counters: dict[str, BoardCounter] = field(default_factory=dict)
    calls: list[BoardTicket] = field(default_factory=list)
    paused: PauseRow | None = None
    kept: dict[tuple[int, int], tuple[str, dict[bytes, bytes], dict[bytes, bytes], list[bytes]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self._keep()

    @property
    def day(self) -> str:
        return f"2026-11-{self.days:02}"

    def issue(self, service: str = "sim") -> Change:
        number = self.version + 1
        row = BoardTicket(
            id=f"t{number}", number=f"A{number:03}", service=service, state=TicketState.WAITING, day=self.day,
            turn=number, created_at=number * 1000, version=number, class_="regular",
        )  # fmt: skip
        return self._record("ticket.issued", row)

    def move(self, action: str, nth: int = 0, counter: str = "c1") -> Change:
        """Take the action on one of the tickets that may take it; without one, someone takes a number."""
        able = [row for row in self.tickets.values() if row.state in SOURCES[action]]
        if not able:
            return self.issue()
        row, version = able[nth % len(able)], self.version + 1
        row = msgspec.structs.replace(row, state=TicketState(TARGETS.get(action, action)), version=version)
        if action in {"called", "recalled"}:
            row = msgspec.structs.replace(row, called_at=version * 1000, calls=row.calls + 1)
        if action == "called":
            row = msgspec.structs.replace(row, counter=counter)
        if action == "requeued":
            row = msgspec.structs.replace(row, turn=nth / 2, counter=None)
        return self._record(f"ticket.{action}", row)

    def open(self, counter: str, clerk: str = "staff:clerk1") -> Change:
        return self._record("counter.opened", None, BoardCounter(id=counter, open=True, clerk=clerk))

    def close(self, counter: str) -> Change:
        return self._record("counter.closed", None, BoardCounter(id=counter))

    def take(self, counter: str, ticket: str) -> Change:
        """Let the counter have the ticket: an event of the hall that says nothing else."""
        return self._record("hall.changed", None, BoardCounter(id=counter, open=True, ticket=ticket))

    def pause(self, message: str | None = None, *, calling: bool = True) -> Change:
        """Stop calling, or with `calling` false go on. `message` is JSON: the words in both languages."""
        at = (self.version + 1) * 1000
        self.paused = PauseRow(id=self.hall, issuing=False, calling=calling, message=message, since=at, actor="staff:m")
        return self._record("hall.paused" if calling else "hall.resumed", None)

    def new_day(self) -> Change:
        self.days += 1
        self.calls = []
        self.tickets = {key: row for key, row in self.tickets.items() if row.state in LIVE}
        return self._record("hall.changed", None, day=self.day)

    def new_epoch(self) -> None:
        self.epoch += 1
        self._keep()

    def snapshot(self, at: tuple[int, int] | None = None) -> Picture:
        """Read the picture as it was at (epoch, version); as it is, when no version is named."""
        return Picture.of_board(*self.kept[at or (self.epoch, self.version)])

    def _record(
        self,
        name: str,
        ticket: BoardTicket | None,
        counter: BoardCounter | None = None,
        day: str | None = None,
    ) -> Change:
        self.version += 1
        if ticket:
            self.tickets[ticket.id] = ticket
            if ticket.state not in LIVE and (ticket.state != "no_show" or ticket.day != self.day):
                del self.tickets[ticket.id]
            if name in {"ticket.called", "ticket.recalled"}:
                self.calls = [ticket, *self.calls][:20]
        if counter:
            self.counters[counter.id] = counter
        self._keep()
        pause = self.paused if name in {"hall.paused", "hall.resumed"} else None
        at = self.version * 1000
        return Change(version=self.version, name=name, at=at, ticket=ticket, counter=counter, pause=pause, day=day)

    def _keep(self) -> None:
        board = _rows(b"t:", self.tickets) | _rows(b"c:", self.counters)
        at = {"epoch": self.epoch, "version": self.version, "day": self.day}
        summary = {name.encode(): str(value).encode() for name, value in at.items()}
        if self.paused:
            summary[b"pause"] = msgspec.json.encode(self.paused)
        calls = [msgspec.json.encode(row) for row in self.calls]
        self.kept[self.epoch, self.version] = (self.hall, summary, board, calls)


def _rows(kind: bytes, rows: Mapping[str, BoardTicket | BoardCounter]) -> dict[bytes, bytes]:
    return {kind + key.encode(): msgspec.json.encode(row) for key, row in rows.items()}
