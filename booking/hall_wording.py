"""Halls as pages say them: from what is shown to programs to words for the reader."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from babel.dates import format_datetime

from halls.hall import Hall
from halls.position import gcj02
from halls.schemas import Estimate
from halls.shown import PassesClosing, ShownHall, ShownService, passes_closing
from o2o.kernel import words
from o2o.kernel.i18n import LANGUAGES, Translator, _

FULL: Final = 100
"""The lengths of the bars on pages are out of 100."""
WEEK: Final = 7
PAUSES: Final = {
    True: _("No numbers are given just now. Please ask the hall's staff."),
    False: _("Calling pauses just now. Everybody keeps their place."),
}
"""What is said where a manager gave no words: whether numbers are stopped, or calling alone."""
UNKNOWN: Final = _("can't tell yet")
WARNINGS: Final = {
    "may": _("You may not be called before it closes"),
    "would": _("At this pace you would not be called before it closes"),
}


def hall_row(hall: ShownHall, now: datetime, texts: Translator, service: str = "") -> dict[str, Any]:
    """A hall as a row of the finder and as the head of its page; with a service it tells that one's line."""
    asked = [one for one in hall.services if one.id == service]
    counted = asked or [one for one in hall.services if one.open]
    waiting = sum(one.waiting for one in counted)
    ahead = max((one.people_ahead for one in counted), default=0)
    paused = bool(hall.pause and hall.pause.issuing)
    calls = not (hall.pause and hall.pause.calling)
    estimate = _whole(counted)
    full = hall.open and hall.capacity is not None and hall.head_count >= hall.capacity
    return {
        "id": hall.id,
        "name": hall.name,
        "address": hall.address,
        "lat": hall.lat,
        "lon": hall.lon,
        "open": hall.open,
        "full": full,
        "can_join": hall.open and not full and not paused and any(one.open for one in counted),
        "paused": hall.open and paused,
        "pause": hall.open and hall.pause and (hall.pause.message or texts(PAUSES[hall.pause.issuing])),
        "opens_at": hall.opens_at and day_time(hall.opens_at, now, texts, dated=hall.closed_for is not None),
        "closes_at": hall.closes_at and day_time(hall.closes_at, now, texts),
        "closed_for": hall.closed_for,
        "distance": None if hall.distance_m is None else words.distance(hall.distance_m, texts),
        "waiting": waiting,
        "ahead": ahead if asked else None,
        "load": FULL * hall.head_count // hall.capacity if hall.capacity else None,
        "wait": wait(estimate, ahead, texts) if calls else texts(UNKNOWN),
        "wait_known": calls and (estimate.known or not ahead),
        "warning": _warning([one.queue_passes_closing for one in counted], texts),
        "map_url": map_url(hall, texts.language),
        "services": [_service(one, texts, calls=calls) for one in hall.services],
    }


def day_time(moment: datetime, now: datetime, texts: Translator, *, dated: bool = False) -> str:
    """`18:00`, `tomorrow 09:00`, `Mon 09:00`: a coming moment, on the clock that `moment` is in.

    `Thu 8 Oct 09:00` when it is a week away, or when it should be `dated` beyond tomorrow.
    """
    days = (moment.date() - now.astimezone(moment.tzinfo).date()).days
    time = f"{moment:%H:%M}"
    if days == 0:
        return time
    if days == 1:
        return texts(_("tomorrow %(time)s"), time=time)
    # Translators: how CLDR writes a weekday and a date.
    form = texts(_("EEE d MMM")) if dated or days >= WEEK else "EEE"
    return f"{format_datetime(moment, form, locale=LANGUAGES[texts.language])} {time}"


def wait(estimate: Estimate, ahead: int, texts: Translator) -> str:
    """The range of a wait; without one, that nobody is ahead or that it is not known."""
    if estimate.low_s is not None and estimate.high_s is not None and ahead:
        return words.wait_range(estimate.low_s, estimate.high_s, texts)
    return texts(UNKNOWN) if ahead else texts(_("nobody ahead"))


def closing_warning(estimate: Estimate, hall: Hall, now: datetime, texts: Translator) -> str | None:
    """What to expect when the wait may run, or runs, past closing."""
    closes_at = hall.closes_at(now)
    left_s = (closes_at - now).total_seconds() if closes_at else None
    return _warning([passes_closing(estimate, left_s)], texts)


def warnings(texts: Translator) -> dict[str, str]:
    """The warnings that a script chooses from."""
    return {name: texts(text) for name, text in WARNINGS.items()}


def map_url(hall: ShownHall | Hall, language: str) -> str:
    """Where a map shows the hall. Chinese maps take the positions of Chinese maps, the others WGS-84."""
    if language == "en":
        return f"https://www.openstreetmap.org/?mlat={hall.lat}&mlon={hall.lon}#map=17/{hall.lat}/{hall.lon}"
    lat, lon = gcj02((hall.lat, hall.lon))
    name = hall.name if isinstance(hall, ShownHall) else hall.names.in_language(language)
    query = {"position": f"{lon:.6f},{lat:.6f}", "name": name, "coordinate": "gaode", "callnative": "1"}
    return f"https://uri.amap.com/marker?{urlencode(query)}"


def _service(service: ShownService, texts: Translator, *, calls: bool) -> dict[str, Any]:
    return {
        "id": service.id,
        "name": service.name,
        "prefix": service.prefix,
        "open": service.open,
        "ahead": service.people_ahead,
        "wait": wait(service.estimate, service.people_ahead, texts) if calls else texts(UNKNOWN),
        "warning": _warning([service.queue_passes_closing], texts),
    }


def _whole(services: Sequence[ShownService]) -> Estimate:
    """From the shortest wait to the longest; not known while it isn't for some service with people ahead."""
    if any(one.people_ahead and not one.estimate.known for one in services):
        return Estimate()
    ranges = [(one.estimate.low_s or 0, one.estimate.high_s or 0) for one in services if one.estimate.known]
    if not ranges:
        return Estimate()
    return Estimate(min(low for low, _high in ranges), max(high for _low, high in ranges), known=True)


def _warning(passes: Sequence[PassesClosing | None], texts: Translator) -> str | None:
    """What to expect when none of the lines is short enough."""
    if None in passes or not passes:
        return None
    return texts(WARNINGS["may" if "may" in passes else "would"])
