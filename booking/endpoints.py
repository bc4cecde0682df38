"""The line over HTTP: tickets for their owners, counters for the staff."""

import secrets
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking import shown
from booking.ahead import people_ahead
from booking.current import Made
from booking.errors import ticket_not_found
from booking.queries import counter_row, ticket_row
from booking.rights import owns, token_of
from booking.schemas import (
    Because,
    CallTicket,
    CounterRow,
    LiveCounter,
    Opening,
    Postpone,
    TakeNumber,
    Ticket,
)
from booking.service.carrying import hold_of
from booking.service.line import Change, ticket_of
from booking.state import BookingRequest, BookingState, attempt, limit_numbers
from halls.hall import Hall
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Nothing, encoded, no_content, parse, read_body, reply
from o2o.kernel.openapi import documented
from o2o.kernel.owning import shown_token
from o2o.kernel.statements import Version
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import authenticate, require
from staff.states import Role

ANONYMOUS: Final = "anonymous"
CUSTOMER: Final = "customer:"
NEVER: Final = (-1, -1)
"""What is older than every answer that is asked for."""


@documented(resp={201: Ticket, 409: None}, json=TakeNumber)
async def create_ticket(request: BookingRequest) -> Response:
    """Take a number. The answer's `token` is the right to the ticket, told this once.

    A class that somebody claims ranks as the first until staff confirm it; staff who take the number have confirmed it.
    """
    await limit_numbers(request)
    state = request.state
    body, hall = await read_body(request), await state["directory"].get(_hall_id(request))
    staff = await authenticate(request)
    confirmed = staff is not None and staff.may(Role.CLERK, hall.id)
    tried = attempt(request, staff.principal if staff and confirmed else ANONYMOUS, body)
    wish = with_token(request, parse(body, TakeNumber))
    change = await state["arrivals"].take_number(hall.id, wish, tried, confirmed=confirmed)
    ticket = shown.changed_ticket(hall, change)
    owned = msgspec.structs.replace(ticket, token=token_of(state["signer"], ticket.id))
    return reply(owned, 201, {"location": f"/api/v1/tickets/{ticket.id}"})


@documented(resp={200: Ticket, 404: None})
async def show_ticket(request: BookingRequest) -> Response:
    """For the owner, and the staff of its hall; for everybody else there is no such ticket."""
    ticket = _ticket_id(request)
    if not owns(request.state["signer"], request, ticket):
        await _staff_of(request, ticket)
    hall = await request.state["line"].hall_of(ticket)

    async def show(version: Version) -> Made:
        seen = await _shown(request.state, hall, ticket)
        # How a hold stands changes without the hall: what tells of one is not given again.
        return Made(encoded(seen), version if seen.hold is msgspec.UNSET else NEVER)

    return reply(await request.state["current"].answer(hall, ("ticket", ticket), show))


@documented(resp={200: Ticket, 404: None, 409: None}, json=Because)
async def create_cancellation(request: BookingRequest) -> Response:
    """Leave the line; or, by the staff of its hall, end the ticket."""
    ticket, body = _ticket_id(request), await read_body(request)
    if owns(request.state["signer"], request, ticket):
        parse(body, Nothing)
        change = await request.state["arrivals"].leave(ticket, attempt(request, CUSTOMER + ticket, body))
    else:
        staff = await _staff_of(request, ticket)
        tried = attempt(request, staff.principal, body)
        change = await request.state["moving"].cancel(ticket, parse(body, Because), tried)
    return await reply_ticket(request, change)


@documented(resp={200: Ticket, 404: None, 409: None}, json=Postpone)
async def create_postponement(request: BookingRequest) -> Response:
    """Let the next people go first: for the owner, and for the staff of its hall."""
    ticket, body = _ticket_id(request), await read_body(request)
    mine = owns(request.state["signer"], request, ticket)
    principal = CUSTOMER + ticket if mine else (await _staff_of(request, ticket)).principal
    tried = attempt(request, principal, body)
    return await reply_ticket(request, await request.state["moving"].postpone(ticket, parse(body, Postpone), tried))


@documented(resp={200: LiveCounter, 409: None}, json=Opening)
async def create_opening(request: BookingRequest) -> Response:
    """Open the counter, for whoever is signed in; one that somebody else has only to take it over."""
    hall, staff = await _at_counter(request)
    body = await read_body(request)
    wish, tried = parse(body, Opening), attempt(request, staff.principal, body)
    change = await request.state["calling"].open_counter(_counter_id(request), tried, take_over=wish.take_over)
    row = change.counter if change else await counter_row(_counter_id(request))
    return reply(await _counter(request, hall, row))


