"""Orders over HTTP: placed and cancelled by customers; paid, put by, handed over and refunded by staff."""

from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.state import attempt
from halls.errors import CounterNotFoundError
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import Nothing, is_known, parse, read_body, reply
from o2o.kernel.i18n import _, language_of
from o2o.kernel.idempotency import Answer
from o2o.kernel.limits import Limit
from o2o.kernel.openapi import documented
from o2o.kernel.phones import e164
from orders.contacts import read_contact
from orders.order_access import (
    ANONYMOUS,
    CUSTOMER,
    ensure_of_its_hall,
    order_id,
    owner_or_staff,
    staff_of_its_hall,
    staff_of_order,
)
from orders.order_queries import COUNTER, lines_of, order_row, shown_order
from orders.order_schemas import Cancel, HandOver, Order, Pay, PlaceOrder, Refund
from orders.rights import token_of
from orders.service import cancelling, collecting, paying, placing, refunding
from orders.state import OrdersRequest
from staff.browsers import address_of
from staff.schemas import Staff
from staff.service import authenticate
from staff.states import Role

PATH: Final = "/api/v1/orders"
ORDERS_PER_ADDRESS: Final = Limit(
    300,
    60,
    _("From this connection %(limit)s orders came within a minute. Try again in %(retry_after)s seconds."),
)
"""A hall's Wi-Fi and a carrier's gateway are one address for many people."""
ORDERS_PER_PHONE: Final = Limit(
    20,
    3600,
    _("With this phone number %(limit)s orders were tried within the hour. Try again in %(minutes)s min."),
)


@documented(resp={201: Order, 409: None}, json=PlaceOrder)
async def create_order(request: OrdersRequest) -> Response:
    """Order from a hall: to be picked up there, sent, or (`auto`) whatever of it the hall has not got is sent.

    One act with one key over hall and warehouse: repeat it, whatever happened. The answer says of each line how it
    comes and from where. Its `token` is the right to the order, told this once; `pickup_code` collects it.
    """
    state, body = request.state, await read_body(request)
    wish = _spoken(request, parse(body, PlaceOrder))
    staff = await authenticate(request)
    principal = staff.principal if staff and staff.may(Role.CLERK, wish.hall) else ANONYMOUS
    tried = attempt(request, principal, body)
    await limit_orders(request, wish.phone, tried)
    order = await placing.place(state, wish, tried)
    told = msgspec.structs.replace(await with_code(request, order), token=token_of(state["signer"], order.id))
    return reply(told, 201, {"location": f"{PATH}/{order.id}"})


@documented(resp={200: Order, 304: None, 404: None})
async def show_order(request: OrdersRequest) -> Response:
    """For the owner, and the staff of its hall and of the places that its lines come from. 304 for its `ETag`."""
    staff = await owner_or_staff(request)
    row = await order_row(order_id(request))
    if is_known(request, _tag(row.version, staff)):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"etag": _tag(row.version, staff)})
    order = await shown_order(row.id)
    told = order if staff else await with_code(request, order)
    return reply(told, headers={"etag": _tag(order.version, staff)})


@documented(resp={200: Order, 404: None, 409: None}, json=Cancel)
async def create_cancellation(request: OrdersRequest) -> Response:
    """End an order of which nothing has left. Its owner can while it is unpaid; staff give the money back with it."""
    staff, body = await owner_or_staff(request), await read_body(request)
    if staff is None:
        parse(body, Nothing)
        tried = attempt(request, CUSTOMER + order_id(request), body)
        return answered(await cancelling.cancel(request.state, order_id(request), Cancel(), tried, staff=False))
    wish, tried = parse(body, Cancel), attempt(request, staff.principal, body)
    await check_counter(request, staff, wish.counter)
    return answered(await cancelling.cancel(request.state, order_id(request), wish, tried, staff=True))


@documented(resp={200: Order, 403: None, 404: None, 409: None}, json=Pay)
async def create_payment(request: OrdersRequest) -> Response:
    """Money has come: at a counter of the order's hall, or at the door."""
    staff, row = await staff_of_order(request), await order_row(order_id(request))
    if row.pay_at == COUNTER:
        ensure_of_its_hall(staff, row)
    body = await read_body(request)
    wish = parse(body, Pay)
    await check_counter(request, staff, wish.counter)
    return answered(await paying.pay(request.state, row.id, wish, attempt(request, staff.principal, body)))


