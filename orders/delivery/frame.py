"""The frame of a place's pages of what it sends: who may come in, the tabs."""

from typing import ClassVar, Final

from o2o.kernel.i18n import _
from orders.order_access import works_at
from orders.place_frame import SENT, Pages, PlaceFrame, framed
from orders.state import OrdersRequest
from staff.errors import NoRightError
from staff.service import require_anyone

HOME: Final = SENT[0]


class Frame(PlaceFrame):
    """A page of what one place sends, for someone who works there."""

    __slots__ = ()
    pages: ClassVar = Pages(
        home=HOME,
        templates="orders/delivery",
        tabs=SENT[1],
        tabs_name=_("What the place sends"),
        done={
            "picked": _("Picked. Put the packing slip in, and say when it has left."),
            "shipped": _("It has left. The customer's page says so."),
            "delivered": _("Delivered. The customer's page says so."),
            "paid": _("The money is in the books, and the order is finished."),
            "failed": _("Noted. The customer's page says that it could not be delivered."),
            "back": _("It is back in stock."),
        },
    )


async def frame(request: OrdersRequest, tab: str = "") -> Frame:
    """Raises SignInRequiredError, NoRightError, PlaceNotFoundError."""
    staff, place = await require_anyone(request), str(request.path_params["place"])
    if not works_at(staff, place):
        raise NoRightError
    found = await request.state["places"].get(place)
    return await framed(Frame, request, (staff, found), tab)
