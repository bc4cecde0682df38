"""Shelf codes over HTTP, for the hall's manager."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from tortoise.backends.base.client import BaseDBAsyncClient

from halls.hall import Hall
from o2o.codes.endpoints import manager_of
from o2o.codes.scanning import CodeRequest
from o2o.codes.shelves import (
    NewShelves,
    ShelfCode,
    ShelfCodeList,
    ShelfSpot,
    check_products,
    make_shelves,
    shelves_of,
    shown_shelf,
    spot_of,
)
from o2o.kernel.audit import Done
from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from o2o.kernel.http import decode, operation, parse, query, read_body, reply
from o2o.kernel.idempotency import once
from o2o.kernel.openapi import documented
from o2o.kernel.paging import PageQuery, page
from qr.errors import CodeNotFoundError
from qr.service import SHELF, find, move
from staff.schemas import Staff
from staff.service import require
from staff.states import Role

CREATED: Final = 201


@documented(resp={200: ShelfCodeList, 403: None, 404: None}, query=PageQuery)
async def list_shelves(request: CodeRequest) -> Response:
    """The hall's codes at shelves, each with its scans of the last 30 days (manager)."""
    _staff, hall = await _managed(request)
    wish, state = query(request, PageQuery), request.state
    codes = await shelves_of(state["signer"], state["settings"], hall, state["clock"])
    shown, following = page(codes, wish.limit, wish.cursor, lambda one: one.code)
    return reply(ShelfCodeList(list(shown), following))


@documented(json=NewShelves, resp={201: ShelfCodeList, 403: None, 404: None})
async def create_shelves(request: CodeRequest) -> Response:
    """Make codes for shelves, many at once (manager)."""
    (staff, hall), body = await _managed(request), await read_body(request)
    return reply(await make(request, staff, hall, parse(body, NewShelves), operation_of=(body, None)), CREATED)


async def make(
    request: CodeRequest, staff: Staff, hall: Hall, wanted: NewShelves, *, operation_of: tuple[bytes, str | None]
) -> bytes:
    """Make them once, however often the request is sent: the answer's JSON. A page gives its form's key."""
    state = request.state
    await check_products([one.sku for one in wanted.shelves])

    async def work(client: BaseDBAsyncClient) -> ShelfCodeList:
        codes = await make_shelves(client, state["signer"], hall, wanted, (state["clock"], staff.principal))
        return ShelfCodeList([shown_shelf(state["settings"], code) for code in codes], None)

    answer = await once(operation(request, staff.principal, *operation_of), state["clock"], work, CREATED)
    return answer.body


@documented(json=ShelfSpot, resp={200: ShelfCode, 401: None, 403: None, 404: None})
async def replace_shelf(request: CodeRequest) -> Response:
    """Let a printed code stand at another shelf, or for another product (manager of its hall)."""
    text = str(request.path_params["code"])
    staff = await manager_of(request, text)
    return reply(await move_shelf(request, staff, text, await decode(request, ShelfSpot)))


async def move_shelf(request: CodeRequest, staff: Staff, text: str, given: ShelfSpot) -> ShelfCode:
    """Raises CodeNotFoundError, also for a code of another kind; InvalidError."""
    state = request.state
    signer, to, done = state["signer"], spot_of(given), Done("code.moved", staff.principal, to_ms(state["clock"]()))
    if (await find(signer, text)).kind != SHELF:
        raise CodeNotFoundError
    await check_products([given.sku])
    moved = await transaction(lambda client: move(client, signer, text, to, done))
    return shown_shelf(state["settings"], moved)


async def _managed(request: CodeRequest) -> tuple[Staff, Hall]:
    hall = str(request.path_params["hall"])
    staff = await require(request, Role.MANAGER, hall)
    return staff, await request.state["directory"].get(hall)


routes: list[BaseRoute] = [
    Route("/api/v1/halls/{hall}/shelves", list_shelves, methods=["GET"]),
    Route("/api/v1/halls/{hall}/shelves", create_shelves, methods=["POST"]),
    Route("/api/v1/codes/{code}/shelf", replace_shelf, methods=["PUT"]),
]
