"""Where a manager comes in: the halls to choose from, the open ones with who waits in them."""

from typing import Annotated, Final

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.hall_endpoints import shown_halls
from booking.hall_wording import hall_row
from booking.state import BookingRequest
from halls.atlas import Atlas
from halls.queries import find_halls
from o2o.kernel.http import query
from o2o.kernel.i18n import translator_for
from o2o.kernel.pages import render
from o2o.kernel.paging import Cursor, page
from staff.errors import NoRightError
from staff.manage import HOME, signed_in
from staff.service import require
from staff.shift import on_shift_anywhere
from staff.states import Role

HALLS_A_PAGE: Final = 50


class HallsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    q: Annotated[str, msgspec.Meta(max_length=80)] = ""
    cursor: Cursor | None = None
    lang: str | None = None


@signed_in
async def show_halls(request: BookingRequest) -> Response:
    """The halls that one may manage; the only one at once."""
    staff, wish, texts = await require(request, Role.MANAGER), query(request, HallsQuery), translator_for(request)
    mine = Atlas(hall for hall in await request.state["directory"].all() if staff.may(Role.MANAGER, hall.id))
    if not mine:
        raise NoRightError
    if len(mine) == 1:
        return RedirectResponse(f"{HOME}/{next(iter(mine)).id}", 303)
    part, following = page(find_halls(mine, text=wish.q), HALLS_A_PAGE, wish.cursor, lambda one: one.hall.id)
    now = request.state["clock"]()
    halls = [hall_row(hall, now, texts) for hall in await shown_halls(request, part)]
    context = {"home": HOME, "halls": halls, "q": wish.q, "following": following, "beyond": staff.may(Role.HQ)}
    return render(request, "booking/manage/halls.html", context | await on_shift_anywhere(request, staff))


routes: list[BaseRoute] = [
    Route(HOME, show_halls, methods=["GET"], name="manage_halls"),
]
