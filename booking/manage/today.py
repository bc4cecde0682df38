"""A hall's day so far: who came, who was served and how long they waited, by half hours. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

HOUR_MS: Final = 3_600_000
SLOTS: Final = 2
"""So many slots has an hour."""
SLOT_MS: Final = HOUR_MS // SLOTS
FEWEST: Final = 4
MOST: Final = 24
"""A curve shows so many hours at least, and at most."""


class Visit(NamedTuple):
    """One ticket of the day; times in ms since 1970. `served` is to the end."""

    created_at: int
    called_at: int | None
    started_at: int | None
    ended_at: int | None
    served: bool


class Slot(NamedTuple):
    """Half an hour: how many came, how many were served, and the usual wait of those who were called in it."""

    start: int
    came: int
    served: int
    wait_ms: float | None


@dataclass(frozen=True, slots=True)
class Today:
    slots: Sequence[Slot]
    came: int
    served: int
    usual_wait_ms: float | None
    longest_wait_ms: int | None
    usual_serving_ms: float | None

    @property
    def busiest(self) -> Slot:
        return max(self.slots, key=lambda slot: slot.came)


def day_so_far(visits: Sequence[Visit], now: int) -> Today | None:
    """None while nobody has come."""
    if not visits:
        return None
    waits = [visit.called_at - visit.created_at for visit in visits if visit.called_at]
    servings = [one.ended_at - one.started_at for one in visits if one.served and one.started_at and one.ended_at]
    return Today(
        slots=_slots(visits, now),
        came=len(visits),
        served=sum(visit.served for visit in visits),
        usual_wait_ms=median(waits) if waits else None,
        longest_wait_ms=max(waits, default=None),
        usual_serving_ms=median(servings) if servings else None,
    )


def _slots(visits: Sequence[Visit], now: int) -> list[Slot]:
    came = Counter(visit.created_at // SLOT_MS for visit in visits)
    served = Counter(visit.ended_at // SLOT_MS for visit in visits if visit.served and visit.ended_at)
    waits: defaultdict[int, list[int]] = defaultdict(list)
    for visit in visits:
        if visit.called_at:
            waits[visit.called_at // SLOT_MS].append(visit.called_at - visit.created_at)
    return [
        Slot(slot * SLOT_MS, came[slot], served[slot], median(waits[slot]) if slot in waits else None)
        for slot in _span(min(visit.created_at for visit in visits), now)
    ]


def _span(first: int, now: int) -> range:
    """From the full hour before the first visit to the end of the one that is running."""
    start, end = first // HOUR_MS, now // HOUR_MS + 1
    start = max(start, end - MOST)
    return range(start * SLOTS, max(end, start + FEWEST) * SLOTS)
