"""Keeping something for a while, and letting go of it."""

from typing import Final

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.state import attempt
from halls.fields import Id
from halls.stock.errors import HoldEndedError, HoldNotFoundError
from halls.stock.schemas import Held, Hold, Sku
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import from_ms, rfc3339, to_ms
from o2o.kernel.http import Nothing, Operation, no_content, parse, read_body, reply
from o2o.kernel.i18n import _
from o2o.kernel.ledger import stored_event
from o2o.kernel.limits import Limit
from o2o.kernel.openapi import documented
from orders.errors import ProductNotFoundError
from orders.holder import hold_token, holder_of, owns_hold, remember_holder
from orders.products import get_product
from orders.state import OrdersRequest
from staff.browsers import address_of

ANONYMOUS: Final = "anonymous"
CUSTOMER: Final = "customer"
HOLDS_PER_ADDRESS: Final = Limit(
    120,
    600,
    _("From this connection %(limit)s things were kept within ten minutes. Try again in %(minutes)s min."),
)
"""A hall's Wi-Fi is one address for many people, who each keep a thing or two. Whoever hoards under ever new cookies is
bound by it: each is another holder."""


class HoldInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hall` is where the customer is, when that is not the place that has it."""

    place: Id
    sku: Sku
    quantity: Held = 1
    hall: Id | None = None


class GivenHold(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept until `expires_at`; `token` is the right to it, told to whoever made it."""

    id: str
    expires_at: str
    token: str | None = None


@documented(json=HoldInput, resp={201: GivenHold, 404: None, 409: None, 429: None})
async def create_hold(request: OrdersRequest) -> Response:
    """Keep some of a product for ten minutes. Nobody else can have them meanwhile."""
    state = request.state
    await state["limits"].check(f"holds:{address_of(request)}", *HOLDS_PER_ADDRESS)
    body = await read_body(request)
    wish, tried = parse(body, HoldInput), attempt(request, ANONYMOUS, body)
    most = await _most(request, wish.sku, tried)
    hold = await state["stock"].hold(
        wish.place,
        wish.sku,
        wish.quantity,
        tried,
        holder=holder_of(request),
        hall=wish.hall,
        most=most,
    )
    answer = reply(_given(hold, hold_token(state["signer"], hold.id)), 201, {"location": f"/api/v1/holds/{hold.id}"})
    remember_holder(request, answer)
    return answer


@documented(json=Nothing, resp={200: GivenHold, 404: None, 409: None})
async def create_extension(request: OrdersRequest) -> Response:
    """Whoever has the hold is still about: ten minutes from now, an hour from its beginning at most (owner)."""
    hold, body = _owned(request), await read_body(request)
    parse(body, Nothing)
    tried = attempt(request, CUSTOMER, body)
    return reply(_given(await request.state["stock"].extend(hold, tried)))


@documented(resp={204: None, 404: None, 409: None})
async def delete_hold(request: OrdersRequest) -> Response:
    """Let go of it (owner). That is the same however often it is asked for, so that it needs no key."""
    hold, now = _owned(request), to_ms(request.state["clock"]())
    tried = Attempt(Operation(f"let go:{hold}", ""), CUSTOMER, now)
    try:
        await request.state["stock"].release(hold, tried, why="cancelled")
    except HoldEndedError as ended:
        if ended.details["state"] == "converted":
            raise
    return no_content()


async def _most(request: OrdersRequest, sku: str, tried: Attempt) -> int | None:
    """So many of it one person may have. Raises ProductNotFoundError, but not to who repeats what was done before."""
    try:
        return (await get_product(sku, request.state["clock"]())).limit_per_person
    except ProductNotFoundError:
        if await stored_event(tried.operation.id) is None:
            raise
        return None


def _owned(request: OrdersRequest) -> str:
    """The same for a wrong token and an unknown id."""
    hold: str = request.path_params["hold"]
    if not owns_hold(request, hold):
        raise HoldNotFoundError
    return hold


def _given(hold: Hold, token: str | None = None) -> GivenHold:
    return GivenHold(hold.id, rfc3339(from_ms(hold.expires_at)), token)


routes: list[BaseRoute] = [
    Route("/api/v1/holds", create_hold, methods=["POST"]),
    Route("/api/v1/holds/{hold}", delete_hold, methods=["DELETE"]),
    Route("/api/v1/holds/{hold}/extension", create_extension, methods=["POST"]),
]
