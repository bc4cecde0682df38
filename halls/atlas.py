"""Halls by their place: whoever looks for the nearest need not measure the way to each of twenty thousand."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from heapq import heappop, heappush
from math import inf, radians
from typing import Final

from typing_extensions import override

from halls.hall import Hall, Service
from halls.position import EARTH_RADIUS_M, Position

_ROUNDED: Final = 1 - 1e-9  # So much less than a distance another way to reckon it may give.


class Atlas(Collection[Hall]):
    """Some halls, by id, as they were when it was made."""

    def __init__(self, halls: Iterable[Hall]) -> None:
        self._halls = {hall.id: hall for hall in sorted(halls, key=lambda hall: hall.id)}

    @override
    def __contains__(self, hall: object) -> bool:
        return isinstance(hall, Hall) and self._halls.get(hall.id) == hall

    @override
    def __iter__(self) -> Iterator[Hall]:
        return iter(self._halls.values())

    @override
    def __len__(self) -> int:
        return len(self._halls)

    def get(self, hall_id: str) -> Hall | None:
        return self._halls.get(hall_id)

    def nearest(
        self, near: Position, suits: Callable[[Hall], bool] = lambda _hall: True
    ) -> Iterator[tuple[float, Hall]]:
        """Metres and hall, those that suit, nearest first, equally far ones by id.

        It goes north and south from `near`, no further than those that are taken need: no hall is nearer than its
        latitude is.
        """
        order, (here, _lon) = self._northward, near
        north = bisect_left(order, here, key=lambda hall: hall.lat)
        south = north - 1
        measured: list[tuple[float, str, Hall]] = []
        while True:
            up = order[north].lat - here if north < len(order) else inf
            down = here - order[south].lat if south >= 0 else inf
            beyond_m = radians(min(up, down)) * EARTH_RADIUS_M * _ROUNDED
            while measured and measured[0][0] < beyond_m:
                metres, _id, hall = heappop(measured)
                yield metres, hall
            if beyond_m == inf:
                return
            if up <= down:
                hall, north = order[north], north + 1
            else:
                hall, south = order[south], south - 1
            if suits(hall):
                heappush(measured, (hall.distance_m(*near), hall.id, hall))

    @cached_property
    def services(self) -> Sequence[Service]:
        """Each service once, as the first hall that has it: first those that most halls have."""
        offered = [service for hall in self for service in hall.services]
        first = {service.id: service for service in reversed(offered)}
        return [first[service] for service, _count in Counter(one.id for one in offered).most_common()]

    @cached_property
    def usual_zone(self) -> str:
        """The clock that most of the halls go by."""
        zones = Counter(hall.time_zone for hall in self).most_common(1)
        return zones[0][0] if zones else "UTC"

    @cached_property
    def _northward(self) -> list[Hall]:
        return sorted(self, key=lambda hall: hall.lat)
