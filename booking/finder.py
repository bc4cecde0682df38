"""The hall finder: which hall suits one now. Every choice on it is a link, so that it works without a script."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from booking.hall_endpoints import HallQuery, found_halls, shown_halls
from booking.hall_wording import day_time, hall_row
from booking.state import BookingRequest
from halls.hall import Hall, Service
from halls.queries import Found
from halls.shown import ShownHall, show_hall
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import query
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from o2o.kernel.paging import Cursor, page

HALLS_A_PAGE: Final = 50
NEAREST: Final = 200  # Of so many the open ones come first: nobody goes further because those here are closed.
SERVICES_TO_CHOOSE: Final = 8


class FinderQuery(HallQuery, frozen=True, forbid_unknown_fields=False):
    """What others hang on a link that is passed on (WeChat: `from=singlemessage`) means nothing, and does no harm."""

    cursor: Cursor | None = None


async def show_finder(request: BookingRequest) -> Response:
    """Open halls first, each part nearest first; full and closed ones below, with when they open."""
    wish, texts, now = query(request, FinderQuery), translator_for(request), request.state["clock"]()
    found = _open_first(await found_halls(request, wish), now)
    try:
        part, following = page(found, HALLS_A_PAGE, wish.cursor, lambda one: one.hall.id)
    except InvalidError:  # That hall is gone: from the beginning.
        found = _open_first(await found_halls(request, wish), now)
        part, following = page(found, HALLS_A_PAGE, None, lambda one: one.hall.id)
    halls = await shown_halls(request, part)
    rows = [hall_row(hall, now, texts, wish.service) for hall in halls]
    context = {
        "wish": wish,
        "located": wish.lat is not None,
        "open_halls": [row for row in rows if row["can_join"]],
        "other_halls": [row for row in rows if not row["can_join"]],
        "first_to_open": _first_to_open(halls, now, texts),
        "services": _choices((await request.state["directory"].all()).services, wish, texts.language),
        "address": lambda **changes: _address(wish, **changes),
        "following": following,
    }
    return render(request, "booking/finder.html", context)


async def quieter_rows(request: BookingRequest, hall: Hall, service: str) -> list[dict[str, Any]]:
    """Where else one is served soon, when this hall gives no numbers: for the service, or else for its first."""
    texts, now = translator_for(request), request.state["clock"]()
    found = await request.state["arrivals"].quieter(hall, service or hall.services[0].id)
    shown = [
        show_hall(one.hall, load, now=now, language=texts.language, distance_m=one.distance_m) for one, load in found
    ]
    return [hall_row(one, now, texts, service) for one in shown]


def _open_first(found: Iterator[Found], now: datetime) -> Iterator[Found]:
    near = sorted(islice(found, NEAREST), key=lambda one: not one.hall.is_open(now))
    return chain(near, found)


def _first_to_open(halls: Iterable[ShownHall], now: datetime, texts: Translator) -> dict[str, str] | None:
    """Which hall opens first and when, if all of these are closed."""
    closed = [(hall.opens_at, hall.name) for hall in halls if hall.opens_at and not hall.open]
    if not closed or any(hall.open for hall in halls):
        return None
    opens_at, name = min(closed)
    return {"hall": name, "time": day_time(opens_at, now, texts)}


def _choices(services: Sequence[Service], wish: HallQuery, language: str) -> list[dict[str, Any]]:
    """The services that most halls offer, to narrow the list down by; one that was chosen can be let go."""
    names = {service.id: service.names.in_language(language) for service in services}
    common = [service.id for service in services[:SERVICES_TO_CHOOSE]]
    if wish.service:  # First, so that a phone shows it without scrolling.
        common = [wish.service, *(service for service in common if service != wish.service)]
    return [
        {
            "name": names.get(service, service),
            "chosen": service == wish.service,
            "address": _address(wish, service="" if service == wish.service else service),
        }
        for service in common
    ]


def _address(wish: HallQuery, **changes: Any) -> str:
    """The finder with other wishes, from its first page on."""
    asked = msgspec.to_builtins(wish) | {"cursor": None} | changes
    asked["open"] = "true" if asked["open"] else None
    given = {name: value for name, value in asked.items() if value not in {None, ""}}
    return f"/?{urlencode(given)}" if given else "/"
