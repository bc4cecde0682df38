"""Where a manager comes in: the halls to choose from, the open ones with who waits in them."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.choosing import Asking, hall_choice, halls_of
from booking.state import BookingRequest
from o2o.kernel.pages import render
from staff.errors import NoRightError
from staff.manage import HOME, signed_in
from staff.service import require
from staff.shift import on_shift_anywhere
from staff.states import Role


@signed_in
async def show_halls(request: BookingRequest) -> Response:
    """The halls that one may manage; the only one at once."""
    staff = await require(request, Role.MANAGER)
    mine = await halls_of(request, staff, Role.MANAGER)
    if not mine:
        raise NoRightError
    if len(mine) == 1:
        return RedirectResponse(f"{HOME}/{next(iter(mine)).id}", 303)
    context = await hall_choice(request, mine, Asking(HOME, {}, f"{HOME}/")) | {"beyond": staff.may(Role.HQ)}
    return render(request, "booking/manage/halls.html", context | await on_shift_anywhere(request, staff))


routes: list[BaseRoute] = [
    Route(HOME, show_halls, methods=["GET"], name="manage_halls"),
]
