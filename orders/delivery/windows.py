"""When something can be at the door: parts of days, by the place's hours and calendar and how far it goes. Pure.

A place packs while it is open. Within its municipality a courier brings what is packed the same day; elsewhere a
carrier collects it at the cut-off, and brings it so many days later.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from halls.holidays import observed
from halls.hours import ONE_DAY, instant
from halls.timetable import DayPlan, Timetable

PARTS: Final = (("09:00", "12:00"), ("13:00", "18:00"), ("18:00", "21:00"))
"""Morning, afternoon, evening."""
PACKING: Final = timedelta(hours=1)
COURIER: Final = timedelta(hours=1)
CUT_OFF: Final = "16:00"
"""When carriers collect; what is packed later goes the next day that the place is open."""
DAYS_OFFERED: Final = 2
LOOKED_AT: Final = 60
"""A place that does not open within so many days offers nothing."""


class Window(Struct, frozen=True):
    """From when until when it comes."""

    start: datetime
    end: datetime


class Opening(Protocol):
    """A place's hours: a hall has these, and so has a `Warehouse`."""

    @property
    def time_zone(self) -> str: ...

    def is_open(self, now: datetime, /) -> bool: ...

    def opens_at(self, now: datetime, /) -> datetime | None: ...


class Way(NamedTuple):
    """How something gets there: by a courier of the same municipality, or by a carrier who takes so many `days`."""

    days: int
    courier: bool = False


class WarehouseHours:
    """A warehouse packs from 08:00 to 20:00, but on public holidays."""

    time_zone: Final = "Asia/Shanghai"

    def __init__(self) -> None:
        self._timetable: Timetable[None] = Timetable(_warehouse_day, (), self.time_zone)

    def is_open(self, now: datetime, /) -> bool:
        return self._timetable.standing(now).open

    def opens_at(self, now: datetime, /) -> datetime | None:
        standing = self._timetable.standing(now)
        return None if standing.open else standing.until


def windows(place: Opening, way: Way, now: datetime) -> list[Window]:
    """When it can come, soonest first, if it is ordered `now`; none if the place does not open for long."""
    packed = _packed(place, now)
    if packed is None:
        return []
    zone = ZoneInfo(place.time_zone)
    if way.courier:
        earliest = packed + COURIER
        day = earliest.astimezone(zone).date()
    else:
        collected = _collected(place, packed, zone)
        if collected is None:
            return []
        day = collected + way.days * ONE_DAY
        earliest = instant(day, "00:00", zone)
    found: list[Window] = []
    for one in _days(day, DAYS_OFFERED + 1):
        found += [window for window in _parts(one, zone) if window.start >= earliest]
        if len({window.start.astimezone(zone).date() for window in found}) == DAYS_OFFERED:
            break
    return found


def _packed(place: Opening, now: datetime) -> datetime | None:
    """When it has been packed: the place must be open for as long as that takes."""
    start: datetime | None = now
    for _time in range(4):
        if start is None:
            return None
        if not place.is_open(start):
            start = place.opens_at(start)
            continue
        done = start + PACKING
        if place.is_open(done - timedelta(seconds=1)):
            return done
        start = place.opens_at(done - timedelta(seconds=1))
    return None


def _collected(place: Opening, packed: datetime, zone: ZoneInfo) -> date | None:
    """The day on which the carrier collects it: a day on which the place is open."""
    first = packed.astimezone(zone).date()
    for day in _days(first, LOOKED_AT):
        at = instant(day, CUT_OFF, zone)
        if packed <= at and (place.is_open(at) or place.is_open(at - PACKING) or day == first):
            return day
    return None


def _days(first: date, count: int) -> Iterator[date]:
    return (first + number * ONE_DAY for number in range(count))


def _parts(day: date, zone: ZoneInfo) -> list[Window]:
    return [Window(instant(day, start, zone), instant(day, end, zone)) for start, end in PARTS]


def _warehouse_day(day: date) -> DayPlan[None]:
    special = observed(day)
    return DayPlan(()) if special and not special.works else DayPlan((("08:00", "20:00"),))
