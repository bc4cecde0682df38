"""Halls, tickets and lines as pages say them: from what is shown to programs to words for the reader."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from booking.picture import BoardTicket
from booking.schemas import Ticket
from halls.position import gcj02
from halls.schemas import Estimate, Hall
from halls.shown import ShownHall, ShownService
from o2o.kernel import words
from o2o.kernel.i18n import LANGUAGES, Translator, _

HALFWAY: Final = 4
"""With so many people ahead a waiting ticket is shown half-way to its turn. The page's script counts the same."""
TURN: Final = 50
FULL: Final = 100
"""The lengths of the bars on pages are out of 100."""
LATE_MS: Final = 30 * 60_000
"""Whoever waits longer than this is shown in the late colour."""
PROGRESS: Final = {"called": TURN, "serving": TURN, "completed": 100}


def hall_row(hall: ShownHall, now: datetime, texts: Translator) -> dict[str, Any]:
    """A hall as a row of the finder and as the head of its page."""
    waiting = sum(service.waiting for service in hall.services)
    full = hall.open and hall.capacity is not None and hall.head_count >= hall.capacity
    return {
        "id": hall.id,
        "name": hall.name,
        "address": hall.address,
        "lat": hall.lat,
        "lon": hall.lon,
        "open": hall.open,
        "full": full,
        "can_join": hall.open and not full,
        "opens_at": hall.opens_at and day_time(hall.opens_at, now, texts),
        "closes_at": hall.closes_at and day_time(hall.closes_at, now, texts),
        "distance": None if hall.distance_m is None else words.distance(hall.distance_m, texts),
        "waiting": waiting,
        "load": FULL * hall.head_count // hall.capacity if hall.capacity else None,
        "wait": wait(_whole([service.estimate for service in hall.services]), waiting, texts),
        "map_url": map_url(hall, texts.language),
        "services": [_service(service, texts) for service in hall.services],
    }


def day_time(moment: datetime, now: datetime, texts: Translator) -> str:
    """`18:00`, `tomorrow 9:00`, `Mon 9:00`: a coming moment, on the clock that `moment` is in."""
    days = (moment.date() - now.astimezone(moment.tzinfo).date()).days
    time = f"{moment:%H:%M}"
    if days == 0:
        return time
    if days == 1:
        return texts(_("tomorrow %(time)s"), time=time)
    return f"{format_datetime(moment, 'EEE', locale=LANGUAGES[texts.language])} {time}"


def wait(estimate: Estimate, ahead: int, texts: Translator) -> str:
    """The range of a wait; without one, that there is none or that it is not known."""
    if estimate.low_s is not None and estimate.high_s is not None and ahead:
        return words.wait_range(estimate.low_s, estimate.high_s, texts)
    return texts(_("can't tell yet")) if ahead else texts(_("no wait"))


def map_url(hall: ShownHall | Hall, language: str) -> str:
    """Where a map shows the hall. Chinese maps take the positions of Chinese maps, the others WGS-84."""
    if language == "en":
        return f"https://www.openstreetmap.org/?mlat={hall.lat}&mlon={hall.lon}#map=17/{hall.lat}/{hall.lon}"
    lat, lon = gcj02((hall.lat, hall.lon))
    name = hall.name if isinstance(hall, ShownHall) else hall.names.in_language(language)
    query = {"position": f"{lon:.6f},{lat:.6f}", "name": name, "coordinate": "gaode", "callnative": "1"}
    return f"https://uri.amap.com/marker?{urlencode(query)}"


def ticket_pass(hall: Hall, ticket: Ticket, texts: Translator) -> dict[str, Any]:
    """A ticket as its page draws it. `phase` is the state, and while waiting how near the turn is."""
    ahead = ticket.people_ahead or 0
    phase = ("next", "one")[ahead] if ticket.state == "waiting" and ahead <= 1 else str(ticket.state)
    counter, service = hall.counter(ticket.counter or ""), hall.service(ticket.service)
    return {
        "id": ticket.id,
        "number": ticket.number or "",
        "phase": phase,
        "ahead": ahead,
        "wait": wait(ticket.estimate, ahead, texts)
        if ticket.estimate.known
        else texts(_("we can't tell yet how long")),
        "counter": counter.name if counter else ticket.counter or "",
        "service_name": service.names.in_language(texts.language) if service else ticket.service,
        "called_at": ticket.called_at[11:16] if ticket.called_at else "",
        "created_at": ticket.created_at[11:16],
        "calls": ticket.calls,
        "progress": PROGRESS.get(phase, TURN * HALFWAY // (HALFWAY + ahead + 1) if ticket.state == "waiting" else 0),
    }


def line_row(hall: Hall, row: BoardTicket, now: int, texts: Translator) -> dict[str, Any]:
    """A ticket as a row of the clerk's page, and as the present customer on it."""
    zone, service = ZoneInfo(hall.time_zone), hall.service(row.service)
    until = row.called_at or now
    return {
        "id": row.id,
        "number": row.number or "",
        "service_name": service.names.in_language(texts.language) if service else row.service,
        "waited": words.duration(max(0, until - row.created_at) / 1000, texts),
        "called_at": words.clock_time(row.called_at, zone) if row.called_at else "",
        "started_at": words.clock_time(row.started_at, zone) if row.started_at else "",
        "calls": row.calls,
        "late": until - row.created_at > LATE_MS,
    }


BLANK_ROW: Final = dict.fromkeys(
    ("id", "number", "service_name", "waited", "called_at", "started_at", "calls", "late"), ""
)
"""The row that scripts clone and fill."""


def _service(service: ShownService, texts: Translator) -> dict[str, Any]:
    return {
        "id": service.id,
        "name": service.name,
        "prefix": service.prefix,
        "waiting": service.waiting,
        "wait": wait(service.estimate, service.waiting, texts),
    }


def _whole(estimates: Sequence[Estimate]) -> Estimate:
    """From the shortest wait of a hall's services to the longest, of those that are known."""
    known = [one for one in estimates if one.known and one.low_s is not None and one.high_s is not None]
    if not known:
        return Estimate()
    low = min(one.low_s for one in known if one.low_s is not None)
    return Estimate(low, max(one.high_s for one in known if one.high_s is not None), known=True)
