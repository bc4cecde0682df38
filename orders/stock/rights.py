"""Who may look at a place's stock and count it, and who keeps it."""

from typing import Any

from starlette.requests import Request

from halls.stock.places import Place
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import require_anyone
from staff.states import Role


def may_look(staff: Staff, place: str) -> bool:
    """Whoever works there: they may count as well."""
    return staff.may(Role.CLERK, place) or staff.may(Role.WAREHOUSE, place)


def may_keep(staff: Staff, place: str) -> bool:
    """Whoever answers for it: a hall's manager, a place's warehouse staff, and those above them."""
    return staff.may(Role.MANAGER, place) or staff.may(Role.WAREHOUSE, place)


async def allowed(request: Request[Any], *, keep: bool = False) -> tuple[Staff, Place]:
    """Who asks, and the place that the address names.

    Raises SignInRequiredError, ForeignRequestError, NoRightError, PlaceNotFoundError.
    """
    staff, place = await require_anyone(request), str(request.path_params["place"])
    if not (may_keep if keep else may_look)(staff, place):
        raise NoRightError
    return staff, await request.state["places"].get(place)
