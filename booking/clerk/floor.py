"""What stands on the page at this moment: who is at the counter, who waits, and whose counter it is."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from booking.clerk.desk import Desk
from booking.clerk.rows import BLANK, line_row
from booking.goods import skus_of
from booking.picture import BoardCounter, BoardTicket, Picture, is_looked_after
from booking.queries import opened_at, served_by
from booking.schemas import PauseRow
from booking.state import BookingRequest
from booking.summary import as_words
from o2o.kernel import words
from o2o.kernel.clock import to_ms
from o2o.kernel.i18n import Translator
from staff.queries import names_of

LONG_AGO: Final = timedelta(days=1)
"""A counter that was opened longer ago than this was forgotten, and when hardly matters."""


class Search(NamedTuple):
    """What the line is searched for; either may be empty."""

    text: str
    service: str


async def floor(request: BookingRequest, desk: Desk, texts: Translator, search: Search) -> dict[str, Any]:
    hall, counter, lines = desk.hall, desk.counter, request.state["line"]
    await lines.desk(hall).announced()
    picture, now = await lines.picture(hall), to_ms(request.state["clock"]())
    if picture is None:
        picture = Picture(hall.id, 0, 0, hall.business_day(request.state["clock"]()).isoformat())
    state = picture.counters.get(counter.id) or BoardCounter(id=counter.id)
    current = picture.tickets.get(state.ticket) if state.ticket else None
    names = await request.state["names_of_goods"](skus_of([row.goods for row in picture.tickets.values()]))

    def rows(tickets: Iterable[BoardTicket]) -> list[dict[str, Any]]:
        return [line_row(hall, row, now, texts, names) for row in tickets]

    def ours(tickets: Iterable[BoardTicket]) -> list[dict[str, Any]]:
        return rows(row for row in tickets if is_looked_after(row, counter.id, counter.services))

    line = rows(picture.order(hall, now).of_counter(counter.id))
    phase = _phase(desk, state, current)
    return {
        "now": now,
        "phase": phase,
        "holder": await _holder(request, desk, state) if phase == "taken" else None,
        "current": line_row(hall, current, now, texts, names) if current else BLANK,
        "first": line[0]["number"] if line else "",
        "waiting": len(line),
        "line": [row for row in line if _is_sought(row, search)],
        "parked": ours(picture.parked),
        "absent": ours(picture.absent),
        "goods": {sku: one.in_language(texts.language) for sku, one in names.items()},
        "served": await served_by(hall.id, counter.id, picture.day, picture.version),
        **pause_of(picture.pause, texts),
    }


def pause_of(pause: PauseRow | None, texts: Translator) -> dict[str, str]:
    """What the hall has stopped: "none", "issuing", "calling" or "both", and its manager's words."""
    paused = as_words(pause)
    if paused is None:
        return {"paused": "none", "pause_words": ""}
    what = "both" if paused.issuing and paused.calling else "issuing" if paused.issuing else "calling"
    return {"paused": what, "pause_words": paused.message.in_language(texts.language) if paused.message else ""}


def _phase(desk: Desk, state: BoardCounter, current: BoardTicket | None) -> str:
    """What can be done now: "closed", "taken" (somebody else has the counter), "idle", "called" or "serving"."""
    if not state.open:
        return "closed"
    if state.clerk != desk.staff.principal:
        return "taken"
    return current.state.value if current else "idle"


async def _holder(request: BookingRequest, desk: Desk, state: BoardCounter) -> dict[str, str]:
    """Who has the counter, and since when."""
    clerk, zone = state.clerk or "", ZoneInfo(desk.hall.time_zone)
    names = await names_of([clerk])
    since = await opened_at(desk.hall.id, desk.counter.id, after=to_ms(request.state["clock"]() - LONG_AGO))
    return {
        "name": names.get(clerk, clerk.partition(":")[2]),
        "since": words.clock_time(since, zone) if since else "",
    }


def _is_sought(row: dict[str, Any], search: Search) -> bool:
    told = f"{row['number']} {row['service_name']}".lower()
    return search.text.strip().lower() in told and search.service in {"", row["service"]}
