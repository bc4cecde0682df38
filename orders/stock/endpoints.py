"""A place's stock over HTTP. Whoever works there may look and count; whoever answers for it does the rest."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.state import attempt
from halls.stock.places import Place
from halls.stock.queries import level, movements_of
from halls.stock.schemas import Level
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.http import parse, query, read_body, reply
from o2o.kernel.i18n import language_of
from o2o.kernel.openapi import documented
from o2o.kernel.paging import PageQuery, page
from orders.state import OrdersRequest
from orders.stock import deeds
from orders.stock.deeds import product_of
from orders.stock.lists import named, stock_at
from orders.stock.rights import allowed
from orders.stock.schemas import (
    Count,
    Damage,
    LevelList,
    MovementList,
    PlaceList,
    Receipt,
    ShownLevel,
    ShownPlace,
    StockQuery,
    Transfer,
    shown_movement,
)
from staff.service import require_anyone

T = TypeVar("T", bound=msgspec.Struct)
Deed = Callable[[Stockroom, str, str, T, Attempt], Awaitable[Level]]

CREATED: Final = 201
REMEMBERED: Final = 1000
"""So many movements, the newest, are listed; all are in the file."""
CHANGED: Final = {201: ShownLevel, 403: None, 404: None, 409: None}


@documented(resp={200: PlaceList, 401: None}, query=PageQuery)
async def list_places(request: OrdersRequest) -> Response:
    """Every place with stock, halls first (staff)."""
    await require_anyone(request)
    wish, language = query(request, PageQuery), language_of(request)
    shown, following = page(await request.state["places"].all(), wish.limit, wish.cursor, lambda place: place.id)
    return reply(PlaceList([shown_place(place, language) for place in shown], following))


@documented(resp={200: LevelList, 403: None, 404: None}, query=StockQuery)
async def list_stock(request: OrdersRequest) -> Response:
    """What a place has of everything it ever had (who works there)."""
    _staff, place = await allowed(request)
    wish = query(request, StockQuery)
    found = await stock_at(place.id, language_of(request), wish.q or "")
    shown, following = page(found, wish.limit, wish.cursor, lambda one: one.sku)
    return reply(LevelList(list(shown), following))


@documented(resp={200: ShownLevel, 403: None, 404: None})
async def show_level(request: OrdersRequest) -> Response:
    """What a place has of one product (who works there)."""
    _staff, place = await allowed(request)
    product = await product_of(str(request.path_params["sku"]))
    return await _reply(request, await level(place.id, product.sku), 200)


@documented(resp={200: MovementList, 403: None, 404: None}, query=PageQuery)
async def list_movements(request: OrdersRequest) -> Response:
    """Why a place has what it has of a product, newest first (who works there)."""
    _staff, place = await allowed(request)
    wish, sku = query(request, PageQuery), str(request.path_params["sku"])
    found = await movements_of(place.id, sku, most=REMEMBERED)
    shown, following = page(found, wish.limit, wish.cursor, lambda one: f"{one.epoch}.{one.version}")
    return reply(MovementList([shown_movement(one) for one in shown], following))


@documented(resp=CHANGED, json=Receipt)
async def create_receipt(request: OrdersRequest) -> Response:
    """Some have come (who answers for the place)."""
    return await _do(request, Receipt, deeds.receive)


@documented(resp=CHANGED, json=Count)
async def create_count(request: OrdersRequest) -> Response:
    """So many were counted (who works there)."""
    return await _do(request, Count, deeds.count, keep=False)


@documented(resp=CHANGED, json=Damage)
async def create_damage(request: OrdersRequest) -> Response:
    """Some can't be sold any more (who answers for the place)."""
    return await _do(request, Damage, deeds.damage)


@documented(resp=CHANGED, json=Transfer)
async def create_transfer(request: OrdersRequest) -> Response:
    """Some go to another place; the answer is what is left (who answers for the place that sends)."""
    return await _do(request, Transfer, deeds.transfer)


async def _do(request: OrdersRequest, kind: type[T], deed: Deed[T], *, keep: bool = True) -> Response:
    staff, place = await allowed(request, keep=keep)
    body = await read_body(request)
    given, tried = parse(body, kind), attempt(request, staff.principal, body)
    return await _reply(
        request, await deed(request.state["stock"], place.id, str(request.path_params["sku"]), given, tried)
    )


async def _reply(request: OrdersRequest, row: Level, status: int = CREATED) -> Response:
    (shown,) = await named([row], language_of(request))
    return reply(shown, status)


def shown_place(place: Place, language: str) -> ShownPlace:
    name = place.names.in_language(language)
    return ShownPlace(place.id, name, place.kind, place.province, place.lat, place.lon)


PATH: Final = "/api/v1/places/{place}/stock"

routes: list[BaseRoute] = [
    Route("/api/v1/places", list_places, name="list_places"),
    Route(PATH, list_stock, name="list_stock"),
    Route(PATH + "/{sku}", show_level, name="stock_level"),
    Route(PATH + "/{sku}/movements", list_movements, name="list_movements"),
    Route(PATH + "/{sku}/receipts", create_receipt, methods=["POST"], name="receive_stock"),
    Route(PATH + "/{sku}/counts", create_count, methods=["POST"], name="count_stock"),
    Route(PATH + "/{sku}/damages", create_damage, methods=["POST"], name="damage_stock"),
    Route(PATH + "/{sku}/transfers", create_transfer, methods=["POST"], name="transfer_stock"),
]
