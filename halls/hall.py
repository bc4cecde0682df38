"""A hall in memory."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, Literal
from zoneinfo import ZoneInfo

from typing_extensions import override

from halls.fields import Always, Id, Prefix
from halls.holidays import observed
from halls.hours import WEEKDAYS, business_day, instant
from halls.position import distance_m
from halls.schemas import Closure, Document, Names, Rules, SpecialDay, Week
from halls.search import folded
from halls.timetable import Closed, DayPlan, Timetable

LONG_OPEN: Final = timedelta(days=7)
"""Of a hall that closes later than this it is not said when."""
WHOLE_DAY: Final = (("00:00", "24:00"),)


class Service(Document, frozen=True, dict=True):
    id: Id
    prefix: Prefix
    names: Names
    open: bool

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """What the finder looks for words in."""
        return folded(self.names.zh), folded(self.names.en)


class Counter(Document, frozen=True):
    """`services` are the ids that this counter serves, in the hall's order."""

    id: Id
    name: str
    services: tuple[str, ...]


class Hall(Document, frozen=True, dict=True):
    """A hall in memory: never changed, replaced by one of a higher `rev`."""

    id: Id
    rev: int
    names: Names
    address: str
    lat: float
    lon: float
    time_zone: str
    day_starts: str
    hours: Week | Always
    calendar: Literal["cn"] | None
    days: tuple[SpecialDay, ...]
    closures: tuple[Closure, ...]
    province: str | None
    capacity: int | None
    rules: Rules
    services: tuple[Service, ...]
    counters: tuple[Counter, ...]

    @override
    def __hash__(self) -> int:
        """A revision of a hall is never another one: what is remembered of it need not look at all of it."""
        return hash((self.id, self.rev))

    @property
    def late_ms(self) -> int:
        """Whoever waits longer stands out on the pages of staff."""
        return self.rules.late_minutes * 60_000

    def service(self, service_id: str) -> Service | None:
        return next((service for service in self.services if service.id == service_id), None)

    def counter(self, counter_id: str) -> Counter | None:
        return next((counter for counter in self.counters if counter.id == counter_id), None)

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """What the finder looks for words in."""
        own = (self.id, self.names.zh, self.names.en, self.address)
        return (*map(folded, own), *(text for service in self.services for text in service.searched))

    def business_day(self, now: datetime) -> date:
        """The hall's local date, counted from `day_starts`."""
        return business_day(now, time_zone=self.time_zone, day_starts=self.day_starts)

    def is_open(self, now: datetime) -> bool:
        return self._timetable.standing(now).open

    def opens_at(self, now: datetime) -> datetime | None:
        """When a closed hall opens next (UTC); None while it is open, and when it does not open within a year."""
        standing = self._timetable.standing(now)
        return None if standing.open else standing.until

    def closes_at(self, now: datetime) -> datetime | None:
        """When an open hall closes (UTC); None while it is closed, and when it does not close within a week."""
        standing = self._timetable.standing(now)
        return standing.until if standing.open and standing.until and standing.until - now <= LONG_OPEN else None

    def closed_for(self, now: datetime) -> Names | None:
        """Why a closed hall is closed, when it is for more than the usual hours: a closure, a holiday."""
        return self._timetable.standing(now).reason

    def distance_m(self, lat: float, lon: float) -> float:
        return distance_m((self.lat, self.lon), (lat, lon))

    @cached_property
    def _timetable(self) -> Timetable[Names]:
        return Timetable(self.day_plan, map(self._closed, self.closures), self.time_zone)

    @cached_property
    def _special_days(self) -> Mapping[date, SpecialDay]:
        return {special.day: special for special in self.days}

    def day_plan(self, day: date) -> DayPlan[Names]:
        """The hours that begin on a day: the day's own, else those of the calendar's day, else the weekday's."""
        holiday = observed(day) if self.calendar else None
        reason = Names(zh=holiday.zh, en=holiday.en) if holiday and not holiday.works else None
        if special := self._special_days.get(day):
            return DayPlan(special.hours, special.reason or (None if special.hours else reason))
        if isinstance(self.hours, str):
            return DayPlan(WHOLE_DAY)
        if holiday is None:
            return DayPlan(self.hours.by_day()[WEEKDAYS[day.weekday()]])
        hours = self.hours.by_day()["workday" if holiday.works else "holiday"]
        return DayPlan(hours, None if hours else reason)

    def _closed(self, closure: Closure) -> Closed[Names]:
        return Closed(_moment(closure.start, self.time_zone), _moment(closure.end, self.time_zone), closure.reason)


def _moment(wall: str, time_zone: str) -> datetime:
    return instant(date.fromisoformat(wall[:10]), wall[11:], ZoneInfo(time_zone))