@documented(resp={200: Order, 403: None, 404: None, 409: None}, json=Nothing)
async def create_readiness(request: OrdersRequest) -> Response:
    """What is picked up lies ready: its customer is told, and it is kept for the hall's time from now on."""
    staff, body = await staff_of_its_hall(request), await read_body(request)
    parse(body, Nothing)
    tried = attempt(request, staff.principal, body)
    return answered(await collecting.prepare(request.state, order_id(request), tried))


@documented(resp={200: Order, 403: None, 404: None, 409: None}, json=Nothing)
async def create_notice(request: OrdersRequest) -> Response:
    """Tell the customer once more that it lies ready."""
    staff, body = await staff_of_its_hall(request), await read_body(request)
    parse(body, Nothing)
    tried = attempt(request, staff.principal, body)
    return answered(await collecting.remind(request.state, order_id(request), tried))


@documented(resp={200: Order, 403: None, 404: None, 409: None}, json=HandOver)
async def create_handover(request: OrdersRequest) -> Response:
    """Hand over what is picked up, once, to whoever shows the pick-up code: by the staff of its hall only."""
    staff, body = await staff_of_its_hall(request), await read_body(request)
    wish, tried = parse(body, HandOver), attempt(request, staff.principal, body)
    return answered(await collecting.hand_over(request.state, order_id(request), wish, tried))


@documented(resp={200: Order, 403: None, 404: None, 409: None}, json=Refund)
async def create_refund(request: OrdersRequest) -> Response:
    """Give money back for the whole order, for lines, or for units of them; and say what becomes of the goods."""
    staff, body = await staff_of_order(request), await read_body(request)
    wish, tried = parse(body, Refund), attempt(request, staff.principal, body)
    await check_counter(request, staff, wish.counter)
    place = await till_place(request, staff)
    return answered(await refunding.refund(request.state, order_id(request), wish, tried, place))


def _spoken(request: OrdersRequest, wish: PlaceOrder) -> PlaceOrder:
    """In the reader's language, where the wish does not say in which."""
    return wish if wish.language else msgspec.structs.replace(wish, language=language_of(request))


def _tag(version: int, staff: Staff | None) -> str:
    """Each change of an order raises its version; its owner is told the code as well."""
    return f'"{version}-staff"' if staff else f'"{version}"'


async def limit_orders(request: OrdersRequest, phone: str, tried: Attempt) -> None:
    """Keep one address or phone number from hoarding. Raises TooManyError, InvalidError (phone)."""
    limits, number = request.state["limits"], e164(phone)
    if limits.enabled:
        holder = request.state["signer"].phone_hash(number)
        await limits.check(f"orders:of:{address_of(request)}", *ORDERS_PER_ADDRESS)
        await limits.check_operation(f"orders:by:{holder}", tried.operation, ORDERS_PER_PHONE)


async def with_code(request: OrdersRequest, order: Order) -> Order:
    """As its owner sees it: with the code that collects it."""
    contact = await read_contact(request.state["signer"], order.id)
    if contact is None or contact.pickup is None:
        return order
    return msgspec.structs.replace(order, pickup_code=contact.pickup)


async def till_place(request: OrdersRequest, staff: Staff) -> str:
    """Where this member of staff gives back money for the order."""
    row = await order_row(order_id(request))
    if staff.may(Role.CLERK, row.hall):
        return row.hall
    mine = [line.place for line in await lines_of(row.id) if staff.may(Role.WAREHOUSE, line.place)]
    return mine[0] if mine else row.hall


async def check_counter(request: OrdersRequest, staff: Staff, counter: str | None) -> None:
    """Money is at a counter of the order's own hall, with who works there. Raises InvalidError, NoRightError."""
    if counter is None:
        return
    row = await order_row(order_id(request))
    ensure_of_its_hall(staff, row)
    try:
        found = (await request.state["directory"].hall_of_counter(counter)).id
    except CounterNotFoundError:
        found = None
    if found != row.hall:
        raise InvalidError(_("The order's hall has no such counter."), field="counter")


def answered(answer: Answer) -> Response:
    return reply(answer.body, answer.status)


routes: list[BaseRoute] = [
    Route(PATH, create_order, methods=["POST"]),
    Route(PATH + "/{order}", show_order, methods=["GET"]),
    Route(PATH + "/{order}/cancellation", create_cancellation, methods=["POST"]),
    Route(PATH + "/{order}/payment", create_payment, methods=["POST"]),
    Route(PATH + "/{order}/readiness", create_readiness, methods=["POST"]),
    Route(PATH + "/{order}/notice", create_notice, methods=["POST"]),
    Route(PATH + "/{order}/handover", create_handover, methods=["POST"]),
    Route(PATH + "/{order}/refund", create_refund, methods=["POST"]),
]
