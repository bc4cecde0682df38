"""Sell or hand over, at a counter: one page, whole without a script."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.clerk.desk import Desk, desk_at
from booking.goods import Goods
from booking.state import attempt
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import next_key, refused
from o2o.kernel.http import parse_form, query, read_body
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from orders.clerk.acts import DEEDS, Press, SellForm
from orders.clerk.receipt import order_to_collect, sold
from orders.clerk.shelf import customer_of, delivery, item, products_on_shelf
from orders.clerk.till import till
from orders.service.collecting import order_of_code
from orders.state import OrdersRequest
from staff.browsers import sign_in_address
from staff.errors import NoRightError, SignInRequiredError
from staff.service import require
from staff.shift import on_shift
from staff.states import Role

PAGE: Final = "/clerk/sell"
FIND: Final = "find"


class SellQuery(msgspec.Struct, frozen=True):
    """`ticket` is whoever stands there, `sku` the product that was chosen, `done` the order of what was `did`.

    `province` is where it is to be sent.
    """

    counter: str | None = None
    ticket: str = ""
    q: Annotated[str, msgspec.Meta(max_length=80)] = ""
    sku: str = ""
    quantity: int = 1
    province: str = ""
    done: str = ""
    did: str = ""
    found: str = ""


async def show_sell(request: OrdersRequest) -> Response:
    try:
        staff = await require(request, Role.CLERK)
    except SignInRequiredError:
        return RedirectResponse(sign_in_address(request), 303)
    asked = query(request, SellQuery)
    counter = asked.counter or staff.counter()
    if counter is None:
        return RedirectResponse("/clerk", 303)
    desk = await desk_at(request.state["directory"], staff, counter)
    return await _page(request, desk, asked, SellForm("", "", "", ""))


async def create_sale(request: OrdersRequest) -> Response:
    """What a button asks for, carried out; then a page that says so, or the same page with why not."""
    staff, body = await require(request, Role.CLERK), await read_body(request)
    filled, texts = parse_form(body, SellForm), translator_for(request)
    desk = await desk_at(request.state["directory"], staff, filled.counter)
    tried = attempt(request, staff.principal, body, key=filled.key)
    asked = SellQuery(
        ticket=filled.ticket,
        sku=filled.sku,
        quantity=filled.quantity,
        province=filled.province,
        found=filled.order,
    )
    try:
        if filled.deed == FIND:
            order = await order_of_code(request.state, desk.hall.id, filled.code, staff.principal)
            return await _page(request, desk, msgspec.structs.replace(asked, found=order.id), filled)
        if filled.deed not in DEEDS:
            raise NoRightError
        did, verb = DEEDS[filled.deed]
        done = await verb(request.state, Press(desk, filled, tried, texts.language))
    except DomainError as refusal:
        return await _page(request, desk, asked, filled, refusal)
    return RedirectResponse(_address(desk, asked.ticket, done=done, did=did), 303)


async def _page(
    request: OrdersRequest, desk: Desk, asked: SellQuery, filled: SellForm, refusal: DomainError | None = None
) -> Response:
    texts = translator_for(request)
    context = {
        "hall": {"id": desk.hall.id, "name": desk.hall.names.in_language(texts.language)},
        "counter": {"id": desk.counter.id, "name": desk.counter.name},
        "ticket": asked.ticket,
        "here": _address(desk, asked.ticket),
        "back": f"/clerk?{urlencode({'counter': desk.counter.id})}",
        **on_shift(request, desk.staff, desk.hall.time_zone),
        "key": next_key(filled.key, refusal),
        "q": asked.q,
        "typed": filled,
        **await _shown(request, desk, asked, texts),
        **_refused(refusal, texts),
    }
    response = render(request, "orders/clerk/sell.html", context, refusal)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _shown(request: OrdersRequest, desk: Desk, asked: SellQuery, texts: Translator) -> dict[str, Any]:
    """The one thing that the page is about: what was done, an order, a product, or the shelf."""
    customer = await customer_of(request, desk, asked.ticket, texts)
    shown: dict[str, Any] = {"customer": customer and customer.shown, "sold": None, "order": None, "item": None}
    if asked.done:
        return shown | {"sold": await sold(request, desk, asked.done, asked.did, texts)}
    if asked.found:
        return shown | {"order": await order_to_collect(desk, asked.found, texts)}
    if asked.sku:
        chosen = await item(request, desk, Goods(asked.sku, asked.quantity), customer, texts)
        if chosen:
            return shown | {"item": chosen | await delivery(chosen, asked.province)}
    products = await products_on_shelf(request, desk, asked.q, texts)
    return shown | {"products": products, "till": await till(request, desk, texts)}


def _refused(refusal: DomainError | None, texts: Translator) -> dict[str, Any]:
    """As every form says it; a part of an address has a field of its own here."""
    said = refused(refusal, texts)
    return said | {"refused_field": (said["refused_field"] or "").rpartition(".")[2]}


def _address(desk: Desk, ticket: str, **more: str) -> str:
    asked = {"counter": desk.counter.id, **({"ticket": ticket} if ticket else {}), **more}
    return f"{PAGE}?{urlencode(asked)}"


routes: list[BaseRoute] = [
    Route(PAGE, show_sell, methods=["GET"]),
    Route(PAGE, create_sale, methods=["POST"]),
]
