"""A hall as its manager sees it this moment: services, counters and heads as the page says them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from booking.manage.today import Today
from booking.picture import BoardCounter, BoardTicket, Picture
from booking.states import TicketState
from booking.summary import as_words
from halls.hall import Counter, Hall, Service
from o2o.kernel import words
from o2o.kernel.i18n import Translator

MINUTE_MS: Final = 60_000
FULL: Final = 100
"""The lengths of bars are out of 100."""
LONG_SERVING_MS: Final = 20 * MINUTE_MS
TIMES_USUAL: Final = 3
"""Who is served for this long, and this many times longer than is usual today, was perhaps forgotten."""
LONG_CALL_MS: Final = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Moment:
    """The hall at `now` (ms since 1970), and how its reader is told."""

    hall: Hall
    picture: Picture | None
    today: Today | None
    now: int
    texts: Translator

    def since(self, moment: int) -> str:
        return words.duration(max(0, self.now - moment) / 1000, self.texts)

    def at(self, moment: int) -> str:
        return words.clock_time(moment, ZoneInfo(self.hall.time_zone))


def heads(moment: Moment) -> dict[str, Any]:
    """How full the hall is and how long people wait."""
    hall, picture = moment.hall, moment.picture
    count, waiting = (picture.head_count, sum(picture.waiting.values())) if picture else (0, 0)
    return {
        "count": count,
        "capacity": hall.capacity,
        "share": min(FULL, FULL * count // hall.capacity) if hall.capacity else None,
        "full": hall.capacity is not None and count >= hall.capacity,
        "waiting": waiting,
        "parked": len(picture.parked) if picture else 0,
        **_longest(moment, _waiting(picture)),
    }


def paused(moment: Moment) -> dict[str, Any] | None:
    """What everybody reads while the hall is paused."""
    shown = as_words(moment.picture.pause) if moment.picture else None
    if shown is None:
        return None
    return {"words": shown.message.in_language(moment.texts.language) if shown.message else ""}


def services(moment: Moment) -> list[dict[str, Any]]:
    return [_service(moment, service) for service in moment.hall.services]


def counters(moment: Moment, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """`names` are those of the clerks, by how counters name them."""
    return [_counter(moment, counter, names) for counter in moment.hall.counters]


def clerks_of(picture: Picture | None) -> Iterable[str]:
    return {row.clerk for row in picture.counters.values() if row.clerk} if picture else ()


def _service(moment: Moment, service: Service) -> dict[str, Any]:
    hall, picture = moment.hall, moment.picture
    waiting = _waiting(picture, service.id)
    open_ones = {row.id for row in picture.counters.values() if row.open} if picture else set()
    serving = [counter.name for counter in hall.counters if service.id in counter.services and counter.id in open_ones]
    return {
        "id": service.id,
        "name": service.names.in_language(moment.texts.language),
        "prefix": service.prefix,
        "open": service.open,
        "waiting": len(waiting),
        "counters": serving,
        "nobody": bool(waiting) and not serving,
        **_longest(moment, waiting),
    }


def _waiting(picture: Picture | None, service: str | None = None) -> list[BoardTicket]:
    if picture is None:
        return []
    waiting = [row for row in picture.tickets.values() if row.state is TicketState.WAITING and row.day == picture.day]
    return [row for row in waiting if service in (None, row.service)]


def _longest(moment: Moment, waiting: Iterable[BoardTicket]) -> dict[str, Any]:
    """The longest wait among those who wait, against what the hall promises."""
    first = min((row.created_at for row in waiting), default=None)
    promised = moment.hall.late_ms
    if first is None:
        return {"longest": None, "late": False, "part": 0}
    waited = moment.now - first
    return {
        "longest": moment.since(first),
        "late": waited > promised,
        "part": min(FULL, max(0, round(FULL * waited / promised))),
    }


def _counter(moment: Moment, counter: Counter, names: Mapping[str, str]) -> dict[str, Any]:
    picture = moment.picture
    row = picture.counters.get(counter.id) if picture else None
    ticket = picture.tickets.get(row.ticket) if picture and row and row.ticket else None
    return {
        "id": counter.id,
        "name": counter.name,
        "clerk": names.get(row.clerk or "", "") if row and row.open else "",
        **_doing(moment, row or BoardCounter(id=counter.id), ticket),
    }


def _doing(moment: Moment, row: BoardCounter, ticket: BoardTicket | None) -> dict[str, Any]:
    """What the counter does, since when, and whether that is longer than one would think."""
    if not row.open:
        return {"state": "closed", "since": None, "number": "", "long": False}
    if ticket is None:
        return {"state": "free", "since": moment.since(row.since or moment.now), "number": "", "long": False}
    serving = ticket.state is TicketState.SERVING
    began = (ticket.started_at if serving else ticket.called_at) or moment.now
    return {
        "state": "serving" if serving else "called",
        "since": moment.since(began),
        "number": ticket.number,
        "long": moment.now - began > (_long_serving(moment) if serving else LONG_CALL_MS),
    }


def _long_serving(moment: Moment) -> float:
    usual = moment.today.usual_serving_ms if moment.today else None
    return max(LONG_SERVING_MS, TIMES_USUAL * usual) if usual else LONG_SERVING_MS
