"""When what a warehouse sends can be at a door: the first window that the checkout would offer."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from halls.stock.places import Place
from halls.stock.states import PlaceKind
from o2o.kernel.clock import Clock
from orders.delivery.fees import Rate, rate_for, way
from orders.delivery.rates import all_rates
from orders.delivery.windows import WarehouseHours, Window, windows

AGE_S: Final = 3.0
"""How old what is known of rates may be."""
MOST: Final = 2_000


class Etas:
    def __init__(self, clock: Clock, seconds: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = seconds
        self._hours = WarehouseHours()
        self._rates: Mapping[str, Rate] = {}
        self._read_at: float | None = None
        self._kept: dict[tuple[object, ...], Window | None] = {}

    async def first(self, place: Place, province: str | None) -> Window | None:
        """None of a hall, which sends nothing, and where nobody has said which province it goes to."""
        if place.kind is not PlaceKind.WAREHOUSE or province is None:
            return None
        rate = rate_for(province, await self._known_rates())
        now = self._clock()
        key = (now - timedelta(seconds=now.second, microseconds=now.microsecond), place.province, province, rate.days)
        if key not in self._kept:  # Within a minute it is the same for everybody.
            if len(self._kept) >= MOST:
                self._kept.clear()
            offered = windows(self._hours, way(rate, source=place.province, target=province), now)
            self._kept[key] = offered[0] if offered else None
        return self._kept[key]

    async def _known_rates(self) -> Mapping[str, Rate]:
        if self._read_at is None or self._seconds() - self._read_at > AGE_S:
            self._rates = await all_rates()
            self._read_at = self._seconds()
        return self._rates
