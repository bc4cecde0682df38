"""Finding halls. Who waits is known above; those numbers are passed in."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice, takewhile
from types import MappingProxyType
from typing import Final, NamedTuple

from halls.atlas import Atlas
from halls.hall import Hall
from halls.pause import Paused
from halls.position import Position
from halls.schemas import Estimate
from halls.search import has_all, words_of

NEARBY_M: Final = 50_000
"""Nobody goes further for a shorter line."""
NEARBY: Final = 20
"""Of so many halls around the load is looked at."""
WAY_M_PER_S: Final = 4.0
"""As the crow flies, by bicycle or bus: 15 km an hour."""
VISIT_S: Final = 240
"""A visit takes about so long, where nothing better is known."""


class Found(NamedTuple):
    hall: Hall
    distance_m: float | None


class Load(NamedTuple):
    """How busy a hall is now; a service that is not named has nobody waiting and an estimate not known.

    `ahead` are those whom somebody who came now would have before them: people of other services too, where the same
    counters serve them. Where it doesn't say, it is who waits for the service.
    `version` is the epoch and version at which it was so, as announced.
    """

    head_count: int
    waiting: Mapping[str, int]
    estimates: Mapping[str, Estimate]
    pause: Paused | None = None
    version: tuple[int, int] = (0, 0)
    ahead: Mapping[str, int] = MappingProxyType({})

    @property
    def gives_nothing(self) -> bool:
        """Whether the hall has stopped giving numbers."""
        return bool(self.pause and self.pause.issuing)

    def people_ahead(self, service: str) -> int:
        return self.ahead.get(service, self.waiting.get(service, 0))


def find_halls(
    halls: Atlas, *, near: Position | None = None, text: str = "", service: str = "", open_at: datetime | None = None
) -> Iterator[Found]:
    """The halls with every word of `text` in what is written of them, and with that service: nearest first.

    `service` is a service's id, or words of its name. Without a position the halls come by id. It is lazy:
    whoever takes the first few has no more halls looked at than that needs.
    """
    words, asked = words_of(text), words_of(service)

    def suits(hall: Hall) -> bool:
        return (
            has_all(hall.searched, words)
            and (not service or _offers(hall, service, asked))
            and (open_at is None or hall.is_open(open_at))
        )

    if near:
        return (Found(hall, metres) for metres, hall in halls.nearest(near, suits))
    return (Found(hall, None) for hall in halls if suits(hall))


def _offers(hall: Hall, service: str, asked: Sequence[re.Pattern[str]]) -> bool:
    return any(one.id == service or (asked and has_all(one.searched, asked)) for one in hall.services)


def halls_around(full: Hall, service: str, halls: Atlas, now: datetime) -> list[Found]:
    """The nearest other halls that are open and offer the service now."""
    near = takewhile(lambda one: one[0] <= NEARBY_M, halls.nearest((full.lat, full.lon)))
    serving = (Found(hall, metres) for metres, hall in near if hall.id != full.id and _serves(hall, service, now))
    return list(islice(serving, NEARBY))


def quieter(around: Iterable[tuple[Found, Load]], service: str) -> list[tuple[Found, Load]]:
    """Those that give numbers now, where the way there and the wait together are shortest first."""
    giving = ((one, load) for one, load in around if has_room(one.hall, load) and not load.gives_nothing)
    return sorted(giving, key=lambda pair: _until_served_s(pair[0], pair[1], service))


def has_room(hall: Hall, load: Load) -> bool:
    return hall.capacity is None or load.head_count < hall.capacity


def _serves(hall: Hall, service: str, now: datetime) -> bool:
    offered = hall.service(service)
    return bool(offered and offered.open and hall.is_open(now))


def _until_served_s(one: Found, load: Load, service: str) -> float:
    way_s = (one.distance_m or 0.0) / WAY_M_PER_S
    estimate = load.estimates.get(service)
    if estimate and estimate.low_s is not None and estimate.high_s is not None:
        return way_s + (estimate.low_s + estimate.high_s) / 2
    counters = sum(service in counter.services for counter in one.hall.counters)
    return way_s + VISIT_S * load.people_ahead(service) / max(1, counters)
