"""Checkout, on one page: what it is, how it comes, what it costs, who it is for. Whole without a script."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.state import attempt
from booking.ticket_page import private
from halls.errors import HallNotFoundError
from halls.hall import Hall
from halls.stock.errors import OutOfStockError
from o2o.kernel.clock import rfc3339
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import new_key, next_key, refused
from o2o.kernel.http import convert, parse_form, query, read_body
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from o2o.kernel.state import is_https
from orders.basket import basket_of, keep
from orders.checkout_wish import CheckoutForm, CheckoutQuery, Wish, sent_of
from orders.delivery.divisions import IDS, city_named, province_names, provinces
from orders.delivery.quoting import fee_for
from orders.errors import ProductNotFoundError
from orders.money import Money, amount_of, price
from orders.offers import Wanted, offers_of, ways_of
from orders.order_access import ANONYMOUS
from orders.order_endpoints import limit_orders
from orders.order_schemas import PlaceOrder, WishedWindow
from orders.product_wording import said_price, span
from orders.products import products_by_sku
from orders.remembered import Remembered, remember, remembered
from orders.rights import give_cookie
from orders.service.placing import place
from orders.service.promising import windows_for
from orders.shares import AgreedLine
from orders.shown import picture_url
from orders.state import OrdersRequest
from orders.states import Fulfilment
from staff.browsers import check_origin

PATH: Final = "/checkout"
PROPOSED: Final = 3
"""So many names are said of those that a city or a district may have meant."""


class Asked(NamedTuple):
    """What is to be ordered, looked up: the hall, and each line's product."""

    wish: Wish
    hall: Hall
    wanted: Sequence[Wanted]
    person: Remembered

    @property
    def sent(self) -> list[Wanted]:
        """What of it goes to the door. What is no thing is not sent."""
        pairs = zip(self.wanted, self.wish.lines, strict=True)
        sent = [Wanted(one.product, sent_of(line)) for one, line in pairs if one.product.kind.has_stock]
        return [one for one in sent if one.quantity]

    @property
    def goes_to(self) -> str:
        """The province, by its id; the hall's own until they have said."""
        return IDS.get(self.person.province, self.hall.province or "")


async def show_checkout(request: OrdersRequest) -> Response:
    """Filled in already for who has ordered with this browser before."""
    return await _page(request, query(request, CheckoutQuery).wish, remembered(request))


async def create_order(request: OrdersRequest) -> Response:
    """Order just what the page said: in that way, for that total. What is otherwise now is said on the page again."""
    check_origin(request)
    body = await read_body(request)
    filled = parse_form(body, CheckoutForm)
    wish = filled.wish
    try:
        tried = attempt(request, ANONYMOUS, body, key=filled.key)
        await limit_orders(request, filled.phone, tried)
        shown = tuple(line.shares for line in wish.lines)
        order = await place(request.state, _order(filled, translator_for(request).language), tried, shown)
    except DomainError as refusal:
        return await _page(request, wish, filled.person, (refusal, filled.key, filled.window))
    response = RedirectResponse(f"/o/{order.id}", 303)
    secure, signer = is_https(request), request.state["signer"]
    give_cookie(response, signer, order.id, secure=secure)
    remember(response, signer, filled.person, secure=secure)
    if filled.basket:
        keep(response, signer, basket_of(request).ordered(filled.basket.split(".")), secure=secure)
    return private(response)


def _order(filled: CheckoutForm, language: str) -> PlaceOrder:
    wish, sent = filled.wish, filled.wish.way != "pickup"
    return wish.order(
        {
            "phone": filled.phone,
            "address": filled.address if sent else None,
            "expected_total": Money(amount_of(filled.total)),
            "window": window_of(filled.window) if sent else None,
            "language": language,
        }
    )


