"""The document that describes a hall, as it comes in and is kept; and what is said of a wait."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

from halls.fields import (
    TEXT_PATTERN,
    Address,
    Always,
    Id,
    Language,
    Latitude,
    Longitude,
    Prefix,
    Spans,
    Text,
    WallMoment,
    WallTime,
)


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

    def by_day(self) -> Mapping[str, Spans]:
        """The spans by weekday, "mon" to "sun", and of "holiday" and "workday"."""
        return {
            **structs.asdict(self),
            "holiday": self.sun if self.holiday is None else self.holiday,
            "workday": self.mon if self.workday is None else self.workday,
        }


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


class Estimate(Struct, frozen=True):
    """A range of seconds to wait; `known` is false when nothing can be said."""

    low_s: int | None = None
    high_s: int | None = None
    known: bool = False
