"""Which hall: who has many chooses it on a page of its own, where halls are searched for and come a part at a time.

Who works in warehouses as well finds those before the halls.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from booking.hall_endpoints import shown_halls
from booking.hall_wording import hall_row
from booking.state import BookingRequest
from halls.atlas import Atlas
from halls.queries import Found, find_halls
from halls.search import has_all, words_of
from halls.stock.places import Place
from o2o.kernel.http import query
from o2o.kernel.i18n import _, translator_for
from o2o.kernel.pages import render
from o2o.kernel.paging import Cursor, page
from staff.schemas import Staff
from staff.shift import on_shift_anywhere
from staff.states import EVERYWHERE, Role

FEW: Final = 20
"""So many halls other pages list themselves."""
HALLS_A_PAGE: Final = 50


class HallsQuery(msgspec.Struct, frozen=True):
    q: Annotated[str, msgspec.Meta(max_length=80)] = ""
    cursor: Cursor | None = None


class Asking(NamedTuple):
    """A page that asks for a hall: its address, what its query keeps, and what leads on with the hall's id behind."""

    address: str
    kept: Mapping[str, str]
    to: str
    title: str = _("Which hall?")


async def halls_of(request: BookingRequest, staff: Staff, *roles: Role) -> Atlas:
    """The halls where they have one of the roles."""
    halls, mine = await request.state["directory"].all(), {hall for role in roles for hall in staff.halls(role)}
    return halls if EVERYWHERE in mine else Atlas(hall for hall in halls if hall.id in mine)


async def choose_hall(
    request: BookingRequest, staff: Staff, halls: Atlas, asking: Asking, warehouses: Iterable[Place] = ()
) -> Response:
    """A page that only asks which hall."""
    context = await hall_choice(request, halls, asking, warehouses) | await on_shift_anywhere(request, staff)
    return render(request, "booking/choose_hall.html", context)


async def hall_choice(
    request: BookingRequest, halls: Atlas, asking: Asking, warehouses: Iterable[Place] = ()
) -> dict[str, Any]:
    """What `booking/hall_choice.html` draws: those that are searched for, so many at a time."""
    wish, now, texts = query(request, HallsQuery), request.state["clock"](), translator_for(request)
    words = words_of(wish.q)
    named = (one for one in warehouses if has_all(one.searched, words))
    found = chain[Place | Found](named, find_halls(halls, text=wish.q))
    shown, following = page(found, HALLS_A_PAGE, wish.cursor, _id_of)
    part = [one for one in shown if isinstance(one, Found)]
    more = {**asking.kept, "q": wish.q, "cursor": following}
    return {
        "asking": asking,
        "title": texts(asking.title),
        "all_halls": _address(asking.address, asking.kept),
        "warehouses": [(one.id, one.names.in_language(texts.language)) for one in shown if isinstance(one, Place)],
        "halls": [hall_row(hall, now, texts) for hall in await shown_halls(request, part)],
        "q": wish.q,
        "following": _address(asking.address, more) if following else "",
    }


def _id_of(one: Place | Found) -> str:
    return one.id if isinstance(one, Place) else one.hall.id


def _address(path: str, asked: Mapping[str, str | None]) -> str:
    wished = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(wished)}" if wished else path
