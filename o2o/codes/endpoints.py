"""Codes for a hall's manager: listed, replaced, revoked, and how often each was scanned."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from tortoise.backends.base.client import BaseDBAsyncClient

from booking.errors import ticket_not_found
from halls.hall import Hall
from o2o.codes import report
from o2o.codes.scanning import CodeRequest, reader_of
from o2o.codes.schemas import HallCode, HallCodeList, ScanList, ScanQuery, ScanRow, TicketCode
from o2o.kernel.database import transaction
from o2o.kernel.http import Nothing, no_content, operation, parse, query, read_body, reply
from o2o.kernel.idempotency import once
from o2o.kernel.openapi import documented
from o2o.kernel.paging import PageQuery, page
from o2o.kernel.settings import Settings
from o2o.kernel.signing import digest
from qr import service
from qr.schemas import Code
from qr.states import path_of
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import require
from staff.states import Role

CREATED: Final = 201


@documented(resp={200: HallCodeList, 403: None, 404: None}, query=PageQuery)
async def list_codes(request: CodeRequest) -> Response:
    """The codes of the hall's door and of its counters (manager); what has none yet gets one."""
    hall = await _managed_hall(request)
    wish = query(request, PageQuery)
    codes = await report.codes_that_hang(request.state["signer"], hall, request.state["clock"])
    shown, following = page(codes, wish.limit, wish.cursor, lambda code: code.text)
    return reply(HallCodeList([shown_code(request.state["settings"], code) for code in shown], following))


@documented(resp={201: HallCode, 403: None, 404: None}, json=Nothing)
async def create_replacement(request: CodeRequest) -> Response:
    """Revoke a code and make another for the same place: for one that is torn, pasted over or misused (manager)."""
    body = await read_body(request)
    parse(body, Nothing)
    text = str(request.path_params["code"])
    return reply(await replace(request, await manager_of(request, text), text, operation_of=(body, None)), CREATED)


async def replace(request: CodeRequest, staff: Staff, text: str, *, operation_of: tuple[bytes, str | None]) -> bytes:
    """Replace once, however often the request is sent: the answer's JSON. A page gives its form's key."""
    clock, signer, settings = request.state["clock"], request.state["signer"], request.state["settings"]

    async def work(client: BaseDBAsyncClient) -> HallCode:
        return shown_code(settings, await service.replace(client, signer, text, actor=staff.principal, now=clock()))

    answer = await once(operation(request, staff.principal, *operation_of), clock, work, CREATED)
    return answer.body


@documented(resp={204: None, 401: None, 403: None, 404: None})
async def delete_code(request: CodeRequest) -> Response:
    """Revoke a code: a manager of its hall, or headquarters. The place gets another one when it next needs one."""
    text = str(request.path_params["code"])
    staff = await manager_of(request, text)
    signer, now = request.state["signer"], request.state["clock"]()
    await transaction(lambda client: service.revoke(client, signer, text, actor=staff.principal, now=now))
    return no_content()


@documented(resp={200: TicketCode, 404: None})
async def show_ticket_code(request: CodeRequest) -> Response:
    """The code of a ticket, for its page or its print (its owner, the staff of its hall). It grants nothing."""
    ticket = str(request.path_params["ticket"])
    if await reader_of(request, ticket) is None:
        raise ticket_not_found()
    code = service.signed_code(request.state["signer"], service.TICKET, ticket)
    return reply(TicketCode(code, request.state["settings"].base_url + path_of(code), f"/qr/{code}.svg"))


@documented(resp={200: ScanList, 403: None, 404: None}, query=ScanQuery)
async def list_scans(request: CodeRequest) -> Response:
    """How often the hall's codes were scanned, by day, place, source and kind of program (manager)."""
    hall = await _managed_hall(request)
    wish = query(request, ScanQuery)
    first, last = report.days(wish.first, wish.last, hall.business_day(request.state["clock"]()))
    rows = await report.scans(hall.id, first, last)
    shown, following = page(rows, wish.limit, wish.cursor, _name)
    return reply(ScanList(first, last, sum(row.count for row in rows), list(shown), following))


def shown_code(settings: Settings, code: Code) -> HallCode:
    address = settings.base_url + path_of(code.text)
    return HallCode(code.text, code.kind, code.place, code.sku, address, code.made_at)


def _name(row: ScanRow) -> str:
    """A row's name as a cursor."""
    return digest(f"{row.day} {row.kind} {row.place} {row.source} {row.agent}".encode())


async def _managed_hall(request: CodeRequest) -> Hall:
    hall = str(request.path_params["hall"])
    await require(request, Role.MANAGER, hall)
    return await request.state["directory"].get(hall)


async def manager_of(request: CodeRequest, text: str) -> Staff:
    """Who manages the hall that the code is or was for: a repeat finds it revoked. Raises CodeNotFoundError."""
    staff = await require(request, Role.MANAGER)
    code = await service.find(request.state["signer"], text)
    if not staff.may(Role.MANAGER, code.hall):
        raise NoRightError
    return staff


routes: list[BaseRoute] = [
    Route("/api/v1/halls/{hall}/codes", list_codes, name="list_codes"),
    Route("/api/v1/halls/{hall}/scans", list_scans, name="list_scans"),
    Route("/api/v1/tickets/{ticket}/code", show_ticket_code, name="ticket_code"),
    Route("/api/v1/codes/{code}", delete_code, methods=["DELETE"], name="revoke_code"),
    Route("/api/v1/codes/{code}/replacement", create_replacement, methods=["POST"], name="replace_code"),
]
