"""From a hall's document to the hall: what types can't say is checked here, each fault with the field it is in."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from halls.fields import ID_PATTERN, Spans
from halls.hall import Counter, Hall, Service
from halls.hours import ends_next_day, minutes_of
from halls.schemas import Closure, CounterInput, HallInput, Names, Rules, ServiceInput, SpecialDay, Week
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _


def assemble(hall_id: str, given: HallInput, *, rev: int) -> Hall:
    """The hall that the document describes. Raises InvalidError."""
    services = tuple(_services(given.services))
    return Hall(
        id=_checked_id(hall_id),
        rev=rev,
        names=_named(given.names, given.name, field="names"),
        address=given.address or "",
        lat=given.lat,
        lon=given.lon,
        time_zone=_checked_time_zone(given.time_zone),
        day_starts=given.day_starts,
        hours=_checked_week(given.hours) if isinstance(given.hours, Week) else given.hours,
        calendar=given.calendar,
        days=_checked_days(given.days),
        closures=_checked_closures(given.closures),
        province=given.province,
        capacity=given.capacity,
        rules=_checked_rules(given.rules),
        services=services,
        counters=tuple(_counters(given.counters, [service.id for service in services])),
    )


def _services(given: Iterable[ServiceInput]) -> Iterator[Service]:
    ids: set[str] = set()
    prefixes: set[str] = set()
    for index, service in enumerate(given):
        _refuse_repeated(service.id, ids, field=f"services[{index}].id")
        _refuse_repeated(service.prefix, prefixes, field=f"services[{index}].prefix")
        names = _named(service.names, service.name, field=f"services[{index}].names")
        yield Service(id=service.id, prefix=service.prefix, names=names, open=service.open)


def _counters(given: Iterable[CounterInput], services: list[str]) -> Iterator[Counter]:
    ids: set[str] = set()
    for index, counter in enumerate(given):
        _refuse_repeated(counter.id, ids, field=f"counters[{index}].id")
        served = services if counter.services is None else counter.services
        for place, service in enumerate(served):
            if service not in services:
                field = f"counters[{index}].services[{place}]"
                raise InvalidError(_("The hall has no service %(value)s."), field=field, value=service)
        in_order = tuple(service for service in services if service in served)
        yield Counter(id=counter.id, name=counter.name, services=in_order)


def _refuse_repeated(value: str, seen: set[str], *, field: str) -> None:
    if value in seen:
        raise InvalidError(_("%(value)s is there already; each may be there once."), field=field, value=value)
    seen.add(value)


def _named(names: Names | None, name: str | None, *, field: str) -> Names:
    if names is not None:
        return names
    if name is None:
        raise InvalidError(_("A name is needed: names in zh-CN and en, or one name for both."), field=field)
    return Names(zh=name, en=name)


def _checked_id(hall_id: str) -> str:
    if not re.search(ID_PATTERN, hall_id):
        raise InvalidError(_("A hall's id is 1 to 40 small letters, digits and hyphens."), field="hall")
    return hall_id


def _checked_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidError(_("%(value)s is not a time zone."), field="time_zone", value=name) from error
    return name


def _checked_rules(rules: Rules) -> Rules:
    seen: set[str] = set()
    for index, name in enumerate(rules.classes):
        _refuse_repeated(name, seen, field=f"rules.classes[{index}]")
    return rules


def _checked_week(week: Week) -> Week:
    for day, spans in week.by_day().items():
        _check_spans(spans, field=f"hours.{day}")
    return week


def _checked_days(days: tuple[SpecialDay, ...]) -> tuple[SpecialDay, ...]:
    seen: set[str] = set()
    for index, special in enumerate(days):
        _refuse_repeated(special.day.isoformat(), seen, field=f"days[{index}].date")
        _check_spans(special.hours, field=f"days[{index}].hours")
    return days


def _checked_closures(closures: tuple[Closure, ...]) -> tuple[Closure, ...]:
    for index, closure in enumerate(closures):
        start = _moment(closure.start, field=f"closures[{index}].start")
        if _moment(closure.end, field=f"closures[{index}].end") <= start:
            raise InvalidError(_("A closure ends after it starts."), field=f"closures[{index}].end")
    return closures


def _moment(text: str, *, field: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidError(_("%(value)s is not a moment."), field=field, value=text) from error


def _check_spans(spans: Spans, *, field: str) -> None:
    """Spans follow one another; only the last may pass midnight."""
    open_until = 0
    for index, span in enumerate(spans):
        place = f"{field}[{index}]"
        if span[0] == span[1]:
            raise InvalidError(_("Opening and closing are the same time; a whole day is 00:00 to 24:00."), field=place)
        if minutes_of(span[0]) < open_until:
            raise InvalidError(_("These hours begin before the ones before them end."), field=place)
        open_until = 24 * 60 + 1 if ends_next_day(span) else minutes_of(span[1])
