"""A scan: what a code is, and where it leads, by its kind."""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.queries import ticket_row
from booking.rights import owns
from booking.state import BookingState
from o2o.kernel.http import reply
from o2o.kernel.openapi import documented
from orders.product_wording import product_address
from qr.errors import CodeNotFoundError
from qr.scans import Scan
from qr.schemas import Code, ShownCode
from qr.service import COUNTER, HALL, PAIRING, SHELF, TICKET, resolve, signed_subject
from qr.states import agent_of, source_of
from staff.service import authenticate
from staff.states import Role
from websocket.pairing import still_waiting

CodeRequest = Request[BookingState]


class Reader(Enum):
    """Who has a right to a ticket."""

    OWNER = auto()
    STAFF = auto()


def _hall_page(code: Code) -> str:
    """A counter's code leads to the hall too: the page knows by the code which counter was scanned."""
    return f"/halls/{code.hall}?code={code.text}"


def _product_page(code: Code) -> str:
    """A shelf's code goes with the customer, so that an order knows which hall showed it."""
    return product_address(code.sku or "", code.hall, code.text)


PAGES: Final[Mapping[str, Callable[[Code], str]]] = {HALL: _hall_page, COUNTER: _hall_page, SHELF: _product_page}


@documented(resp={200: ShownCode, 404: None})
async def show_code(request: CodeRequest) -> Response:
    """What a code is. Forged, unknown and revoked codes get the same answer."""
    if ticket := _subject(request, TICKET):
        row = await ticket_row(ticket)
        if row is None:
            raise CodeNotFoundError
        return reply(ShownCode(kind=TICKET, hall=row.hall))
    if device := _subject(request, PAIRING):
        await _pairing_code(request, device)
        return reply(ShownCode(kind=PAIRING))
    code = await _printed(request)
    return reply(ShownCode(kind=code.kind, hall=code.hall, place=code.place, sku=code.sku))


@documented(resp={303: None, 404: None})
async def follow_code(request: CodeRequest) -> Response:
    """To the page that the code's kind is for; a bad code, and a kind without a page, get the same 404."""
    # A revoked code must stop to lead anywhere, so nobody may remember where it led.
    return RedirectResponse(await _page(request), HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


async def _page(request: CodeRequest) -> str:
    if ticket := _subject(request, TICKET):
        return await _ticket_page(request, ticket)
    if device := _subject(request, PAIRING):
        return f"/display/pair?code={await _pairing_code(request, device)}"
    code = await _printed(request)
    page = PAGES.get(code.kind)
    if page is None:
        raise CodeNotFoundError
    await _count(request, code)
    return page(code)


async def _ticket_page(request: CodeRequest, ticket: str) -> str:
    """The ticket's page for its owner, the counter's for the hall's staff; the code itself opens nothing."""
    match await reader_of(request, ticket):
        case Reader.OWNER:
            return f"/t/{ticket}"
        case Reader.STAFF:
            return f"/clerk?ticket={ticket}"
        case _:
            raise CodeNotFoundError


async def reader_of(request: CodeRequest, ticket: str) -> Reader | None:
    """Who asks about the ticket; None for whom there is no such ticket."""
    row = await ticket_row(ticket)
    if row is None:
        return None
    if owns(request.state["signer"], request, ticket):
        return Reader.OWNER
    staff = await authenticate(request)
    return Reader.STAFF if staff and staff.may(Role.CLERK, row.hall) else None


async def _pairing_code(request: CodeRequest, device: str) -> str:
    waiting = await still_waiting(device, request.state["clock"]())
    if waiting is None:
        raise CodeNotFoundError
    return waiting.code


async def _count(request: CodeRequest, code: Code) -> None:
    agent = None if request.method == "HEAD" else agent_of(request.headers)
    if agent:
        hall = await request.state["directory"].get(code.hall)
        day = hall.business_day(request.state["clock"]())
        source = source_of(request.query_params.get("s", ""))
        request.state["scans"].count(Scan(code.id, day, source, agent, hall.id))


async def _printed(request: CodeRequest) -> Code:
    return await resolve(request.state["signer"], _text(request), now=request.state["clock"]())


def _subject(request: CodeRequest, kind: str) -> str | None:
    return signed_subject(request.state["signer"], kind, _text(request))


def _text(request: CodeRequest) -> str:
    return str(request.path_params["code"])


routes: list[BaseRoute] = [
    Route("/q/{code}", follow_code, name="scan"),
    Route("/api/v1/codes/{code}", show_code, name="code"),
]
