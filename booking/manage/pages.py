"""Where a manager comes in: the halls to choose from."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.state import BookingRequest
from halls.queries import find_halls
from o2o.kernel.i18n import translator_for
from o2o.kernel.pages import render
from staff.errors import NoRightError
from staff.manage import HOME, signed_in
from staff.service import require
from staff.states import Role


@signed_in
async def show_halls(request: BookingRequest) -> Response:
    """The halls that one may manage; the only one at once."""
    staff, texts = await require(request, Role.MANAGER), translator_for(request)
    wish = request.query_params.get("q", "").strip()
    mine = [hall for hall in await request.state["directory"].all() if staff.may(Role.MANAGER, hall.id)]
    if not mine:
        raise NoRightError
    if len(mine) == 1:
        return RedirectResponse(f"{HOME}/{mine[0].id}", 303)
    found = [one.hall for one in find_halls(mine, text=wish)]
    halls = [{"id": hall.id, "name": hall.names.in_language(texts.language), "address": hall.address} for hall in found]
    return render(request, "booking/manage/halls.html", {"home": HOME, "halls": halls, "q": wish})


routes: list[BaseRoute] = [
    Route(HOME, show_halls, methods=["GET"], name="manage_halls"),
]