@documented(resp={204: None, 409: None})
async def delete_opening(request: BookingRequest) -> Response:
    """Closing is the same however often it is asked for, so that it needs no key; a given one is honoured."""
    hall, staff = await _at_counter(request)
    key = request.headers.get("idempotency-key")
    tried = attempt(request, staff.principal, b"", key=key or secrets.token_urlsafe(16))
    anywhere = staff.may(Role.MANAGER, hall.id)
    await request.state["calling"].close_counter(_counter_id(request), tried, anywhere=anywhere)
    return no_content()


@documented(resp={200: LiveCounter})
async def show_counter(request: BookingRequest) -> Response:
    """A counter and whom it has."""
    hall, _staff = await _at_counter(request)
    return reply(await _counter(request, hall, await counter_row(_counter_id(request))))


@documented(resp={201: Ticket, 204: None, 409: None}, json=CallTicket)
async def create_call(request: BookingRequest) -> Response:
    """Call the next person, or the chosen one; whoever was being served is done. 204 when nobody waits."""
    hall, staff = await _at_counter(request)
    body = await read_body(request)
    wish, tried = parse(body, CallTicket), attempt(request, staff.principal, body)
    anywhere = staff.may(Role.MANAGER, hall.id)
    change = await request.state["calling"].call(_counter_id(request), wish, tried, anywhere=anywhere)
    return no_content() if change is None else await reply_ticket(request, change, 201)


def with_token(request: BookingRequest, wish: TakeNumber) -> TakeNumber:
    """The wish with the right to the hold that it names: its token may be shown as Bearer too."""
    if wish.hold is None or "." in wish.hold:
        return wish
    return msgspec.structs.replace(wish, hold=f"{wish.hold}.{shown_token(request) or ''}")


async def reply_ticket(request: BookingRequest, change: Change, status: int = 200) -> Response:
    """The ticket as the change left it."""
    hall = await request.state["directory"].get(ticket_of(change).hall)
    return reply(shown.changed_ticket(hall, change), status)


async def _staff_of(request: BookingRequest, ticket: str) -> Staff:
    """Staff of the ticket's hall; to everybody else there is no such ticket."""
    staff = await authenticate(request)
    if staff is None or not staff.may(Role.CLERK, (await request.state["line"].hall_of(ticket)).id):
        raise ticket_not_found()
    return staff


async def _shown(state: BookingState, hall: Hall, ticket: str) -> Ticket:
    row = await state["line"].ticket(ticket)
    if row is None:
        raise ticket_not_found()
    pace, now = await state["line"].pace_of(hall, row.service), to_ms(state["clock"]())
    seen = shown.ticket(hall, row, await people_ahead(hall, row, now), pace)
    hold = await hold_of(row)
    return msgspec.structs.replace(seen, hold=shown.hold(hall, hold, now)) if hold else seen


async def _at_counter(request: BookingRequest) -> tuple[Hall, Staff]:
    staff = await require(request, Role.CLERK)
    hall = await request.state["directory"].hall_of_counter(_counter_id(request))
    if not staff.may(Role.CLERK, hall.id):
        raise NoRightError
    return hall, staff


async def _counter(request: BookingRequest, hall: Hall, row: CounterRow | None) -> LiveCounter:
    served = await ticket_row(row.ticket) if row and row.ticket else None
    return shown.counter(hall, _counter_id(request), row, served)


def _hall_id(request: BookingRequest) -> str:
    return str(request.path_params["hall"])


def _ticket_id(request: BookingRequest) -> str:
    return str(request.path_params["ticket"])


def _counter_id(request: BookingRequest) -> str:
    return str(request.path_params["counter"])


routes: list[BaseRoute] = [
    # They are tried in this order: what is asked most comes first.
    Route("/api/v1/halls/{hall}/tickets", create_ticket, methods=["POST"]),
    Route("/api/v1/counters/{counter}/calls", create_call, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}", show_ticket, methods=["GET"]),
    Route("/api/v1/tickets/{ticket}/cancellation", create_cancellation, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/postponement", create_postponement, methods=["POST"]),
    Route("/api/v1/counters/{counter}", show_counter, methods=["GET"]),
    Route("/api/v1/counters/{counter}/opening", create_opening, methods=["POST"]),
    Route("/api/v1/counters/{counter}/opening", delete_opening, methods=["DELETE"]),
]
