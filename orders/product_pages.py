"""The product at the shelf, and all products: whole without a script."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from halls.errors import HallNotFoundError
from halls.fields import Latitude, Longitude
from halls.hall import Hall
from o2o.kernel.forms import new_key
from o2o.kernel.http import query
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from orders.asking import HallId, Place, asked_in, limit_looks
from orders.basket import Basket, basket_of, most_of
from orders.offers import Wanted as Some
from orders.offers import offer_of
from orders.product_wording import Look, checkout, deed, other_halls, parts, product_address, product_row, span
from orders.products import Wanted, find_products, get_product
from orders.schemas import Product
from orders.sourcing import Availability, availability_of
from orders.state import OrdersRequest
from orders.watching_endpoints import watch_form
from qr.service import TEXT

PRODUCTS_A_PAGE: Final = 30


class ShelfQuery(msgspec.Struct, frozen=True):
    """What others hang on a link that is passed on means nothing, and does no harm."""

    hall: HallId = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    code: Annotated[str, msgspec.Meta(max_length=64)] = ""
    quantity: Annotated[str, msgspec.Meta(max_length=8)] = ""


class ListQuery(msgspec.Struct, frozen=True):
    q: Annotated[str, msgspec.Meta(max_length=80)] = ""
    hall: HallId = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=64)] = ""


async def show_product(request: OrdersRequest) -> Response:
    """A product in the hall where somebody stands before it, with the one thing that can be done now."""
    await limit_looks(request)
    wish, texts, now = query(request, ShelfQuery), translator_for(request), request.state["clock"]()
    product, hall = await get_product(str(request.path_params["sku"]), now), await _hall(request, wish)
    sources = await request.state["sourcing"].sources(product, hall)
    found, code = availability_of(product, sources, hall), wish.code if TEXT.fullmatch(wish.code) else ""
    most = min(most_of(product), max(offer_of(Some(product, 1), sources, hall).most, 1))
    look = Look(hall, code, _quantity(wish.quantity, most))
    there = availability_of(product, sources, hall, look.quantity)
    context = {
        "product": product_row(product, found, texts, now) | _more(product, texts),
        "hall": hall and {"id": hall.id, "name": hall.names.in_language(texts.language)},
        "halls": other_halls(found, product.sku, code, texts),
        "all_products": _list_address(hall=hall.id if hall else ""),
        "hall_id": hall.id if hall else "",
        "watch": watch_form(request) if found.kind == "none" else None,
        "code": code,
        "deed": deed(product, there, look, texts),
        "parts": parts(offer_of(Some(product, look.quantity), sources, hall), look, product.sku, texts),
        "instead": _instead(product, there, look),
        "instead_time": there.sent and there.sent.eta and span(there.sent.eta, now, texts),
        "amount": _amount(product, look, most) if product.kind.has_stock and found.kind != "none" else None,
        "key": new_key(),
        "put_hall": hall.id if hall else found.halls[0].place.id if found.halls else "",
        "basket_count": basket_of(request).count,
    }
    return _fresh(render(request, "orders/product.html", context))


async def list_products(request: OrdersRequest) -> Response:
    """All products that are listed, or those with some words, each with its line of truth."""
    await limit_looks(request)
    wish, texts, now = query(request, ListQuery), translator_for(request), request.state["clock"]()
    hall = await _hall(request, wish)
    found = await find_products(Wanted(wish.q, now, PRODUCTS_A_PAGE + 1, wish.cursor or None))
    shown = found[:PRODUCTS_A_PAGE]
    there = await request.state["sourcing"].availabilities(shown, hall)
    hall_id, basket = hall.id if hall else "", basket_of(request)
    context = {
        "wish": wish,
        "hall": hall and {"id": hall.id, "name": hall.names.in_language(texts.language)},
        "products": [
            product_row(product, one, texts, now) | _listed(product, one, hall_id, basket)
            for product, one in zip(shown, there, strict=True)
        ],
        "key": new_key(),
        "here": _list_address(q=wish.q, hall=hall_id, cursor=wish.cursor),
        "basket_count": basket.count,
        "everywhere": _list_address(q=wish.q),
        "all_words": _list_address(hall=hall_id),
        "following": _list_address(q=wish.q, hall=hall_id, cursor=shown[-1].sku)
        if len(found) > PRODUCTS_A_PAGE
        else None,
    }
    return _fresh(render(request, "orders/products.html", context))


def _more(product: Product, texts: Translator) -> dict[str, Any]:
    language = texts.language
    return {
        "description": product.description.in_language(language) if product.description else "",
        "attributes": [
            (one.names.in_language(language), one.value.in_language(language)) for one in product.attributes
        ],
        "limit": product.limit_per_person,
    }


def _listed(product: Product, found: Availability, hall: str, basket: Basket) -> dict[str, Any]:
    """Where a row leads, and whether it can be put into the basket."""
    line = basket.line(product.sku)
    in_basket = line.quantity if line else 0
    can_be_put = bool(hall) and product.kind.has_stock and found.kind != "none" and in_basket < most_of(product)
    return {"address": product_address(product.sku, hall, ""), "in_basket": in_basket, "can_be_put": can_be_put}


def _quantity(asked: str, most: int) -> int:
    return min(max(int(asked), 1), most) if asked.isascii() and asked.isdigit() else 1


def _amount(product: Product, look: Look, most: int) -> dict[str, Any]:
    """How many are chosen, and the addresses for one less and one more; None at an end."""
    hall = look.hall.id if look.hall else None
    less, more = (product_address(product.sku, hall, look.code, look.quantity + step) for step in (-1, 1))
    return {
        "now": look.quantity,
        "less": less if look.quantity > 1 else None,
        "more": more if look.quantity < most else None,
        "most": most,
    }


def _instead(product: Product, found: Availability, look: Look) -> str | None:
    """Where delivery is chosen instead of what the button does."""
    offered = found.sent and found.kind in {"here", "nearby"}
    return checkout(product.sku, look.hall.id, "delivery", look) if offered and look.hall else None


async def _hall(request: OrdersRequest, wish: Place) -> Hall | None:
    """One that there is not is as good as none: the page is about the product."""
    try:
        return await asked_in(request, wish)
    except HallNotFoundError:
        return None


def _list_address(**asked: str) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"/products?{urlencode(given)}" if given else "/products"


def _fresh(response: Response) -> Response:
    """Stock is as it is now."""
    response.headers["Cache-Control"] = "no-store"
    return response


routes: list[BaseRoute] = [
    Route("/p/{sku}", show_product, methods=["GET"], name="product"),
    Route("/products", list_products, methods=["GET"], name="products"),
]
