"""Who is called before whom. Pure.

While only one kind of class waits, by turn. While both do: whoever has waited `longest_wait_minutes` goes first, by
turn; else `priority_calls` calls in a row go to the priority classes, then one to the standard class. The scripts
decide the same in booking/lua/order.lua; the tests play one against the other.

A turn is a time: milliseconds since the business day's midnight in UTC.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby, islice
from typing import Final, Generic, Protocol, TypeVar

from booking.profiles import Profile, profile_of, profiles_of, serving
from halls.hall import Hall
from halls.schemas import Rules

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
DAY_ZERO: Final = date(1970, 1, 1)


class Waiting(Protocol):
    """A ticket that waits."""

    @property
    def id(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def class_(self) -> str: ...
    @property
    def turn(self) -> float: ...
    @property
    def bound(self) -> str | None: ...


W = TypeVar("W", bound=Waiting)


@dataclass(frozen=True, slots=True)
class Fairness:
    """A hall's numbers at one moment. Whoever has a turn up to `overdue` has waited too long."""

    standard: str
    priority_calls: int
    overdue: float

    @classmethod
    def of(cls, rules: Rules, day: str, now: int) -> "Fairness":
        """`now` in ms since 1970; `day` the business day."""
        overdue = now - day_number(day) * DAY_MS - rules.longest_wait_minutes * MINUTE_MS
        return cls(rules.classes[0], rules.priority_calls, overdue)


@dataclass(slots=True)
class Kind:
    """How many of one kind of class wait, how many of them too long, and how many before somebody."""

    waiting: int = 0
    overdue: int = 0
    before: int = 0


def day_number(day: str) -> int:
    """Days since 1970: what turns are counted from, and the score by which yesterday's tickets are found."""
    return (date.fromisoformat(day) - DAY_ZERO).days


def people_before(mine: Kind, others: Kind, *, standard: bool, late: bool, rule: tuple[int, int]) -> int:
    """How many a counter would call before somebody of `mine`, if nobody else came.

    `late`: who asks is overdue. `rule`: how many priority calls in a row the hall wants, and how many there were.
    """
    if late:
        return mine.before + others.before
    k, calls = rule[0], min(rule)
    ahead = mine.before - mine.overdue
    # Of the others so many come in between: before each of the standard class k priority calls, less those that there
    # were; to the priority classes one standard call after every k of theirs.
    between = k - calls + ahead * k if standard else (calls + ahead) // k
    return mine.overdue + others.overdue + ahead + min(others.waiting - others.overdue, between)


def newcomer(standard: int, priority: int, rule: tuple[int, int]) -> int:
    """How many would be called before somebody of the standard class who came now."""
    return people_before(Kind(standard, 0, standard), Kind(priority), standard=True, late=False, rule=rule)


class Order(Generic[W]):
    """The order of calling in a hall as it is at one version.

    `shares` are priority calls in a row, by profile; `open` the counters that are open.
    """

    def __init__(
        self, hall: Hall, rows: Iterable[W], fairness: Fairness, shares: Mapping[str, int], open_: Collection[str]
    ) -> None:
        self._hall = hall
        self._rows = sorted(rows, key=lambda row: (row.turn, row.id))
        self._fairness = fairness
        self._shares = shares
        self._open = open_

    @cached_property
    def ahead(self) -> Mapping[str, int]:
        """How many would be called before each ticket, at the counter where they are fewest."""
        places = {profile.id: _places(self._merged(profile)) for profile in profiles_of(self._hall.counters)}
        callers = {service: self._callers(service) for service in {row.service for row in self._rows}}
        bound = {counter: _places(self.of_counter(counter)) for counter in {row.bound for row in self._rows} if counter}
        ahead = {}
        for row in self._rows:
            orders = [bound[row.bound]] if row.bound else [places[profile.id] for profile in callers[row.service]]
            known = [order[row.id] for order in orders if row.id in order]
            ahead[row.id] = min(known) if known else self._by_turn[row.id]
        return ahead

    def line(self, services: Collection[str], most: int | None = None) -> list[W]:
        """Who waits for these services, as they would be called: all, or the first `most`, which is much quicker."""
        found: dict[str, tuple[int, W]] = {}
        for service in services:
            for order in self._orders(service):
                for place, row in islice(order, most):
                    if row.id not in found or place < found[row.id][0]:
                        found[row.id] = place, row
        return [row for _place, row in sorted(found.values(), key=_by_place)[:most]]

    def of_counter(self, counter: str) -> list[W]:
        """Whom the counter would call, one after the other."""
        profile = profile_of(self._hall, counter)
        return list(self._merged(profile, counter)) if profile else []

    def _callers(self, service: str) -> list[Profile]:
        return callers(self._hall, service, self._open)

    def _orders(self, service: str) -> Iterator[Iterator[tuple[int, W]]]:
        """Each order in which people of the service are called: those of them in it, with how many are before them."""
        callers = self._callers(service)
        for profile in callers:
            yield ((place, row) for place, row in enumerate(self._merged(profile)) if row.service == service)
        mine = [row for row in self._rows if row.service == service]
        for counter in {row.bound for row in mine if row.bound}:
            line = self.of_counter(counter)
            yield ((place, row) for place, row in enumerate(line) if row.bound == counter and row.service == service)
        there = {counter.id for counter in self._hall.counters}
        yield ((self._by_turn[r.id], r) for r in mine if (r.bound not in there if r.bound else not callers))

    @cached_property
    def _by_turn(self) -> Mapping[str, int]:
        """For a service that no counter serves: how many have an earlier turn."""
        seen, before = Counter[str](), dict[str, int]()
        for _turn, rows in groupby(self._rows, key=lambda row: row.turn):
            same = list(rows)
            before |= {row.id: seen[row.service] for row in same}
            seen.update(row.service for row in same)
        return before

    def _merged(self, profile: Profile, counter: str | None = None) -> Iterator[W]:
        rows = [row for row in self._rows if (row.bound == counter if row.bound else row.service in profile.services)]
        standard = deque(row for row in rows if row.class_ == self._fairness.standard)
        priority = deque(row for row in rows if row.class_ != self._fairness.standard)
        calls = min(self._shares.get(profile.id, 0), self._fairness.priority_calls)
        while standard and priority:
            if min(standard[0].turn, priority[0].turn) <= self._fairness.overdue:
                first = standard if standard[0].turn <= priority[0].turn else priority
            elif calls >= self._fairness.priority_calls:
                first, calls = standard, 0
            else:
                first, calls = priority, calls + 1
            yield first.popleft()
        yield from standard or priority


def callers(hall: Hall, service: str, open_: Collection[str]) -> list[Profile]:
    """The profiles of the counters that may call from the service: of those that are open, of all while none is."""
    profiles = serving(hall, service)
    return [one for one in profiles if any(counter in open_ for counter in one.counters)] or profiles


def _places(order: Iterable[Waiting]) -> dict[str, int]:
    return {row.id: place for place, row in enumerate(order)}


def _by_place(found: tuple[int, Waiting]) -> tuple[int, float, str]:
    place, row = found
    return place, row.turn, row.id
