"""Which places are tried for whoever asks in a hall: found once, and again when places have changed."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from halls.hall import Hall
from halls.stock.places import Place, Places
from halls.stock.states import PlaceKind
from orders.sourcing_rules import HALL, NEARBY, PROVINCE, WAREHOUSES, Rule

AGE_S: Final = 3.0
"""How old what is known of places may be."""
MOST_HALLS: Final = 20
"""So many halls around are asked, however many are within reach."""
MOST_WAREHOUSES: Final = 10
MOST_KEPT: Final = 10_000


class Tried(NamedTuple):
    place: Place
    distance_m: float | None


class Neighbourhood:
    def __init__(self, places: Places, seconds: Callable[[], float] = time.monotonic) -> None:
        self._source = places
        self._seconds = seconds
        self._read_at: float | None = None
        self._places: dict[str, Place] = {}
        self._kept: dict[tuple[str, Rule], tuple[Tried, ...]] = {}

    async def tried(self, hall: Hall, rule: Rule) -> Sequence[Tried]:
        """The places that the rule names for this hall, in its order, each once."""
        await self._look()
        key = (hall.id, rule)
        if key not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = tuple(_each_once(self._named(hall, rule)))
        return self._kept[key]

    async def those(self, ids: Collection[str]) -> Sequence[Tried]:
        """These places, as seen from nowhere in particular: halls first."""
        await self._look()
        known = [self._places[place] for place in ids if place in self._places]
        return [Tried(place, None) for place in sorted(known, key=lambda one: one.kind is PlaceKind.WAREHOUSE)]

    def forget(self) -> None:
        """Look again at the next question."""
        self._read_at = None

    async def _look(self) -> None:
        """All distances are measured anew only when some place is new, gone or elsewhere."""
        if self._read_at is None or self._seconds() - self._read_at > AGE_S:
            places = {place.id: place for place in await self._source.all()}
            if places != self._places:
                self._places, self._kept = places, {}
            self._read_at = self._seconds()

    def _named(self, hall: Hall, rule: Rule) -> Iterator[Tried]:
        seen = [Tried(place, place.distance_m((hall.lat, hall.lon))) for place in self._places.values()]
        seen.sort(key=lambda one: (one.distance_m or 0.0, one.place.id))
        warehouses = [one for one in seen if one.place.kind is PlaceKind.WAREHOUSE]
        within = [one for one in seen if one.place.kind is PlaceKind.HALL and _km(one) <= rule.nearby_km]
        groups = {
            HALL: [one for one in seen if one.place.id == hall.id],
            NEARBY: [one for one in within if one.place.id != hall.id][:MOST_HALLS],
            PROVINCE: [one for one in warehouses if hall.province == one.place.province is not None][:MOST_WAREHOUSES],
            WAREHOUSES: warehouses[:MOST_WAREHOUSES],
        }
        for step in rule.places:
            yield from groups.get(step) or (one for one in seen if one.place.id == step)


def _km(one: Tried) -> float:
    return (one.distance_m or 0.0) / 1000


def _each_once(tried: Iterable[Tried]) -> Iterator[Tried]:
    seen: set[str] = set()
    for one in tried:
        if one.place.id not in seen:
            seen.add(one.place.id)
            yield one
