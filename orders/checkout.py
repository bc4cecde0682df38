"""Checkout, on one page: what it is, how it comes, what it costs, who it is for. Whole without a script."""

from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.state import attempt
from booking.ticket_page import private
from halls.errors import HallNotFoundError
from halls.schemas import Hall
from halls.stock.errors import OutOfStockError
from o2o.kernel.clock import rfc3339
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import new_key, next_key, refused
from o2o.kernel.http import convert, parse_form, query, read_body
from o2o.kernel.i18n import translator_for
from o2o.kernel.pages import render
from orders.delivery.addresses import Address
from orders.delivery.divisions import IDS, provinces
from orders.delivery.quoting import fee_for
from orders.money import Money, amount_of, price
from orders.order_access import ANONYMOUS
from orders.order_endpoints import limit_orders
from orders.order_schemas import PlaceOrder, WishedLine, WishedWindow
from orders.product_wording import span
from orders.products import get_product
from orders.remembered import Remembered, remember, remembered
from orders.rights import give_cookie
from orders.schemas import Product
from orders.service.placing import place
from orders.service.promising import windows_for
from orders.state import OrdersRequest

PATH: Final = "/checkout"
MOST: Final = 10
Way = Literal["pickup", "delivery"]
Text = Annotated[str, msgspec.Meta(max_length=160)]


class CheckoutQuery(msgspec.Struct, frozen=True):
    """What the product's page asks for. What others hang on the link does no harm."""

    sku: Text
    hall: Text
    fulfilment: Way = "pickup"
    quantity: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 1
    code: Text = ""


class CheckoutForm(msgspec.Struct, frozen=True, kw_only=True):
    """The page as it was filled in. `total` (fen) is what it said that all of it costs."""

    key: str
    sku: Text
    hall: Text
    fulfilment: Way
    quantity: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 1
    code: Text = ""
    total: int
    phone: Text = ""
    name: Text = ""
    province: Text = ""
    city: Text = ""
    district: Text = ""
    street: Text = ""
    window: Text = ""

    @property
    def person(self) -> Remembered:
        return Remembered(self.phone, self.name, self.province, self.city, self.district, self.street)

    @property
    def wish(self) -> CheckoutQuery:
        return CheckoutQuery(self.sku, self.hall, self.fulfilment, self.quantity, self.code)


async def show_checkout(request: OrdersRequest) -> Response:
    """Filled in already for who has ordered with this browser before."""
    wish = query(request, CheckoutQuery)
    return await _page(request, wish, remembered(request))


async def create_order(request: OrdersRequest) -> Response:
    """Order just what the page said: in that way, for that total. What is otherwise now is said on the page again."""
    body = await read_body(request)
    filled = parse_form(body, CheckoutForm)
    try:
        await limit_orders(request, filled.phone)
        texts = translator_for(request)
        tried = attempt(request, ANONYMOUS, body, key=filled.key)
        order = await place(request.state, _order(filled, texts.language), tried)
    except DomainError as refusal:
        return await _page(request, filled.wish, filled.person, (refusal, filled.key, filled.window))
    response = RedirectResponse(f"/o/{order.id}", 303)
    secure = request.url.scheme == "https"
    give_cookie(response, request.state["signer"], order.id, secure=secure)
    remember(response, request.state["signer"], filled.person, secure=secure)
    return private(response)


def _order(filled: CheckoutForm, language: str) -> PlaceOrder:
    sent = filled.fulfilment == "delivery"
    address = Address(filled.name, filled.province, filled.city, filled.district, filled.street)
    return msgspec.convert(
        {
            "hall": filled.hall,
            "lines": [WishedLine(filled.sku, filled.quantity)],
            "fulfilment": filled.fulfilment,
            "phone": filled.phone,
            "address": address if sent else None,
            "code": filled.code or None,
            "expected_total": Money(amount_of(filled.total)),
            "window": window_of(filled.window) if sent else None,
            "language": language,
        },
        PlaceOrder,
    )


async def _page(
    request: OrdersRequest, wish: CheckoutQuery, person: Remembered, failed: tuple[DomainError, str, str] | None = None
) -> Response:
    texts, state = translator_for(request), request.state
    hall, product = await _hall(request, wish.hall), await get_product(wish.sku, state["clock"]())
    refusal, key, chosen = failed or (None, "", "")
    context = {
        "wish": wish,
        "hall": {"id": hall.id, "name": hall.names.in_language(texts.language), "hours": hall.rules.pickup_hours},
        "product": {"name": product.names.in_language(texts.language), "price": price(product.price)},
        "person": person,
        "provinces": list(provinces()),
        "instead": await _instead(request, refusal, wish, hall, product),
        "key": next_key(key, refusal) if key else new_key(),
        **await _sums(hall, product, wish, person),
        "windows": await _windows(request, hall, product, wish, person),
        "chosen": chosen,
        **refused(refusal, texts),
    }
    return private(render(request, "orders/checkout.html", context, refusal.status if refusal else 200))


async def _sums(hall: Hall, product: Product, wish: CheckoutQuery, person: Remembered) -> dict[str, Any]:
    """To where it is going, or would go: the fee that is shown is the one that is agreed to."""
    goods, fee = product.price * wish.quantity, 0
    if wish.fulfilment == "delivery":
        fee = await fee_for(_goes_to(hall, person), goods)
    return {"goods": price(goods), "fee": price(fee) if fee else "", "total": price(goods + fee), "fen": goods + fee}


async def _windows(
    request: OrdersRequest, hall: Hall, product: Product, wish: CheckoutQuery, person: Remembered
) -> list[tuple[str, str]]:
    """When it can come to where it is going: what the form sends, and how that is said. Soonest first."""
    if wish.fulfilment != "delivery" or not product.kind.has_stock:
        return []
    state, texts = request.state, translator_for(request)
    found = await windows_for(state, hall, [(product, wish.quantity)], _goes_to(hall, person))
    return [(f"{rfc3339(one.start)}/{rfc3339(one.end)}", span(one, state["clock"](), texts)) for one in found]


def window_of(chosen: str) -> WishedWindow | None:
    """`start/end` as the form sends it; nothing chosen is the earliest. Raises InvalidError."""
    start, _slash, end = chosen.partition("/")
    return convert({"start": start, "end": end}, WishedWindow) if chosen else None


def _goes_to(hall: Hall, person: Remembered) -> str:
    """The province, by its id; the hall's own until they have said."""
    return IDS.get(person.province, hall.province or "")


async def _instead(
    request: OrdersRequest, refusal: DomainError | None, wish: CheckoutQuery, hall: Hall, product: Product
) -> dict[str, str] | None:
    """The other way, when there is one: nobody is switched to it, they choose it."""
    found = await request.state["sourcing"].availability(product, hall, wish.quantity)
    here = bool(found.halls) and found.halls[0].place.id == hall.id
    other = "pickup" if wish.fulfilment == "delivery" else "delivery"
    if not (here if other == "pickup" else found.sent):
        return None
    asked = {"sku": wish.sku, "hall": wish.hall, "fulfilment": other, "quantity": wish.quantity, "code": wish.code}
    address = f"{PATH}?{urlencode({name: value for name, value in asked.items() if value})}"
    return {"way": other, "address": address, "needed": "yes" if isinstance(refusal, OutOfStockError) else ""}


async def _hall(request: OrdersRequest, hall: str) -> Hall:
    if not hall:
        raise HallNotFoundError
    return await request.state["directory"].get(hall)


routes: list[BaseRoute] = [
    Route(PATH, show_checkout, methods=["GET"]),
    Route(PATH, create_order, methods=["POST"]),
]
