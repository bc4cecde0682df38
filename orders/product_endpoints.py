"""Products over HTTP: for everybody to see, for headquarters to put; and the rules of where they come from."""

from typing import Annotated

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from halls.fields import Latitude, Longitude
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import decode, query, reply
from o2o.kernel.i18n import _, language_of
from o2o.kernel.openapi import documented
from o2o.kernel.paging import PageQuery
from orders.asking import HallId, asked_in, limit_looks
from orders.errors import ProductNotFoundError
from orders.products import Wanted, find_products, get_product, products_by_sku, put_product
from orders.rules import RuleList, put_rules, stored_rules
from orders.schemas import SKU, Product, ProductInput
from orders.shown import ProductList, PutProduct, ShownProductWhole, put_answer, show_product, show_product_whole
from orders.state import OrdersRequest
from staff.service import authenticate, require
from staff.states import Role


class ProductQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hall` is where it is asked for; `lat` and `lon` (WGS-84) stand for the nearest hall.

    Without any of them it is asked for from nowhere in particular.
    """

    hall: HallId | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class ProductPageQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """`q` is words of a name, an attribute or a SKU; the rest as of one product."""

    q: Annotated[str, msgspec.Meta(max_length=80)] = ""
    hall: HallId | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


@documented(resp={200: ProductList, 404: None}, query=ProductPageQuery)
async def list_products(request: OrdersRequest) -> Response:
    """The products that are listed now, by SKU, each with where it is to be had."""
    await limit_looks(request)
    wish, language = query(request, ProductPageQuery), language_of(request)
    hall = await asked_in(request, wish)
    wanted = Wanted(wish.q, request.state["clock"](), wish.limit + 1, wish.cursor)
    found = await find_products(wanted)
    shown = found[: wish.limit]
    there = await request.state["sourcing"].availabilities(shown, hall)
    rows = [show_product(product, one, language) for product, one in zip(shown, there, strict=True)]
    return reply(ProductList(rows, shown[-1].sku if len(found) > wish.limit else None))


@documented(resp={200: ShownProductWhole, 404: None}, query=ProductQuery)
async def show_one_product(request: OrdersRequest) -> Response:
    """One product that is listed now, whole; to headquarters also one that is not."""
    await limit_looks(request)
    wish = query(request, ProductQuery)
    hall = await asked_in(request, wish)
    product = await _product(request)
    found = await request.state["sourcing"].availability(product, hall)
    return reply(show_product_whole(product, found, language_of(request)))


@documented(json=ProductInput, resp={200: PutProduct, 201: PutProduct, 403: None})
async def replace_product(request: OrdersRequest) -> Response:
    """Make a product, or change it whole (headquarters). The same document again changes nothing."""
    staff = await require(request, Role.HQ)
    sku = _sku(request)
    if not SKU.fullmatch(sku):
        raise InvalidError(_("A SKU has 2 to 40 small letters, digits or -."), field="sku")
    given = await decode(request, ProductInput)
    product, created = await put_product(sku, given, now=request.state["clock"](), actor=staff.principal)
    return reply(put_answer(product), 201 if created else 200)


@documented(resp={200: RuleList, 403: None})
async def show_rules(request: OrdersRequest) -> Response:
    """The rules of where products come from (headquarters); none is the usual order."""
    await require(request, Role.HQ)
    return reply(RuleList(await stored_rules()))


@documented(json=RuleList, resp={200: RuleList, 403: None})
async def replace_rules(request: OrdersRequest) -> Response:
    """Let these rules hold and no others (headquarters); every process knows them within three seconds."""
    staff = await require(request, Role.HQ)
    given = await decode(request, RuleList)
    await put_rules(request.state["rules"], given, at=to_ms(request.state["clock"]()), actor=staff.principal)
    return reply(RuleList(await stored_rules()))


async def _product(request: OrdersRequest) -> Product:
    """Raises ProductNotFoundError."""
    sku = _sku(request)
    try:
        return await get_product(sku, request.state["clock"]())
    except ProductNotFoundError:
        staff = await authenticate(request)
        found = (await products_by_sku([sku])).get(sku) if staff and staff.may(Role.HQ) else None
        if found is None:
            raise
        return found


def _sku(request: OrdersRequest) -> str:
    return str(request.path_params["sku"])


routes: list[BaseRoute] = [
    Route("/api/v1/products", list_products, methods=["GET"]),
    Route("/api/v1/products/{sku}", show_one_product, methods=["GET"]),
    Route("/api/v1/products/{sku}", replace_product, methods=["PUT"]),
    Route("/api/v1/sourcing", show_rules, methods=["GET"]),
    Route("/api/v1/sourcing", replace_rules, methods=["PUT"]),
]
