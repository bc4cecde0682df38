"""Halls as programs see them."""

from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from halls.fields import Always
from halls.hall import Counter, Hall, Service
from halls.pause import Paused
from halls.queries import Load
from halls.schemas import Closure, Estimate, Names, Rules, SpecialDay, Week
from o2o.kernel.clock import from_ms

UNKNOWN: Final = Estimate()
PassesClosing = Literal["may", "would"]


class ShownService(Struct, frozen=True, kw_only=True):
    """`people_ahead`: of whoever comes now, people of other services too, where the same counters serve them.

    `queue_passes_closing`: whoever comes now `may` not, or by all that is known `would` not, be called in time.
    """

    id: str
    name: str
    prefix: str
    open: bool
    waiting: int
    people_ahead: int
    estimate: Estimate
    queue_passes_closing: PassesClosing | None


class ShownPause(Struct, frozen=True, kw_only=True):
    """What the hall has stopped, since when, and the words for everybody in the reader's language."""

    issuing: bool
    calling: bool
    message: str | None
    since: datetime


class ShownHall(Struct, frozen=True, kw_only=True):
    """A hall as lists show it; times are RFC 3339 in the hall's own offset.

    `closed_for` says why a hall is closed for longer than usual.
    """

    id: str
    name: str
    address: str
    lat: float
    lon: float
    distance_m: int | None
    open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    closed_for: str | None
    head_count: int
    capacity: int | None
    pause: ShownPause | None
    services: tuple[ShownService, ...]


class ShownHallWhole(ShownHall, frozen=True, kw_only=True):
    """One hall, with what else is public about it."""

    rev: int
    names: Names
    time_zone: str
    day_starts: str
    hours: Week | Always
    calendar: Literal["cn"] | None
    days: tuple[SpecialDay, ...]
    closures: tuple[Closure, ...]
    province: str | None
    rules: Rules
    counters: tuple[Counter, ...]


def show_hall(hall: Hall, load: Load, *, now: datetime, language: str, distance_m: float | None = None) -> ShownHall:
    """The hall as lists show it."""
    closes_at, reason = hall.closes_at(now), hall.closed_for(now)
    left_s = (closes_at - now).total_seconds() if closes_at else None
    return ShownHall(
        id=hall.id,
        name=hall.names.in_language(language),
        address=hall.address,
        lat=hall.lat,
        lon=hall.lon,
        distance_m=None if distance_m is None else round(distance_m),
        open=hall.is_open(now),
        opens_at=_local(hall, hall.opens_at(now)),
        closes_at=_local(hall, closes_at),
        closed_for=reason.in_language(language) if reason else None,
        head_count=load.head_count,
        capacity=hall.capacity,
        pause=show_pause(hall, load.pause, language) if load.pause else None,
        services=tuple(_show_service(service, load, left_s, language) for service in hall.services),
    )


def show_hall_whole(hall: Hall, load: Load, *, now: datetime, language: str) -> ShownHallWhole:
    """The hall with its hours, rules and counters."""
    return ShownHallWhole(
        **structs.asdict(show_hall(hall, load, now=now, language=language)),
        rev=hall.rev,
        names=hall.names,
        time_zone=hall.time_zone,
        day_starts=hall.day_starts,
        hours=hall.hours,
        calendar=hall.calendar,
        days=hall.days,
        closures=hall.closures,
        province=hall.province,
        rules=hall.rules,
        counters=hall.counters,
    )


def show_pause(hall: Hall, pause: Paused, language: str) -> ShownPause:
    message = pause.message.in_language(language) if pause.message else None
    since = from_ms(pause.since).astimezone(ZoneInfo(hall.time_zone))
    return ShownPause(issuing=pause.issuing, calling=pause.calling, message=message, since=since)


def passes_closing(estimate: Estimate, left_s: float | None) -> PassesClosing | None:
    """What the wait is against the seconds until closing; None when it is short enough, or when either is not known."""
    if left_s is None or estimate.low_s is None or estimate.high_s is None or estimate.high_s < left_s:
        return None
    return "would" if estimate.low_s >= left_s else "may"


def _show_service(service: Service, load: Load, left_s: float | None, language: str) -> ShownService:
    estimate = load.estimates.get(service.id, UNKNOWN)
    return ShownService(
        id=service.id,
        name=service.names.in_language(language),
        prefix=service.prefix,
        open=service.open,
        waiting=load.waiting.get(service.id, 0),
        people_ahead=load.people_ahead(service.id),
        estimate=estimate,
        queue_passes_closing=passes_closing(estimate, left_s),
    )


def _local(hall: Hall, moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(ZoneInfo(hall.time_zone))
