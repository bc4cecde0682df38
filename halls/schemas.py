"""What describes a hall: the document that comes in, and the hall in memory."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, structs
from typing_extensions import override

from halls.holidays import observed
from halls.hours import WEEKDAYS, Span, business_day, instant
from halls.position import distance_m
from halls.search import folded
from halls.timetable import Closed, DayPlan, Timetable

LONG_OPEN: Final = timedelta(days=7)
"""Of a hall that closes later than this it is not said when."""
WHOLE_DAY: Final = (("00:00", "24:00"),)

# `$` alone also matches before a last line feed, which `(?!\n)` refuses.
ID_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,39}$(?!\n)"
# No control characters, nothing that turns the direction of writing or hides, and not only spaces.
TEXT_PATTERN: Final = (
    r"^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$(?!\n)"
)

Id = Annotated[str, Meta(pattern=ID_PATTERN, description="Small letters, digits and -, at most 40.")]
Text = Annotated[str, Meta(min_length=1, max_length=80, pattern=TEXT_PATTERN)]
Address = Annotated[str, Meta(max_length=200, pattern=TEXT_PATTERN)]
Prefix = Annotated[str, Meta(pattern=r"^[A-Z]{1,3}$(?!\n)", description="Of the numbers; unique in the hall.")]
WallMoment = Annotated[
    str, Meta(pattern=r"^2[0-9]{3}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)", description="Hall's clock.")
]
WallTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
EndTime = Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$(?!\n)")]
Spans = Annotated[tuple[tuple[WallTime, EndTime], ...], Meta(max_length=8)]
Latitude = Annotated[float, Meta(ge=-90, le=90, description="WGS-84")]
Longitude = Annotated[float, Meta(ge=-180, le=180, description="WGS-84")]
Language = Literal["zh-CN", "en"]
Always = Literal["always"]


class Document(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a hall's description: immutable, and an unknown field is refused."""


class Names(Document, frozen=True, rename={"zh": "zh-CN"}):
    zh: Text
    en: Text

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


class Week(Document, frozen=True):
    """Open hours by weekday, `[["09:00","17:30"], …]`. A span that ends at or before its start ends the next day.

    With a calendar: `holiday` are a public holiday's hours (Sunday's when null), `workday` those of a weekend day that
    is worked for one (Monday's when null).
    """

    mon: Spans = ()
    tue: Spans = ()
    wed: Spans = ()
    thu: Spans = ()
    fri: Spans = ()
    sat: Spans = ()
    sun: Spans = ()
    holiday: Spans | None = None
    workday: Spans | None = None


class SpecialDay(Document, frozen=True, rename={"day": "date"}):
    """A day with hours of its own, whatever weekday and calendar say; no hours is closed."""

    day: date
    hours: Spans = ()
    reason: Names | None = None


class Closure(Document, frozen=True):
    """Closed from one moment of the hall's clock until another, `2026-12-01T12:00`, whatever the hours are."""

    start: WallMoment
    end: WallMoment
    reason: Names | None = None


class Speech(Document, frozen=True):
    """How a display speaks a call: in which languages in turn, how often, and the Chinese word for 1."""

    languages: Annotated[tuple[Language, ...], Meta(max_length=2)] = ("zh-CN", "en")
    times: Annotated[int, Meta(ge=0, le=3)] = 2
    rate: Annotated[float, Meta(ge=0.5, le=2)] = 0.9
    one: Literal["yi", "yao"] = "yi"


class Rules(Document, frozen=True):
    """What a hall decides about its line; each has a default that a hall can live with."""

    put_back_minutes: Annotated[int, Meta(ge=0, le=1440, description="How long a no-show may be put back.")] = 30
    late_minutes: Annotated[
        int, Meta(ge=1, le=1440, description="What the hall promises: a longer wait stands out to its staff.")
    ] = 30
    requeue_places: Annotated[int, Meta(ge=1, le=100, description="How far back 'places' puts a ticket.")] = 3
    classes: Annotated[
        tuple[Id, ...], Meta(min_length=1, max_length=10, description="The first is everybody's; the others go before.")
    ] = ("standard", "priority")
    priority_calls: Annotated[
        int,
        Meta(ge=1, le=20, description="While both wait, so many calls go to the other classes for each of the first."),
    ] = 2
    longest_wait_minutes: Annotated[
        int, Meta(ge=1, le=1440, description="Whoever has waited so long goes first, whatever the class.")
    ] = 60
    pickup_hours: Annotated[
        int, Meta(ge=1, le=720, description="How long what was ordered is kept for whoever picks it up.")
    ] = 48
    speech: Speech = Speech()


class ServiceInput(Document, frozen=True):
    """Named by `names`, or by one `name` for every language. One that is not `open` gives no numbers."""

    id: Id
    prefix: Prefix
    names: Names | None = None
    name: Text | None = None
    open: bool = True


class CounterInput(Document, frozen=True):
    """`name` is what follows the word "counter" on displays: "3". No `services` means all of them."""

    id: Id
    name: Annotated[str, Meta(min_length=1, max_length=20, pattern=TEXT_PATTERN)]
    services: tuple[Id, ...] | None = None


class HallInput(Document, frozen=True):
    """A hall, whole, as `PUT /api/v1/halls/{hall}` takes it and SQL keeps it."""

    lat: Latitude
    lon: Longitude
    services: Annotated[tuple[ServiceInput, ...], Meta(min_length=1, max_length=50)]
    counters: Annotated[tuple[CounterInput, ...], Meta(max_length=200)]
    names: Names | None = None
    name: Text | None = None
    address: Address | None = None
    time_zone: Annotated[str, Meta(max_length=64)] = "Asia/Shanghai"
    day_starts: WallTime = "00:00"
    hours: Week | Always = "always"
    calendar: Literal["cn"] | None = None
    days: Annotated[tuple[SpecialDay, ...], Meta(max_length=400)] = ()
    closures: Annotated[tuple[Closure, ...], Meta(max_length=200)] = ()
    province: Id | None = None
    capacity: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    rules: Rules = Rules()


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
            return DayPlan(week_of(self.hours)[WEEKDAYS[day.weekday()]])
        hours = week_of(self.hours)["workday" if holiday.works else "holiday"]
        return DayPlan(hours, None if hours else reason)

    def _closed(self, closure: Closure) -> Closed[Names]:
        return Closed(_moment(closure.start, self.time_zone), _moment(closure.end, self.time_zone), closure.reason)


def _moment(wall: str, time_zone: str) -> datetime:
    return instant(date.fromisoformat(wall[:10]), wall[11:], ZoneInfo(time_zone))


def week_of(week: Week) -> Mapping[str, tuple[Span, ...]]:
    """The spans by weekday, "mon" to "sun", and of "holiday" and "workday"."""
    return {
        **structs.asdict(week),
        "holiday": week.sun if week.holiday is None else week.holiday,
        "workday": week.mon if week.workday is None else week.workday,
    }


class Estimate(Struct, frozen=True):
    """A range of seconds to wait; `known` is false when nothing can be said."""

    low_s: int | None = None
    high_s: int | None = None
    known: bool = False
