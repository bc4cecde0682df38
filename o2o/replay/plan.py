"""What one queue's day asks of the service, act by act. Pure: the same day and seed give the same plan."""

import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from o2o.replay.moments import Moments, moments_of
from o2o.replay.recording import QueueDay

# Who turns back at once was hardly there: only those who waited this long leave before they are called.
_PATIENCE_S: Final = 300.0
_BACK_AFTER_S: Final = 600.0


class Fate(StrEnum):
    """How a person's visit goes, as the seed has it."""

    SERVED = "served"
    ABSENT = "absent"
    RETURNED = "returned"
    DEFERRED = "deferred"
    LEFT = "left"


class Kind(IntEnum):
    """What happens; of acts at one moment the lower comes first."""

    OPEN = 0
    ARRIVE = 1
    LEAVE = 2
    CALL = 3
    PUT_BACK = 4
    CALL_AGAIN = 5
    CLOSE = 6


@dataclass(frozen=True, slots=True)
class Shares:
    """Which share of the people does what; the recording cannot tell, so a seed decides."""

    absent: float = 0.04
    returned: float = 0.02
    deferred: float = 0.02
    left: float = 0.03
    phone: float = 0.3


@dataclass(frozen=True, slots=True)
class Person:
    fate: Fate
    phone: bool


@dataclass(frozen=True, slots=True)
class Act:
    """`who` is a person's place in `QueuePlan.people` or a counter's place among the queue's counters."""

    at: float
    kind: Kind
    who: int = 0
    serving_s: float = 0.0


@dataclass(frozen=True, slots=True)
class QueuePlan:
    day: QueueDay
    people: tuple[Person, ...]
    counters: int
    acts: tuple[Act, ...]


def plan_queue(day: QueueDay, *, seed: int, shares: Shares) -> QueuePlan:
    moments = moments_of(day)
    # Seeded, so that a run can be repeated; nothing secret hangs on it.
    chance = random.Random(f"{seed} {day.hall} {day.date} {day.queue}")  # noqa: S311
    people = tuple(_person(moments, number, chance, shares) for number in range(len(moments.arrivals)))
    acts = [*_counter_acts(moments), *_people_acts(moments, people)]
    acts.sort(key=lambda act: (act.at, act.kind))
    return QueuePlan(day, people, moments.most_counters, tuple(acts))


def _person(moments: Moments, number: int, chance: random.Random, shares: Shares) -> Person:
    draw, phone = chance.random(), chance.random() < shares.phone
    if number >= len(moments.calls):
        return Person(Fate.SERVED, phone)
    waited = moments.calls[number] - moments.arrivals[number]
    bounds = (
        (Fate.ABSENT, shares.absent),
        (Fate.RETURNED, shares.returned),
        (Fate.DEFERRED, shares.deferred),
        (Fate.LEFT, shares.left if waited >= _PATIENCE_S else 0.0),
    )
    for fate, share in bounds:
        if draw < share:
            return Person(fate, phone)
        draw -= share
    return Person(Fate.SERVED, phone)


def _counter_acts(moments: Moments) -> Iterator[Act]:
    open_now = 0
    for at, count in moments.counters:
        for counter in range(open_now, count):
            yield Act(at, Kind.OPEN, counter)
        for counter in range(open_now, count, -1):
            yield Act(at, Kind.CLOSE, counter - 1)
        open_now = count


def _people_acts(moments: Moments, people: tuple[Person, ...]) -> Iterator[Act]:
    for number, arrived in enumerate(moments.arrivals):
        yield Act(arrived, Kind.ARRIVE, number)
    for number, called in enumerate(moments.calls):
        serving_s = _serving_s(moments, number)
        match people[number].fate:
            case Fate.LEFT:
                yield Act((moments.arrivals[number] + called) / 2, Kind.LEAVE, number)
            case Fate.RETURNED | Fate.DEFERRED:
                yield Act(called, Kind.CALL, number, serving_s)
                later = _call_after(moments, number)
                yield Act(later, Kind.PUT_BACK, number)
                yield Act(later, Kind.CALL_AGAIN, number, serving_s)
            case Fate.SERVED | Fate.ABSENT:
                yield Act(called, Kind.CALL, number, serving_s)


def _call_after(moments: Moments, number: int) -> float:
    """Give the moment of a later call: there a counter is open for certain."""
    later = bisect_left(moments.calls, moments.calls[number] + _BACK_AFTER_S)
    return moments.calls[min(later, len(moments.calls) - 1)]


def _serving_s(moments: Moments, number: int) -> float:
    """Give how long the counters that stood open could take, at the pace of the calls around this one."""
    called = moments.calls[number]
    upcoming = moments.calls[min(number + 1, len(moments.calls) - 1)]
    place = bisect_left(moments.counters, (called, 0)) - 1
    counters = moments.counters[max(place, 0)][1]
    return min(max((upcoming - called) * max(counters, 1) * 0.8, 20.0), 900.0)
