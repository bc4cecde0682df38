"""Finding halls, and how a hall is shown. Who waits is known above; those numbers are passed in."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import structs

from halls.position import Position
from halls.schemas import Estimate, Hall, Service, ShownHall, ShownHallWhole, ShownService

UNKNOWN = Estimate()


class Found(NamedTuple):
    hall: Hall
    distance_m: float | None


class Load(NamedTuple):
    """How busy a hall is now; a service that is not named has nobody waiting and an estimate not known."""

    head_count: int
    waiting: Mapping[str, int]
    estimates: Mapping[str, Estimate]


NO_LOAD = Load(0, {}, {})


def find_halls(
    halls: Iterable[Hall], *, near: Position | None = None, text: str = "", service: str | None = None
) -> list[Found]:
    """The halls with every word of `text` in their names, address or id, and with that service: nearest first.

    Without a position, by id.
    """
    words = _folded(text).split()
    found = [
        Found(hall, hall.distance_m(*near) if near else None)
        for hall in halls
        if (service is None or hall.service(service)) and _has_all(hall, words)
    ]
    return sorted(found, key=lambda one: (one.distance_m or 0.0, one.hall.id))


def show_hall(hall: Hall, load: Load, *, now: datetime, language: str, distance_m: float | None = None) -> ShownHall:
    """The hall as lists show it."""
    return ShownHall(
        id=hall.id,
        name=hall.names.in_language(language),
        address=hall.address,
        lat=hall.lat,
        lon=hall.lon,
        distance_m=None if distance_m is None else round(distance_m),
        open=hall.is_open(now),
        opens_at=_local(hall, hall.opens_at(now)),
        closes_at=_local(hall, hall.closes_at(now)),
        head_count=load.head_count,
        capacity=hall.capacity,
        services=tuple(_show_service(service, load, language) for service in hall.services),
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


def _show_service(service: Service, load: Load, language: str) -> ShownService:
    return ShownService(
        id=service.id,
        name=service.names.in_language(language),
        prefix=service.prefix,
        open=service.open,
        waiting=load.waiting.get(service.id, 0),
        estimate=load.estimates.get(service.id, UNKNOWN),
    )


def _local(hall: Hall, moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(ZoneInfo(hall.time_zone))


def _has_all(hall: Hall, words: list[str]) -> bool:
    text = _folded(f"{hall.id}\n{hall.names.zh}\n{hall.names.en}\n{hall.address}")
    return all(word in text for word in words)


def _folded(text: str) -> str:
    """Full-width letters, ligatures and capitals all alike."""
    return unicodedata.normalize("NFKC", text).casefold()
