"""Who may see an order and what they may do to it: its owner, and the staff of its hall and of its lines' places."""

from collections.abc import Sequence

from orders.models import LineRecord, OrderRecord
from orders.order_errors import OrderNotFoundError
from orders.order_queries import lines_of, order_row
from orders.rights import owns
from orders.state import OrdersRequest
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import authenticate, require
from staff.states import Role

CUSTOMER = "customer:"
ANONYMOUS = "anonymous"


def order_id(request: OrdersRequest) -> str:
    return str(request.path_params["order"])


async def owner_or_staff(request: OrdersRequest) -> Staff | None:
    """None for the owner. To everybody else there is no such order: raises OrderNotFoundError."""
    order = order_id(request)
    if owns(request.state["signer"], request, order):
        await order_row(order)
        return None
    staff = await authenticate(request)
    if staff is None or not works_on(staff, await order_row(order), await lines_of(order)):
        raise OrderNotFoundError
    return staff


async def staff_of_order(request: OrdersRequest) -> Staff:
    """Whoever works in the order's hall, or where one of its lines comes from; to all others there is no such order.

    Raises as `staff.service.require`, OrderNotFoundError.
    """
    staff = await require_staff(request)
    row, lines = await order_row(order_id(request)), await lines_of(order_id(request))
    if not works_on(staff, row, lines):
        raise OrderNotFoundError
    return staff


async def staff_of_its_hall(request: OrdersRequest) -> Staff:
    """A clerk of the hall where it is picked up; raises as `staff_of_order`. Who only sends some of it may not."""
    staff = await staff_of_order(request)
    ensure_of_its_hall(staff, await order_row(order_id(request)))
    return staff


def ensure_of_its_hall(staff: Staff, row: OrderRecord) -> None:
    """Raises NoRightError."""
    if not staff.may(Role.CLERK, row.hall):
        raise NoRightError


async def require_staff(request: OrdersRequest) -> Staff:
    """Whoever works in some hall or warehouse. Raises as `staff.service.require`."""
    try:
        return await require(request, Role.CLERK)
    except NoRightError:
        return await require(request, Role.WAREHOUSE)


def works_on(staff: Staff, row: OrderRecord, lines: Sequence[LineRecord]) -> bool:
    return staff.may(Role.CLERK, row.hall) or any(works_at(staff, line.place) for line in lines)


def workplaces(staff: Staff) -> frozenset[str]:
    """The halls and warehouses where they work, by id; headquarters have `*`."""
    return frozenset((*staff.halls(Role.CLERK), *staff.halls(Role.WAREHOUSE)))


def works_at(staff: Staff, place: str) -> bool:
    """In this hall or warehouse."""
    return staff.may(Role.CLERK, place) or staff.may(Role.WAREHOUSE, place)
