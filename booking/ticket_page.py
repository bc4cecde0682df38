"""A ticket's page for its owner: what is true of it now, and what its owner does. Whole without a script."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeVar

import msgspec
from msgspec import to_builtins
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking import shown
from booking.ahead import people_ahead
from booking.endpoints import CUSTOMER
from booking.errors import ticket_not_found
from booking.goods import hold_words
from booking.hall_wording import map_url, warnings
from booking.queries import pause_row, ticket_row
from booking.rights import give_cookie, is_token, owns, token_of
from booking.schemas import Places, Postpone, TicketRow
from booking.service.carrying import hold_of, is_kept
from booking.state import BookingRequest, attempt
from booking.summary import as_words
from booking.ticket_wording import MEANINGS, PAUSED, Moment, ticket_pass
from booking.wording import fairness_words
from halls.hall import Hall
from halls.stock.queries import allocation_row
from halls.stock.schemas import Hold
from halls.stock.states import AllocationState, HoldState
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import rfc3339, to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import next_key, refused
from o2o.kernel.http import parse_form, read_body
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from o2o.kernel.state import is_https
from qr.service import TICKET, signed_code
from staff.browsers import check_origin


class KeyForm(msgspec.Struct, forbid_unknown_fields=True):
    key: str


class LaterForm(msgspec.Struct, forbid_unknown_fields=True):
    """`ahead`: so many were ahead of the ticket when the form was shown."""

    key: str
    places: Places
    ahead: int = 0


class _Keyed(Protocol):
    key: str


F = TypeVar("F", bound=_Keyed)
STANDING: Final = {
    AllocationState.ALLOCATED: "converted",
    AllocationState.HANDED_OVER: "handed",
    AllocationState.RELEASED: "gone",
    AllocationState.RETURNED: "gone",
}
"""How what was ordered stands, as the page says it."""


async def show_ticket(request: BookingRequest) -> Response:
    """The owner's page. The link to pass on carries the right to it, which a cookie takes over at once."""
    ticket = _ticket_id(request)
    if token := request.query_params.get("k"):
        if not is_token(request.state["signer"], ticket, token):
            raise ticket_not_found()
        return to_own(request, ticket)
    return await _ticket_page(request, ticket)


async def create_cancellation(request: BookingRequest) -> Response:
    async def leave(ticket: str, _filled: KeyForm, tried: Attempt) -> str:
        await request.state["arrivals"].leave(ticket, tried)
        return f"/t/{ticket}"

    return await _by_owner(request, KeyForm, leave)


async def create_postponement(request: BookingRequest) -> Response:
    async def postpone(ticket: str, filled: LaterForm, tried: Attempt) -> str:
        change = await request.state["moving"].postpone(ticket, Postpone(filled.places), tried)
        return f"/t/{ticket}?later={'moved' if (change.ahead or 0) > filled.ahead else 'same'}"

    return await _by_owner(request, LaterForm, postpone)


async def _by_owner(
    request: BookingRequest, form: type[F], act: Callable[[str, F, Attempt], Awaitable[str]]
) -> Response:
    """What the ticket's owner does by a form, and where that leads; what is refused is said on the same page."""
    check_origin(request)
    ticket = _ticket_id(request)
    if not owns(request.state["signer"], request, ticket):
        raise ticket_not_found()
    body = await read_body(request)
    filled = parse_form(body, form)
    tried = attempt(request, CUSTOMER + ticket, body, key=filled.key)
    try:
        return RedirectResponse(await act(ticket, filled, tried), 303)
    except DomainError as refusal:
        return await _ticket_page(request, ticket, refusal, filled)


async def _ticket_page(
    request: BookingRequest, ticket: str, refusal: DomainError | None = None, filled: _Keyed | None = None
) -> Response:
    signer, now, row = request.state["signer"], request.state["clock"](), await ticket_row(ticket)
    if row is None or not owns(signer, request, ticket):
        raise ticket_not_found()
    hall, texts = await request.state["directory"].get(row.hall), translator_for(request)
    pace = await request.state["line"].pace_of(hall, row.service)
    seen = shown.ticket(hall, row, await people_ahead(hall, row, to_ms(now)), pace)
    moment = Moment(now, as_words(await pause_row(hall.id)))
    key = next_key(filled.key if filled else "", refusal)
    context = {
        "ticket": ticket_pass(hall, seen, moment, texts) | {"link": f"/t/{ticket}?k={token_of(signer, ticket)}"},
        "own_page": f"/t/{ticket}",
        "known": to_builtins(seen),
        "code": signed_code(signer, TICKET, ticket),
        "hall": _head(hall, now, texts),
        "now": to_ms(now),
        "held": await _held(request, row, hall, texts),
        "later": request.query_params.get("later"),
        "warnings": warnings(texts),
        "paused": PAUSED,
        "meanings": MEANINGS,
        "key": key,
        "ahead": filled.ahead if isinstance(filled, LaterForm) and filled.key == key else seen.people_ahead or 0,
        **refused(refusal, texts),
    }
    return private(render(request, "booking/ticket.html", context, refusal))


def to_own(request: BookingRequest, ticket: str) -> Response:
    """To the ticket's page, which is this browser's own from now on."""
    response = RedirectResponse(f"/t/{ticket}", 303)
    give_cookie(response, request.state["signer"], ticket, secure=is_https(request))
    return private(response)


def private(response: Response) -> Response:
    """What is one reader's own is in no cache: going back asks anew, with a fresh key."""
    response.headers["Cache-Control"] = "no-store"
    return response


async def _held(request: BookingRequest, row: TicketRow, hall: Hall, texts: Translator) -> dict[str, str] | None:
    """What the ticket carries, and how that stands: `gone` when it is not there for them any more."""
    hold = await hold_of(row)
    if hold is None:
        return None
    said = await hold_words(hold, hall, request.state["names_of_goods"], texts)
    standing = await _standing(hold, to_ms(request.state["clock"]()))
    return said | {"state": standing, "until_at": rfc3339(hold.expires_at, UTC)}


async def _standing(hold: Hold, now: int) -> str:
    if hold.state is not HoldState.CONVERTED:
        return "active" if is_kept(hold, now) else "gone"
    ordered = await allocation_row(hold.id)
    return STANDING[ordered.state] if ordered else "converted"


def _head(hall: Hall, now: datetime, texts: Translator) -> dict[str, Any]:
    closes_at = hall.closes_at(now)
    return {
        "id": hall.id,
        "name": hall.names.in_language(texts.language),
        "time_zone": hall.time_zone,
        "closes_at": rfc3339(closes_at) if closes_at else "",
        "map_url": map_url(hall, texts.language),
        "standard": hall.rules.classes[0],
        "counters": {counter.id: counter.name for counter in hall.counters},
        "services": {service.id: service.names.in_language(texts.language) for service in hall.services},
        "rule": fairness_words(hall.rules, texts),
    }


def _ticket_id(request: BookingRequest) -> str:
    return str(request.path_params["ticket"])


routes: list[BaseRoute] = [
    Route("/t/{ticket}", show_ticket, methods=["GET"], name="ticket_page"),
    Route("/t/{ticket}/cancellation", create_cancellation, methods=["POST"]),
    Route("/t/{ticket}/postponement", create_postponement, methods=["POST"]),
]
