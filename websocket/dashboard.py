"""The hall now, as its manager sees it: the line, the counters, the screens and today's curve."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.hall_wording import hall_row
from booking.manage.curve import curve
from booking.manage.now import Moment, clerks_of, counters, heads, paused, services
from booking.manage.today import day_so_far
from booking.queries import visits_of
from booking.state import BookingState
from halls.shown import show_hall
from o2o.kernel import words
from o2o.kernel.clock import to_ms
from o2o.kernel.i18n import _
from staff.manage import HOME, Frame, frame, signed_in
from staff.queries import names_of
from websocket.pairing import displays_of


@signed_in
async def show_now(request: Request[BookingState]) -> Response:
    here = await frame(request, "now")
    moment = await _moment(here)
    context = {
        "standing": await _standing(here),
        "heads": heads(moment),
        "services": services(moment),
        "counters": counters(moment, await names_of(clerks_of(moment.picture))),
        "screens": await _screens(here),
        "paused": paused(moment),
        "curve": curve(moment),
        "now": moment.now,
    }
    return here.page("websocket/now.html", context)


async def _moment(here: Frame) -> Moment:
    state, hall = here.request.state, here.hall
    now = state["clock"]()
    picture = await state["line"].picture(hall)
    day = picture.day if picture else hall.business_day(now).isoformat()
    today = day_so_far(await visits_of(hall.id, day), to_ms(now))
    return Moment(hall, picture, today, to_ms(now), here.texts)


async def _standing(here: Frame) -> dict[str, Any]:
    """Open, full, paused or closed, and until when: as the hall's own page says it."""
    state, now = here.request.state, here.request.state["clock"]()
    (load,) = await state["line"].loads([here.hall])
    return hall_row(show_hall(here.hall, load, now=now, language=here.texts.language), now, here.texts)


async def _screens(here: Frame) -> dict[str, Any]:
    """How many of the hall's screens are on, and which one has been silent the longest, and for how long."""
    now = here.request.state["clock"]()
    screens = await displays_of(here.hall.id, now)
    silent = [screen for screen in screens if not screen.alive]
    worst = min(silent, key=lambda screen: screen.last_seen_at or screen.paired_at, default=None)
    heard = worst.last_seen_at if worst else None
    return {
        "all": len(screens),
        "alive": len(screens) - len(silent),
        "silent": (worst.name or here.texts(_("a screen"))) if worst else "",
        "silent_for": words.duration((now - heard).total_seconds(), here.texts) if heard else "",
    }


routes: list[BaseRoute] = [Route(HOME + "/{hall}", show_now, methods=["GET"], name="manage")]
