"""The line over HTTP: tickets for their owners, calling for the staff."""

import secrets
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking import shown
from booking.errors import ticket_not_found
from booking.queries import counter_row, ticket_row, waiting_ahead
from booking.rights import owns, token_of
from booking.schemas import CallTicket, Complete, CounterRow, LiveCounter, Nothing, Requeue, TakeNumber, Ticket
from booking.service.line import Attempt, Change, ticket_of
from booking.state import BookingRequest, attempt, limit_numbers
from halls.schemas import Hall
from o2o.kernel.http import no_content, parse, read_body, reply
from o2o.kernel.openapi import documented
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import authenticate, require
from staff.states import Role

ANONYMOUS: Final = "anonymous"
CUSTOMER: Final = "customer:"

W = TypeVar("W")


@documented(resp={201: Ticket, 409: None}, json=TakeNumber)
async def create_ticket(request: BookingRequest) -> Response:
    """Take a number. The answer's `token` is the right to the ticket, told this once."""
    await limit_numbers(request)
    body = await read_body(request)
    tried = attempt(request, ANONYMOUS, body)
    change = await request.state["arrivals"].take_number(_hall_id(request), parse(body, TakeNumber), tried)
    hall = await request.state["directory"].get(_hall_id(request))
    ticket = shown.changed_ticket(hall, change)
    owned = msgspec.structs.replace(ticket, token=token_of(request.state["signer"], ticket.id))
    return reply(owned, 201, {"location": f"/api/v1/tickets/{ticket.id}"})


@documented(resp={200: Ticket, 404: None})
async def show_ticket(request: BookingRequest) -> Response:
    """For the owner, and the staff of its hall; for everybody else there is no such ticket."""
    ticket = _ticket_id(request)
    mine = owns(request.state["signer"], request, ticket)
    staff = None if mine else await authenticate(request)
    row = await ticket_row(ticket)
    if row is None or not (mine or (staff and staff.may(Role.CLERK, row.hall))):
        raise ticket_not_found()
    hall = await request.state["directory"].get(row.hall)
    pace = await request.state["line"].pace_of(hall, row.service)
    return reply(shown.ticket(hall, row, await waiting_ahead(row), pace))


@documented(resp={200: Ticket, 404: None, 409: None}, json=Nothing)
async def create_cancellation(request: BookingRequest) -> Response:
    """Leave the line."""
    ticket = _ticket_id(request)
    if not owns(request.state["signer"], request, ticket):
        raise ticket_not_found()
    body = await read_body(request)
    parse(body, Nothing)
    change = await request.state["arrivals"].leave(ticket, attempt(request, CUSTOMER + ticket, body))
    return await _reply(request, change)


@documented(resp={200: LiveCounter, 409: None}, json=Nothing)
async def create_opening(request: BookingRequest) -> Response:
    """Open the counter, for whoever is signed in."""
    hall, staff = await _at_counter(request)
    body = await read_body(request)
    parse(body, Nothing)
    tried = attempt(request, staff.principal, body)
    change = await request.state["calling"].open_counter(_counter_id(request), tried)
    row = change.counter if change else await counter_row(_counter_id(request))
    return reply(await _counter(request, hall, row))


@documented(resp={204: None, 409: None})
async def delete_opening(request: BookingRequest) -> Response:
    """Closing is the same however often it is asked for, so that it needs no key; a given one is honoured."""
    _hall, staff = await _at_counter(request)
    key = request.headers.get("idempotency-key")
    tried = attempt(request, staff.principal, b"", key=key or secrets.token_urlsafe(16))
    await request.state["calling"].close_counter(_counter_id(request), tried)
    return no_content()


@documented(resp={200: LiveCounter})
async def show_counter(request: BookingRequest) -> Response:
    """A counter and whom it has."""
    hall, _staff = await _at_counter(request)
    return reply(await _counter(request, hall, await counter_row(_counter_id(request))))


@documented(resp={201: Ticket, 204: None, 409: None}, json=CallTicket)
async def create_call(request: BookingRequest) -> Response:
    """Call the next person, or the chosen one; 204 when nobody waits."""
    _hall, staff = await _at_counter(request)
    body = await read_body(request)
    tried = attempt(request, staff.principal, body)
    change = await request.state["calling"].call(_counter_id(request), parse(body, CallTicket), tried)
    return no_content() if change is None else await _reply(request, change, 201)


@documented(resp={200: Ticket, 404: None, 409: None}, json=Nothing)
async def create_recall(request: BookingRequest) -> Response:
    """Call the called person once more."""
    asked = await _ask(request, Nothing)
    return await _reply(request, await request.state["calling"].recall(asked.ticket, asked.attempt))


@documented(resp={200: Ticket, 404: None, 409: None}, json=Nothing)
async def create_start(request: BookingRequest) -> Response:
    """The person came to the counter."""
    asked = await _ask(request, Nothing)
    return await _reply(request, await request.state["calling"].start(asked.ticket, asked.attempt))


@documented(resp={200: Ticket, 404: None, 409: None}, json=Complete)
async def create_completion(request: BookingRequest) -> Response:
    """The person was served."""
    asked = await _ask(request, Complete)
    return await _reply(request, await request.state["calling"].complete(asked.ticket, asked.wish, asked.attempt))


@documented(resp={200: Ticket, 404: None, 409: None}, json=Nothing)
async def create_no_show(request: BookingRequest) -> Response:
    """The called person did not come."""
    asked = await _ask(request, Nothing)
    return await _reply(request, await request.state["calling"].no_show(asked.ticket, asked.attempt))


@documented(resp={200: Ticket, 404: None, 409: None}, json=Requeue)
async def create_requeue(request: BookingRequest) -> Response:
    """Put the called person, or one who had not come, back into the line."""
    asked = await _ask(request, Requeue)
    return await _reply(request, await request.state["calling"].requeue(asked.ticket, asked.wish, asked.attempt))


class _Asked(NamedTuple, Generic[W]):
    """What the staff asked of a ticket: which one, how, and as which attempt."""

    ticket: str
    wish: W
    attempt: Attempt


async def _ask(request: BookingRequest, kind: type[W]) -> _Asked[W]:
    """A clerk's request about a ticket of their hall. To staff of other halls there is no such ticket."""
    ticket = _ticket_id(request)
    staff = await require(request, Role.CLERK)
    hall = await request.state["line"].hall_of(ticket)
    if not staff.may(Role.CLERK, hall.id):
        raise ticket_not_found()
    body = await read_body(request)
    return _Asked(ticket, parse(body, kind), attempt(request, staff.principal, body))


async def _reply(request: BookingRequest, change: Change, status: int = 200) -> Response:
    hall = await request.state["directory"].get(ticket_of(change).hall)
    return reply(shown.changed_ticket(hall, change), status)


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
    Route("/api/v1/halls/{hall}/tickets", create_ticket, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}", show_ticket, methods=["GET"]),
    Route("/api/v1/tickets/{ticket}/cancellation", create_cancellation, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/recall", create_recall, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/start", create_start, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/completion", create_completion, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/no-show", create_no_show, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/requeue", create_requeue, methods=["POST"]),
    Route("/api/v1/counters/{counter}", show_counter, methods=["GET"]),
    Route("/api/v1/counters/{counter}/opening", create_opening, methods=["POST"]),
    Route("/api/v1/counters/{counter}/opening", delete_opening, methods=["DELETE"]),
    Route("/api/v1/counters/{counter}/calls", create_call, methods=["POST"]),
]