async def _page(
    request: OrdersRequest, wish: Wish, person: Remembered, failed: tuple[DomainError, str, str] | None = None
) -> Response:
    texts = translator_for(request)
    try:
        asked = await _asked(request, wish, person)
    except ProductNotFoundError:
        if not wish.basket:
            raise
        return private(RedirectResponse("/basket", 303))  # Which says what is not sold any more.
    refusal, key, chosen = failed or (None, "", "")
    hall = asked.hall
    context = {
        "wish": {"lines": wish.in_lines(wish.lines)["lines"], "code": wish.code, "basket": wish.basket},
        "own_page": _address(wish, wish.lines),
        "way": wish.way,
        "hall": {"id": hall.id, "name": hall.names.in_language(texts.language), "hours": hall.rules.pickup_hours},
        "lines": _lines(asked, texts),
        "person": person,
        "provinces": province_names(texts.language),
        **_divisions(person),
        "possible": refusal.details.get("possible", ())[:PROPOSED] if refusal else (),
        "others": await _others(request, asked),
        "needed": isinstance(refusal, OutOfStockError),
        "basket_count": basket_of(request).count,
        "key": next_key(key, refusal) if key else new_key(),
        **await _sums(asked),
        "windows": await _windows(request, asked),
        "chosen": chosen,
        **refused(refusal, texts),
    }
    return private(render(request, "orders/checkout.html", context, refusal))


async def _asked(request: OrdersRequest, wish: Wish, person: Remembered) -> Asked:
    """Raises HallNotFoundError, ProductNotFoundError."""
    if not wish.hall:
        raise HallNotFoundError
    hall, now = await request.state["directory"].get(wish.hall), request.state["clock"]()
    products = await products_by_sku([line.sku for line in wish.lines])
    if any(line.sku not in products or not products[line.sku].is_listed(now) for line in wish.lines):
        raise ProductNotFoundError
    return Asked(wish, hall, [Wanted(products[line.sku], line.quantity) for line in wish.lines], person)


def _divisions(person: Remembered) -> dict[str, Collection[str]]:
    """The names there are, as far as it is known where it goes to."""
    cities = provinces().get(person.province, {})
    city = city_named(person.city, person.province) if cities else None
    return {"cities": list(cities), "districts": cities.get(city or "", ())}


def _lines(asked: Asked, texts: Translator) -> list[dict[str, Any]]:
    return [
        {
            "sku": one.product.sku,
            "name": one.product.names.in_language(texts.language),
            "quantity": one.quantity,
            "picture": picture_url(one.product.picture),
            "price": said_price(one.product.price * one.quantity, texts),
            "picked_up": one.quantity - sent_of(line),
            "sent": sent_of(line),
            "parcels": sum(share.fulfilment is Fulfilment.DELIVERY for share in line.shares) > 1,
        }
        for one, line in zip(asked.wanted, asked.wish.lines, strict=True)
    ]


async def _sums(asked: Asked) -> dict[str, Any]:
    """To where it is going, or would go: the fee that is shown is the one that is agreed to."""
    goods, fee = sum(one.product.price * one.quantity for one in asked.wanted), 0
    if asked.sent:
        fee = await fee_for(asked.goes_to, sum(one.product.price * one.quantity for one in asked.sent))
    return {"fee": price(fee) if fee else "", "total": price(goods + fee), "fen": goods + fee}


async def _windows(request: OrdersRequest, asked: Asked) -> list[tuple[str, str]]:
    """When it can come to where it is going: what the form sends, and how that is said. Soonest first."""
    if not asked.sent:
        return []
    state, texts = request.state, translator_for(request)
    found = await windows_for(state, asked.hall, asked.sent, asked.goes_to)
    return [(f"{rfc3339(one.start)}/{rfc3339(one.end)}", span(one, state["clock"](), texts)) for one in found]


def window_of(chosen: str) -> WishedWindow | None:
    """`start/end` as the form sends it; nothing chosen is the earliest. Raises InvalidError."""
    start, _slash, end = chosen.partition("/")
    return convert({"start": start, "end": end}, WishedWindow) if chosen else None


async def _others(request: OrdersRequest, asked: Asked) -> list[Mapping[str, str]]:
    """The other ways, where there are some: nobody is switched to one, they choose it."""
    offers = await offers_of(request.state, asked.hall, asked.wanted)
    return [
        {"way": way, "address": _address(asked.wish, lines)}
        for way, lines in ways_of(asked.wanted, offers).items()
        if lines != asked.wish.lines
    ]


def _address(wish: Wish, lines: tuple[AgreedLine, ...]) -> str:
    return f"{PATH}?{urlencode(wish.in_lines(lines))}"


routes: list[BaseRoute] = [
    Route(PATH, show_checkout, methods=["GET"]),
    Route(PATH, create_order, methods=["POST"]),
]
