"""A hall's line as a list of tickets and a few numbers: what the service has to agree with, whatever happens to it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.booking.test_states import ALLOWED

ZONE = timedelta(hours=8)
PUT_BACK = timedelta(minutes=30)
PREFIXES = {"sim": "A", "bill": "B"}
COUNTERS = {"heping-1": ("sim", "bill"), "heping-2": ("bill",)}
AT_COUNTER = {"called", "serving"}
LIVE = {"waiting", *AT_COUNTER}


class RefusedError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class Ticket:
    number: str
    service: str
    phone: str | None
    day: date
    turn: Fraction
    state: str = "waiting"
    counter: str | None = None
    ended: datetime | None = None
    id: str = ""


@dataclass
class Hall:
    """`lost`: Redis knows nothing. A change's version is the turn of whoever joins the line by it."""

    capacity: int
    day: date
    version: int = 0
    lost: bool = True
    tickets: list[Ticket] = field(default_factory=list)
    clerks: dict[str, str] = field(default_factory=dict)
    serials: Counter[tuple[date, str]] = field(default_factory=Counter)
    moves: set[tuple[str, str]] = field(default_factory=set)

    def look(self, now: datetime) -> None:
        """What every command does first: the day turns over, by an event unless the hall is loaded into it."""
        today = (now + ZONE).date()
        self.version += not self.lost and self.day < today
        self.day, self.lost = today, False

    def take(self, service: str, phone: str | None) -> Ticket:
        if self.head_count >= self.capacity:
            raise RefusedError("hall_full")
        self._ensure_free(service, phone)
        self.serials[self.day, service] += 1
        self.version += 1
        number = f"{PREFIXES[service]}{self.serials[self.day, service]:03d}"
        self.tickets.append(Ticket(number, service, phone, self.day, Fraction(self.version)))
        return self.tickets[-1]

    def call(self, counter: str, chosen: Ticket | None) -> Ticket | None:
        if counter not in self.clerks:
            raise RefusedError("counter_closed")
        if self.at(counter):
            raise RefusedError("counter_busy")
        ticket = chosen or min(self.line(*COUNTERS[counter]), key=lambda one: one.turn, default=None)
        if ticket:
            self._move("call", ticket)
            ticket.counter = counter
        return ticket

    def act(self, action: str, ticket: Ticket, now: datetime) -> Ticket:
        self._move(action, ticket)
        ticket.ended = None if ticket.state in LIVE else now
        return ticket

    def requeue(self, ticket: Ticket, to: str, places: int, now: datetime) -> Ticket:
        self._ensure_allowed("requeue", ticket)
        if ticket.day != self.day or (ticket.ended and now - ticket.ended > PUT_BACK):
            raise RefusedError("put_back_too_late")
        if ticket.ended:
            self._ensure_free(ticket.service, ticket.phone)
        line, everybody = self.line(ticket.service), self.line(*PREFIXES)
        self.act("requeue", ticket, now)
        ticket.counter, ticket.turn = None, Fraction(self.version)
        if to == "first":
            ticket.turn = min([ticket.turn, *(one.turn for one in everybody)]) - 1
        if to == "places" and places < len(line):
            ticket.turn = (line[places - 1].turn + line[places].turn) / 2
        return ticket

    def open(self, counter: str, clerk: str) -> None:
        self.version += self.clerks.get(counter) != clerk
        self.clerks[counter] = clerk

    def close(self, counter: str) -> None:
        if self.at(counter):
            raise RefusedError("counter_busy")
        self.version += self.clerks.pop(counter, None) is not None

    def reset(self, now: datetime) -> None:
        for ticket in self.tickets:
            if ticket.day < self.day and ticket.state in LIVE:
                self.act("reset", ticket, now)

    def line(self, *services: str) -> list[Ticket]:
        waiting = [one for one in self.tickets if one.state == "waiting" and one.day == self.day]
        return sorted((one for one in waiting if one.service in services), key=lambda one: one.turn)

    def at(self, counter: str) -> str | None:
        """Which ticket the counter has."""
        return next((one.id for one in self.tickets if one.counter == counter and one.state in AT_COUNTER), None)

    @property
    def shown(self) -> Sequence[Ticket]:
        """Who is on the board: everybody live, and today's absent."""
        return [one for one in self.tickets if one.state in LIVE or (one.state, one.day) == ("no_show", self.day)]

    @property
    def head_count(self) -> int:
        return sum(one.state in LIVE and one.day == self.day for one in self.tickets)

    def _move(self, action: str, ticket: Ticket) -> None:
        self._ensure_allowed(action, ticket)
        self.moves.add((action, ticket.state))
        ticket.state = ALLOWED[action, ticket.state]
        self.version += 1

    def _ensure_allowed(self, action: str, ticket: Ticket) -> None:
        if (action, ticket.state) not in ALLOWED:
            raise RefusedError("wrong_state")

    def _ensure_free(self, service: str, phone: str | None) -> None:
        mine = [one for one in self.tickets if one.phone == phone and one.service == service and one.day == self.day]
        if phone and any(one.state in LIVE for one in mine):
            raise RefusedError("already_waiting")
