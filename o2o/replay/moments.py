"""From snapshots to moments: when people came, when they were called, how many counters stood open."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from o2o.replay.recording import MOST_CALLS_BETWEEN_SNAPSHOTS, QueueDay, Snapshot

# What lies before the first snapshot is placed in the five minutes before it, the recording's usual distance.
_USUAL_MINUTES: Final = 5


@dataclass(frozen=True, slots=True)
class Moments:
    """Seconds since midnight, in order. `counters` says from when on how many stood open."""

    arrivals: tuple[float, ...]
    calls: tuple[float, ...]
    counters: tuple[tuple[float, int], ...]

    @property
    def most_counters(self) -> int:
        return max((count for _, count in self.counters), default=0)


@dataclass(frozen=True, slots=True)
class _Interval:
    start: float
    end: float
    arrivals: int
    calls: int
    counters: int


def moments_of(day: QueueDay) -> Moments:
    """Place what happened between two snapshots evenly in between.

    People called are the step of the last number; people who came are that step and the change of those who
    wait. A fall of those who wait that no call explains is not believed: whoever left unseen is called too.
    """
    intervals = list(_intervals(day.snapshots))
    counters: list[tuple[float, int]] = []
    for interval in intervals:
        if not counters or counters[-1][1] != interval.counters:
            counters.append((interval.start, interval.counters))
    return Moments(
        arrivals=tuple(moment for one in intervals for moment in _evenly(one, one.arrivals)),
        calls=tuple(moment for one in intervals for moment in _evenly(one, one.calls)),
        counters=tuple(counters),
    )


def _intervals(snapshots: tuple[Snapshot, ...]) -> Iterator[_Interval]:
    arrived = called = 0
    last: int | None = None
    starts = [snapshots[0].minute - _USUAL_MINUTES, *(one.minute for one in snapshots)]
    for (start, _), snapshot in zip(pairwise(starts), snapshots, strict=True):
        calls = _step(last, snapshot.last)
        called += calls
        present = max(arrived, called + snapshot.waiting)
        # Calls were made, so somebody stood at a counter, whatever the recording says.
        counters = max(snapshot.counters, 1 if calls else 0)
        yield _Interval(start * 60.0, snapshot.minute * 60.0, present - arrived, calls, counters)
        arrived = present
        last = last if snapshot.last is None else snapshot.last


def _step(before: int | None, now: int | None) -> int:
    if now is None:
        return 0
    if before is not None:
        return now - before
    # Numbers start at 1, 101, 501, 901: the first one seen tells how many were called before it. A higher one is
    # the middle of a series whose beginning was not recorded.
    since_base = now % 100
    return since_base if 0 < since_base <= MOST_CALLS_BETWEEN_SNAPSHOTS else 1


def _evenly(interval: _Interval, count: int) -> Iterator[float]:
    length = interval.end - interval.start
    return (interval.start + length * place / (count + 1) for place in range(1, count + 1))
