"""The basket: what was collected, what of it is possible now, and the way to the checkout. Whole without a script."""

import re
from typing import Annotated, Any, Final

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.ticket_page import private
from halls.errors import HallNotFoundError
from halls.hall import Hall
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.forms import refused
from o2o.kernel.http import parse_form, read_body
from o2o.kernel.i18n import _, translator_for
from o2o.kernel.pages import render
from o2o.kernel.state import is_https
from orders.asking import HallId, limit_looks
from orders.basket import MOST_OF_ONE, Basket, basket_of, keep
from orders.basket_wording import Reader, gone_row, line_row, way_rows
from orders.delivery.quoting import rate_to
from orders.money import price
from orders.offers import Wanted, offers_of, ways_of
from orders.order_schemas import MOST_LINES
from orders.products import get_product, products_by_sku
from orders.state import OrdersRequest
from qr.service import TEXT
from staff.browsers import check_origin

PATH: Final = "/basket"
BACK: Final = re.compile(r"/products(\?[\w=&%.+-]*)?")
"""Where one may go on after something was put in."""
Sku = Annotated[str, msgspec.Meta(max_length=40)]


class PutForm(msgspec.Struct, frozen=True, kw_only=True):
    """So many more of a product, seen in a hall; the same `key` puts them in once."""

    key: Annotated[str, msgspec.Meta(min_length=16, max_length=64)]
    sku: Sku
    hall: HallId
    quantity: Annotated[int, msgspec.Meta(ge=1, le=MOST_OF_ONE)] = 1
    code: Annotated[str, msgspec.Meta(max_length=64)] = ""
    back: Annotated[str, msgspec.Meta(max_length=400)] = ""


class QuantityForm(msgspec.Struct, frozen=True):
    """So many of it from now on; 0 takes it out."""

    quantity: Annotated[int, msgspec.Meta(ge=0, le=MOST_OF_ONE)]


class HallForm(msgspec.Struct, frozen=True):
    hall: HallId


async def show_basket(request: OrdersRequest) -> Response:
    """What this browser has collected, with what is possible now."""
    await limit_looks(request)
    return await _page(request, basket_of(request))


async def put_in(request: OrdersRequest) -> Response:
    """Put a product into this browser's basket."""
    check_origin(request)
    await limit_looks(request)
    filled, basket = parse_form(await read_body(request), PutForm), basket_of(request)
    try:
        changed = await _with(request, basket, filled)
    except InvalidError as refusal:
        return await _page(request, basket, refusal)
    return _kept(request, changed, filled.back if BACK.fullmatch(filled.back) else PATH)


async def change_line(request: OrdersRequest) -> Response:
    """Another quantity of what is in it; none takes it out."""
    check_origin(request)
    await limit_looks(request)
    filled, sku, basket = parse_form(await read_body(request), QuantityForm), _sku(request), basket_of(request)
    if basket.line(sku) is None:
        return _kept(request, basket, PATH)
    if not filled.quantity:
        return _kept(request, basket.drop(sku), PATH)
    product = await get_product(sku, request.state["clock"]())
    return _kept(request, basket.change(product, filled.quantity), f"{PATH}#line-{sku}")


async def change_hall(request: OrdersRequest) -> Response:
    """Pick it up in another hall."""
    check_origin(request)
    await limit_looks(request)
    hall = await request.state["directory"].get(parse_form(await read_body(request), HallForm).hall)
    return _kept(request, msgspec.structs.replace(basket_of(request), hall=hall.id), PATH)


async def _with(request: OrdersRequest, basket: Basket, filled: PutForm) -> Basket:
    """Raises HallNotFoundError, ProductNotFoundError, InvalidError."""
    product = await get_product(filled.sku, request.state["clock"]())
    hall = await request.state["directory"].get(filled.hall)
    if not product.kind.has_stock:
        raise InvalidError(_("This is made out at a counter: take a number for it."), field="sku")
    if basket.is_full and basket.line(product.sku) is None:
        raise InvalidError(_("A basket takes %(most)s products. Order these first."), field="sku", most=MOST_LINES)
    code = filled.code if TEXT.fullmatch(filled.code) else basket.code
    there = msgspec.structs.replace(basket, hall=hall.id, code=code)
    return there.put(product, filled.quantity, filled.key)


async def _page(request: OrdersRequest, basket: Basket, refusal: DomainError | None = None) -> Response:
    texts, hall = translator_for(request), await _hall(request, basket)
    context = {
        "hall": hall and {"id": hall.id, "name": hall.names.in_language(texts.language)},
        "more_products": f"/products?hall={hall.id}" if hall else "/products",
        "count": basket.count,
        **await _content(request, basket, hall),
        **refused(refusal, texts),
    }
    return private(render(request, "orders/basket.html", context, refusal))


async def _content(request: OrdersRequest, basket: Basket, hall: Hall | None) -> dict[str, Any]:
    state, texts = request.state, translator_for(request)
    reader, products = Reader(hall, texts, state["clock"]()), await products_by_sku([one.sku for one in basket.lines])
    sold = [one for one in basket.lines if one.sku in products and products[one.sku].is_listed(reader.now)]
    wanted = [Wanted(products[one.sku], one.quantity) for one in sold]
    offers = dict(zip((one.sku for one in sold), await offers_of(state, hall, wanted), strict=True))
    ways = ways_of(wanted, list(offers.values())) if len(sold) == len(basket.lines) else {}
    rate = await rate_to(hall.province or "" if hall else "")
    return {
        "lines": [
            line_row(one, products[one.sku], offers[one.sku], basket, reader)
            if one.sku in offers
            else gone_row(one, products.get(one.sku), texts.language)
            for one in basket.lines
        ],
        "goods": price(sum(one.product.price * one.quantity for one in wanted)),
        "ways": way_rows(ways, wanted, rate, basket),
        "free_from": price(rate.free_from) if rate.free_from else "",
    }


async def _hall(request: OrdersRequest, basket: Basket) -> Hall | None:
    """One that there is not any more is as good as none: something is put in from another."""
    try:
        return await request.state["directory"].get(basket.hall) if basket.hall else None
    except HallNotFoundError:
        return None


def _kept(request: OrdersRequest, basket: Basket, address: str) -> Response:
    response = private(RedirectResponse(address, 303))
    keep(response, request.state["signer"], basket, secure=is_https(request))
    return response


def _sku(request: OrdersRequest) -> str:
    return str(request.path_params["sku"])


routes: list[BaseRoute] = [
    Route(PATH, show_basket, methods=["GET"], name="basket"),
    Route(PATH + "/lines", put_in, methods=["POST"]),
    Route(PATH + "/lines/{sku}", change_line, methods=["POST"]),
    Route(PATH + "/hall", change_hall, methods=["POST"]),
]
