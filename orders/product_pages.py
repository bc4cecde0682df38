"""The product at the shelf, and all products: whole without a script."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from halls.errors import HallNotFoundError
from halls.schemas import Hall, Latitude, Longitude
from o2o.kernel.http import query
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from orders.asking import HallId, Place, asked_in, limit_looks
from orders.product_wording import checkout, deed, other_halls, product_address, product_row, span
from orders.products import Wanted, find_products, get_product
from orders.schemas import Product
from orders.sourcing import Availability
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
    found = await request.state["sourcing"].availability(product, hall)
    code = wish.code if TEXT.fullmatch(wish.code) else ""
    context = {
        "product": product_row(product, found, texts, now) | _more(product, texts),
        "hall": hall and {"id": hall.id, "name": hall.names.in_language(texts.language)},
        "halls": other_halls(found, product.sku, code, texts),
        "all_products": _list_address(hall=hall.id if hall else ""),
        "hall_id": hall.id if hall else "",
        "watch": watch_form(request) if found.kind == "none" else None,
        "code": code,
        "deed": deed(product, found, hall, code, texts),
        "instead": _instead(product, found, hall, code),
        "instead_time": found.sent and found.sent.eta and span(found.sent.eta, now, texts),
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
    hall_id = hall.id if hall else ""
    context = {
        "wish": wish,
        "hall": hall and {"id": hall.id, "name": hall.names.in_language(texts.language)},
        "products": [
            product_row(product, one, texts, now) | {"address": product_address(product.sku, hall_id, "")}
            for product, one in zip(shown, there, strict=True)
        ],
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


def _instead(product: Product, found: Availability, hall: Hall | None, code: str) -> str | None:
    """Where delivery is chosen instead of what the button does."""
    offered = found.sent and hall and found.kind in {"here", "nearby"}
    return checkout(product.sku, hall.id, "delivery", code) if offered and hall else None


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
