"""The customer's pages: a hall, a ticket; the finder is beside. Whole without a script; scripts make them live."""

import secrets
from datetime import datetime
from typing import Any

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking import shown
from booking.ahead import people_ahead
from booking.endpoints import ANONYMOUS, CUSTOMER
from booking.errors import ticket_not_found
from booking.finder import quieter_rows, show_finder
from booking.hall_endpoints import shown_hall
from booking.hall_wording import closing_warning, hall_row, map_url, warnings
from booking.queries import ticket_row
from booking.rights import give_cookie, is_token, owns, token_of
from booking.schemas import TakeNumber
from booking.service.line import ticket_of
from booking.state import BookingRequest, attempt, limit_numbers
from booking.states import Channel
from booking.wording import ticket_pass
from halls.schemas import Hall
from o2o.kernel.clock import rfc3339, to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.http import parse_form, read_body
from o2o.kernel.i18n import Translator, language_of, translator_for
from o2o.kernel.pages import render
from qr.errors import CodeNotFoundError
from qr.schemas import Code
from qr.service import TICKET, resolve, signed_code


class JoinForm(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    service: str
    phone: str = ""
    code: str = ""


class KeyForm(msgspec.Struct, forbid_unknown_fields=True):
    key: str


async def show_hall(request: BookingRequest) -> Response:
    wish = request.query_params
    return await _hall_page(request, JoinForm(key="", service=wish.get("service", ""), code=wish.get("code", "")))


async def create_ticket(request: BookingRequest) -> Response:
    """Take a number by the form; what is refused is said on the same page, with what was typed."""
    hall, body = _hall_id(request), await read_body(request)
    filled = parse_form(body, JoinForm)
    channel = Channel.CODE if await _scanned(request, hall, filled.code) else Channel.WEB
    wish = TakeNumber(service=filled.service, phone=filled.phone.strip() or None, channel=channel)
    try:
        await limit_numbers(request)
        tried = attempt(request, ANONYMOUS, body, key=filled.key)
        change = await request.state["arrivals"].take_number(hall, wish, tried)
    except DomainError as refusal:
        return await _hall_page(request, filled, refusal)
    return _to_own(request, ticket_of(change).id)


async def show_ticket(request: BookingRequest) -> Response:
    """The owner's page. The link to pass on carries the right to it, which a cookie takes over at once."""
    ticket = _ticket_id(request)
    if token := request.query_params.get("k"):
        if not is_token(request.state["signer"], ticket, token):
            raise ticket_not_found()
        return _to_own(request, ticket)
    return await _ticket_page(request, ticket)


async def create_cancellation(request: BookingRequest) -> Response:
    ticket = _ticket_id(request)
    if not owns(request.state["signer"], request, ticket):
        raise ticket_not_found()
    body = await read_body(request)
    tried = attempt(request, CUSTOMER + ticket, body, key=parse_form(body, KeyForm).key)
    try:
        await request.state["arrivals"].leave(ticket, tried)
    except DomainError as refusal:
        return await _ticket_page(request, ticket, refusal)
    return RedirectResponse(f"/t/{ticket}", 303)


async def _hall_page(request: BookingRequest, filled: JoinForm, refusal: DomainError | None = None) -> Response:
    hall = await request.state["directory"].get(_hall_id(request))
    texts = translator_for(request)
    row = hall_row(await shown_hall(request, hall), request.state["clock"](), texts)
    code = await _scanned(request, hall.id, filled.code)
    counter = hall.counter(code.place or "") if code else None
    if counter:
        row["services"] = [service for service in row["services"] if service["id"] in counter.services]
    only = row["services"][0]["id"] if len(row["services"]) == 1 else ""
    wanted = filled.service or only
    context = {
        "hall": row,
        "quieter": await quieter_rows(request, hall, wanted) if row["open"] and not row["can_join"] else [],
        "key": new_key(),
        "chosen": wanted,
        "phone": filled.phone,
        "code": code.text if code else "",
        "channel": Channel.CODE if code else Channel.WEB,
        "counter": counter and counter.name,
        **refused(refusal, texts),
    }
    return _private(render(request, "booking/hall.html", context, refusal.status if refusal else 200))


async def _scanned(request: BookingRequest, hall: str, text: str) -> Code | None:
    """The code of this hall that brought the reader to its page; a bad one is as good as none."""
    try:
        code = await resolve(request.state["signer"], text, now=request.state["clock"]())
    except CodeNotFoundError:
        return None
    return code if code.hall == hall else None


async def _ticket_page(request: BookingRequest, ticket: str, refusal: DomainError | None = None) -> Response:
    signer, row = request.state["signer"], await ticket_row(ticket)
    if row is None or not owns(signer, request, ticket):
        raise ticket_not_found()
    hall, texts = await request.state["directory"].get(row.hall), translator_for(request)
    pace, now = await request.state["line"].pace_of(hall, row.service), request.state["clock"]()
    seen = shown.ticket(hall, row, await people_ahead(hall, row, to_ms(now)), pace)
    context = {
        "ticket": ticket_pass(hall, seen, texts) | {"link": f"/t/{ticket}?k={token_of(signer, ticket)}"},
        "warning": closing_warning(seen.estimate, hall, now, texts),
        "warnings": warnings(texts),
        "code": signed_code(signer, TICKET, ticket),
        "hall": _head(hall, now, language_of(request)),
        "counters": {counter.id: counter.name for counter in hall.counters},
        "key": new_key(),
        **refused(refusal, texts),
    }
    return _private(render(request, "booking/ticket.html", context, refusal.status if refusal else 200))


def new_key() -> str:
    """An idempotency key for a form: pressing its button twice is one act."""
    return secrets.token_urlsafe(16)


def refused(refusal: DomainError | None, texts: Translator) -> dict[str, Any]:
    """What a page says of a refused form, and which field was at fault."""
    if refusal is None:
        return {"refused": None, "refused_field": None}
    said = texts.fill(refusal.message, refusal.details)
    return {"refused": said, "refused_field": refusal.details.get("field")}


def _to_own(request: BookingRequest, ticket: str) -> Response:
    response = RedirectResponse(f"/t/{ticket}", 303)
    give_cookie(response, request.state["signer"], ticket, secure=request.url.scheme == "https")
    return _private(response)


def _private(response: Response) -> Response:
    """What is one reader's own is in no cache: going back asks anew, with a fresh key."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _head(hall: Hall, now: datetime, language: str) -> dict[str, Any]:
    closes_at = hall.closes_at(now)
    return {
        "closes_at": closes_at and rfc3339(closes_at),
        "id": hall.id,
        "name": hall.names.in_language(language),
        "time_zone": hall.time_zone,
        "map_url": map_url(hall, language),
    }


def _hall_id(request: BookingRequest) -> str:
    return str(request.path_params["hall"])


def _ticket_id(request: BookingRequest) -> str:
    return str(request.path_params["ticket"])


routes: list[BaseRoute] = [
    Route("/", show_finder, methods=["GET"], name="finder"),
    Route("/halls/{hall}", show_hall, methods=["GET"], name="hall_page"),
    Route("/halls/{hall}", create_ticket, methods=["POST"]),
    Route("/t/{ticket}", show_ticket, methods=["GET"], name="ticket_page"),
    Route("/t/{ticket}/cancellation", create_cancellation, methods=["POST"]),
]
