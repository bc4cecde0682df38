"""A hall's line as a list of tickets and a few numbers: what the service has to agree with, whatever happens to it.

It decides naively: whom a counter calls by looking at everybody, how many are ahead by calling them all in thought.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from tests.booking.test_states import ALLOWED

ZONE = timedelta(hours=8)
PUT_BACK = timedelta(minutes=30)
LONGEST_WAIT_MS = 60 * 60_000
PRIORITY_CALLS = 2
PREFIXES = {"sim": "A", "bill": "B"}
COUNTERS = {"heping-1": ("sim", "bill"), "heping-2": ("bill",)}
AT_COUNTER = {"called", "serving"}
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
HEADS = {"waiting", *AT_COUNTER}
LIVE = {*HEADS, "parked"}


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
    age: Fraction
    turn: Fraction
    class_: str = "standard"
    remaining: tuple[str, ...] = ()
    state: str = "waiting"
    bound: str | None = None
    counter: str | None = None
    ended: datetime | None = None
    id: str = ""


@dataclass
class Hall:
    """`lost`: Redis knows nothing. `now`: ms since the day's midnight in UTC, as turns are."""

    capacity: int
    day: date
    now: Fraction = Fraction(0)
    last_turn: Fraction | None = None
    version: int = 0
    lost: bool = True
    paused: set[str] = field(default_factory=set)
    tickets: list[Ticket] = field(default_factory=list)
    clerks: dict[str, str] = field(default_factory=dict)
    serials: Counter[tuple[date, str]] = field(default_factory=Counter)
    priority_calls: Counter[tuple[str, ...]] = field(default_factory=Counter)
    moves: set[tuple[str, str]] = field(default_factory=set)

    def look(self, now: datetime) -> None:
        """What every command does first: the day turns over, by an event unless the hall is loaded into it."""
        today = (now + ZONE).date()
        if self.day < today or self.lost:
            self.version += not self.lost and self.day < today
            live = [one.turn for one in self.tickets if one.state in LIVE and one.day == today]
            self.last_turn = max(live, default=None)
        self.day, self.lost = today, False
        self.tell_time(now)

    def tell_time(self, now: datetime) -> None:
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        self.now = Fraction((now - midnight) // timedelta(milliseconds=1))

    def take(self, service: str, phone: str | None, class_: str, remaining: tuple[str, ...]) -> Ticket:
        self._ensure_going_on("issuing")
        if self.head_count >= self.capacity:
            raise RefusedError("hall_full")
        self._ensure_free(service, phone)
        self.serials[self.day, service] += 1
        self.version += 1
        number = f"{PREFIXES[service]}{self.serials[self.day, service]:03d}"
        turn = self._join(self._last())
        self.tickets.append(Ticket(number, service, phone, self.day, turn, turn, class_, remaining))
        return self.tickets[-1]

    def call(self, counter: str, chosen: Ticket | None, clerk: str) -> Ticket | None:
        self._ensure_open(counter, clerk)
        self._ensure_going_on("calling")
        mine = self.at(counter)
        if mine and mine.state == "called":
            raise RefusedError("counter_busy")
        if chosen:
            self._ensure_today(chosen)
            self._ensure_allowed("call", chosen)
        if mine:
            self.complete(mine)
        ticket = chosen or self.next_of(counter)
        if ticket:
            self._move("call", ticket)
            ticket.counter, ticket.bound = counter, None
        return ticket

    def complete(self, ticket: Ticket, now: datetime | None = None) -> Ticket:
        self._ensure_allowed("complete", ticket)
        going_on = [n for n, one in enumerate(ticket.remaining) if not self._waits_already(one, ticket.phone, ticket)]
        if not going_on or ticket.day != self.day:
            return self.act("complete", ticket, now or BEFORE_ALL)
        ticket.service, *rest = ticket.remaining[going_on[0] :]
        ticket.remaining = tuple(rest)
        return self._send("transfer", ticket, lambda: ticket.age)

    def act(self, action: str, ticket: Ticket, now: datetime) -> Ticket:
        if action in {"park", "recall"}:
            self._ensure_today(ticket)
        self._move(action, ticket)
        ticket.ended = None if ticket.state in LIVE else now
        ticket.counter = None if action == "park" else ticket.counter
        return ticket

    def requeue(self, ticket: Ticket, to: str, places: int, now: datetime) -> Ticket:
        self._ensure_allowed("requeue", ticket)
        if ticket.day != self.day or (ticket.ended and now - ticket.ended > PUT_BACK):
            raise RefusedError("put_back_too_late")
        self._ensure_free(ticket.service, ticket.phone, ticket)
        turns = {"first": self._first, "last": self._last, "places": lambda: self._behind(ticket, None, places)}
        return self._send("requeue", ticket, turns[to])

    def transfer(self, ticket: Ticket, service: str | None, counter: str | None, position: str) -> Ticket:
        self._ensure_today(ticket)
        self._ensure_allowed("transfer", ticket)
        self._ensure_free(service or ticket.service, ticket.phone, ticket)
        if counter and counter not in self.clerks:
            raise RefusedError("counter_closed")
        ticket.service = service or ticket.service
        ticket.remaining = tuple(one for one in ticket.remaining if one != service)
        turns = {"first": self._first, "last": self._last, "age": lambda: ticket.age}
        return self._send("transfer", ticket, turns[position], counter)

    def unpark(self, ticket: Ticket) -> Ticket:
        self._ensure_today(ticket)
        bound = ticket.bound if ticket.bound in self.clerks else None
        return self._send("unpark", ticket, lambda: ticket.turn, bound)

    def postpone(self, ticket: Ticket, places: int) -> Ticket:
        self._ensure_today(ticket)
        self._ensure_allowed("postpone", ticket)
        ticket.turn = self._join(self._behind(ticket, ticket.turn, places))
        self._move("postpone", ticket)
        return ticket

    def classify(self, ticket: Ticket, class_: str) -> Ticket:
        self._ensure_today(ticket)
        self._move("classify", ticket)
        ticket.class_ = class_
        return ticket

    def open(self, counter: str, clerk: str, *, take_over: bool) -> None:
        if self.clerks.get(counter, clerk) != clerk and not take_over:
            raise RefusedError("counter_occupied")
        self.version += self.clerks.get(counter) != clerk
        self.clerks[counter] = clerk

    def close(self, counter: str, clerk: str) -> None:
        if counter not in self.clerks:
            return
        self._ensure_open(counter, clerk)
        if self.at(counter):
            raise RefusedError("counter_busy")
        for ticket in self.tickets:
            if ticket.bound == counter and ticket.state == "waiting" and ticket.day == self.day:
                self._move("transfer", ticket)
                ticket.bound = None
        del self.clerks[counter]
        self.version += 1

    def pause(self, what: set[str]) -> None:
        self.version += bool(what or self.paused)
        self.paused = what

    def reset(self, now: datetime) -> None:
        for ticket in self.tickets:
            if ticket.day < self.day and ticket.state in LIVE:
                self.act("reset", ticket, now)

    def next_of(self, counter: str) -> Ticket | None:
        """Whom the counter calls; counts the calls that go to the priority class while both wait."""
        line = [one for one in self.waiting if (one.bound or counter) == counter]
        mine = [one for one in line if one.bound or one.service in COUNTERS[counter]]
        standard, priority = [[one for one in mine if (one.class_ == "standard") == kind] for kind in (True, False)]
        if not (standard and priority):
            return min(mine, key=by_turn, default=None)
        first = min(mine, key=by_turn)
        if first.turn <= self.now - LONGEST_WAIT_MS:
            return first
        calls = self.priority_calls[COUNTERS[counter]]
        self.priority_calls[COUNTERS[counter]] = 0 if calls >= PRIORITY_CALLS else calls + 1
        return min(standard if calls >= PRIORITY_CALLS else priority, key=by_turn)

    def ahead(self, ticket: Ticket) -> int:
        """How many would be called before the ticket, at the counter where they are fewest."""
        serving = [name for name, services in COUNTERS.items() if ticket.service in services]
        callers = [ticket.bound] if ticket.bound else [name for name in serving if name in self.clerks] or serving
        return min(self._called_before(ticket, counter) for counter in callers)

    def at(self, counter: str) -> Ticket | None:
        """Which ticket the counter has."""
        return next((one for one in self.tickets if one.counter == counter and one.state in AT_COUNTER), None)

    @property
    def waiting(self) -> list[Ticket]:
        return [one for one in self.tickets if one.state == "waiting" and one.day == self.day]

    @property
    def shown(self) -> Sequence[Ticket]:
        """Who is on the board: everybody live, and today's absent."""
        return [one for one in self.tickets if one.state in LIVE or (one.state, one.day) == ("no_show", self.day)]

    @property
    def head_count(self) -> int:
        return sum(one.state in HEADS and one.day == self.day for one in self.tickets)

    def _called_before(self, ticket: Ticket, counter: str) -> int:
        """Call everybody in thought; others' counters keep whom only they call."""
        thought = copy(self)
        thought.priority_calls = self.priority_calls.copy()
        thought.tickets = [one for one in self.tickets if not one.bound or one.bound == ticket.bound]
        for called in range(len(self.tickets)):
            first = thought.next_of(counter)
            if first is ticket:
                return called
            thought.tickets = [one for one in thought.tickets if one is not first]
        raise AssertionError("nobody calls the ticket")

    def _send(self, action: str, ticket: Ticket, turn: Callable[[], Fraction], bound: str | None = None) -> Ticket:
        self._ensure_allowed(action, ticket)
        before, ticket.bound = ticket.state, bound
        ticket.state = "on its way"
        new = turn()
        ticket.state = before
        self._move(action, ticket)
        ticket.turn = self._join(new)
        ticket.counter, ticket.ended = None, None
        return ticket

    def _join(self, turn: Fraction) -> Fraction:
        self.last_turn = max(turn, turn if self.last_turn is None else self.last_turn)
        return turn

    def _last(self) -> Fraction:
        return self.now if self.last_turn is None else max(self.now, self.last_turn + Fraction(1, 1000))

    def _first(self) -> Fraction:
        return min([self.now - LONGEST_WAIT_MS, *(one.turn for one in self.waiting)]) - 1

    def _behind(self, ticket: Ticket, turn: Fraction | None, places: int) -> Fraction:
        """Between the next `places` people of the class behind `turn` and the one after them."""
        together = ("sim", "bill") if ticket.service == "sim" else ("bill",)
        mine = [one for one in self.waiting if one.class_ == ticket.class_ and one.bound == ticket.bound]
        line = sorted(one.turn for one in mine if ticket.bound or one.service in together)
        behind = [other for other in line if turn is None or other > turn]
        return (behind[places - 1] + behind[places]) / 2 if places < len(behind) else self._last()

    def _move(self, action: str, ticket: Ticket) -> None:
        self._ensure_allowed(action, ticket)
        self.moves.add((action, ticket.state))
        ticket.state = ALLOWED[action, ticket.state]
        self.version += 1

    def _ensure_allowed(self, action: str, ticket: Ticket) -> None:
        if (action, ticket.state) not in ALLOWED:
            raise RefusedError("wrong_state")

    def _ensure_today(self, ticket: Ticket) -> None:
        if ticket.day != self.day:
            raise RefusedError("wrong_state")

    def _ensure_open(self, counter: str, clerk: str) -> None:
        if counter not in self.clerks:
            raise RefusedError("counter_closed")
        if self.clerks[counter] != clerk:
            raise RefusedError("counter_occupied")

    def _ensure_going_on(self, what: str) -> None:
        if what in self.paused:
            raise RefusedError("hall_paused")

    def _ensure_free(self, service: str, phone: str | None, besides: Ticket | None = None) -> None:
        if self._waits_already(service, phone, besides):
            raise RefusedError("already_waiting")

    def _waits_already(self, service: str, phone: str | None, besides: Ticket | None) -> bool:
        mine = [one for one in self.tickets if one.phone == phone and one.service == service and one.day == self.day]
        return phone is not None and any(one.state in LIVE and one is not besides for one in mine)


def by_turn(ticket: Ticket) -> tuple[Fraction, str]:
    return ticket.turn, ticket.id
