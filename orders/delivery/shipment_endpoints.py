"""Shipments over HTTP: the staff of a place send and confirm, a carrier's service pushes what it knows."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from msgspec import Struct
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.state import attempt
from o2o.kernel.attempts import Attempt
from o2o.kernel.http import parse, read_body, reply
from o2o.kernel.idempotency import Answer
from o2o.kernel.openapi import documented
from orders.delivery.follower import PUSHES
from orders.delivery.following import hear
from orders.delivery.kuaidi100 import ACCEPTED
from orders.delivery.queries import shipments_of, shown_shipments
from orders.delivery.schemas import Deliver, Fail, Pick, Ship, ShipmentList
from orders.delivery.shipping import deliver, fail, pick, ship, take_back, the_place, the_shipment
from orders.order_access import order_id, owner_or_staff, staff_of_order, works_at
from orders.order_queries import lines_of
from orders.order_schemas import Order
from orders.service.verbs import repeated
from orders.state import OrdersRequest
from staff.errors import NoRightError
from staff.schemas import Staff

Verb = Callable[[Staff, bytes, Attempt], Awaitable[Answer]]
PATH: Final = "/api/v1/orders/{order}"


class Pushed(Struct, frozen=True):
    """What others hang on the address that we gave them does no harm."""


@documented(json=Pick, resp={200: Order, 403: None, 404: None, 409: None})
async def create_picking(request: OrdersRequest) -> Response:
    """What the order has at a place was taken from the shelf, to be sent."""

    async def verb(staff: Staff, body: bytes, tried: Attempt) -> Answer:
        wish = parse(body, Pick)
        place = await _place(request, staff, wish.place)
        return await pick(request.state, order_id(request), place, wish.serials, tried)

    return await _done(request, verb)


@documented(json=Ship, resp={200: Order, 403: None, 404: None, 409: None})
async def create_shipment(request: OrdersRequest) -> Response:
    """All that the order has at a place left in one parcel. What was not picked yet is picked by it."""

    async def verb(staff: Staff, body: bytes, tried: Attempt) -> Answer:
        wish = parse(body, Ship)
        place = await _place(request, staff, wish.place)
        return await ship(request.state, order_id(request), place, wish, tried)

    return await _done(request, verb)


@documented(json=Deliver, resp={200: Order, 403: None, 404: None, 409: None})
async def create_delivery(request: OrdersRequest) -> Response:
    """A parcel is in its customer's hands. With a SIM card in it, they have shown who they are."""

    async def verb(staff: Staff, body: bytes, tried: Attempt) -> Answer:
        wish = parse(body, Deliver)
        return await deliver(request.state, await _shipment(request, staff, wish.shipment), wish, tried)

    return await _done(request, verb)


@documented(json=Fail, resp={200: Order, 403: None, 404: None, 409: None})
async def create_failure(request: OrdersRequest) -> Response:
    """Nobody took a parcel. It may go out again, or come back."""

    async def verb(staff: Staff, body: bytes, tried: Attempt) -> Answer:
        wish = parse(body, Fail)
        return await fail(request.state, await _shipment(request, staff, wish.shipment), wish, tried)

    return await _done(request, verb)


@documented(json=Fail, resp={200: Order, 403: None, 404: None, 409: None})
async def create_return(request: OrdersRequest) -> Response:
    """A parcel came back to its place, and what was in it can be sold again."""

    async def verb(staff: Staff, body: bytes, tried: Attempt) -> Answer:
        wish = parse(body, Fail)
        return await take_back(request.state, await _shipment(request, staff, wish.shipment), wish, tried)

    return await _done(request, verb)


@documented(resp={200: ShipmentList, 404: None})
async def list_shipments(request: OrdersRequest) -> Response:
    """The order's parcels, with what carriers say of them."""
    await owner_or_staff(request)
    return reply(ShipmentList(await shown_shipments(await shipments_of(order_id(request)))))


@documented(query=Pushed, resp={200: None, 403: None, 404: None}, keyed=False)
async def receive_push(request: OrdersRequest) -> Response:
    """What Kuaidi100 pushes of a parcel: a form with `param` and its `sign`."""
    shipment = str(request.path_params["shipment"])
    await hear(request.state, shipment, request.state["follower"].heard(shipment, await read_body(request)))
    return reply(ACCEPTED)


async def _done(request: OrdersRequest, verb: Verb) -> Response:
    """The verb carried out by staff of the order's; a repeat is answered as before, whatever has become since."""
    staff, body = await staff_of_order(request), await read_body(request)
    tried = attempt(request, staff.principal, body)
    answer = await repeated(request.state, order_id(request), tried) or await verb(staff, body, tried)
    return reply(answer.body, answer.status)


async def _place(request: OrdersRequest, staff: Staff, wished: str | None) -> str:
    """Raises InvalidError, NothingToDoError; NoRightError for a place where they don't work."""
    place = the_place(await lines_of(order_id(request)), wished)
    if not works_at(staff, place):
        raise NoRightError
    return place


async def _shipment(request: OrdersRequest, staff: Staff, wished: str | None) -> str:
    """Raises as `_place`."""
    found = await shipments_of(order_id(request))
    mine = [one for one in found if works_at(staff, one.place)]
    if found and not mine:
        raise NoRightError
    return the_shipment(mine, wished).id


def _posts(path: str, handler: Any) -> Route:
    return Route(PATH + path, handler, methods=["POST"])


routes: list[BaseRoute] = [
    _posts("/picking", create_picking),
    _posts("/shipment", create_shipment),
    _posts("/delivery", create_delivery),
    _posts("/delivery-failure", create_failure),
    _posts("/delivery-return", create_return),
    Route(PATH + "/shipments", list_shipments, methods=["GET"]),
    Route(PUSHES + "/{shipment}", receive_push, methods=["POST"]),
]
