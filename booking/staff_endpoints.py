"""What the staff do to a ticket, over HTTP."""

from typing import Generic, NamedTuple, TypeVar

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.endpoints import reply_ticket
from booking.errors import ticket_not_found
from booking.schemas import Because, Classify, Complete, Requeue, Ticket, Transfer
from booking.state import BookingRequest, attempt
from o2o.kernel.attempts import Attempt
from o2o.kernel.http import Nothing, parse, read_body
from o2o.kernel.openapi import documented
from staff.service import require
from staff.states import Role

W = TypeVar("W")
TICKET = {200: Ticket, 404: None, 409: None}


@documented(resp=TICKET, json=Nothing)
async def create_recall(request: BookingRequest) -> Response:
    """Call the called person once more."""
    asked = await _ask(request, Nothing)
    return await reply_ticket(request, await request.state["calling"].recall(asked.ticket, asked.attempt))


@documented(resp=TICKET, json=Nothing)
async def create_start(request: BookingRequest) -> Response:
    """The person came to the counter."""
    asked = await _ask(request, Nothing)
    return await reply_ticket(request, await request.state["calling"].start(asked.ticket, asked.attempt))


@documented(resp=TICKET, json=Complete)
async def create_completion(request: BookingRequest) -> Response:
    """The person was served; a visit of several services goes on with the next."""
    asked = await _ask(request, Complete)
    return await reply_ticket(request, await request.state["calling"].complete(*asked))


@documented(resp=TICKET, json=Nothing)
async def create_no_show(request: BookingRequest) -> Response:
    """The called person did not come."""
    asked = await _ask(request, Nothing)
    return await reply_ticket(request, await request.state["calling"].no_show(asked.ticket, asked.attempt))


@documented(resp=TICKET, json=Requeue)
async def create_requeue(request: BookingRequest) -> Response:
    """Put the called person, or one who had not come, back into the line."""
    return await reply_ticket(request, await request.state["calling"].requeue(*await _ask(request, Requeue)))


@documented(resp=TICKET, json=Transfer)
async def create_transfer(request: BookingRequest) -> Response:
    """Send the person to another service, to one counter, or to another position of the line."""
    return await reply_ticket(request, await request.state["moving"].transfer(*await _ask(request, Transfer)))


@documented(resp=TICKET, json=Because)
async def create_parking(request: BookingRequest) -> Response:
    """Take the person out of the line for a while."""
    return await reply_ticket(request, await request.state["moving"].park(*await _ask(request, Because)))


@documented(resp=TICKET, json=Because)
async def create_unparking(request: BookingRequest) -> Response:
    """Put a parked person back where their turn is."""
    return await reply_ticket(request, await request.state["moving"].unpark(*await _ask(request, Because)))


@documented(resp=TICKET, json=Classify)
async def create_class(request: BookingRequest) -> Response:
    """Confirm the class that a person claims, or give another."""
    return await reply_ticket(request, await request.state["moving"].classify(*await _ask(request, Classify)))


class _Asked(NamedTuple, Generic[W]):
    """What the staff asked of a ticket: which one, how, and as which attempt."""

    ticket: str
    wish: W
    attempt: Attempt


async def _ask(request: BookingRequest, kind: type[W]) -> _Asked[W]:
    """A clerk's request about a ticket of their hall. To staff of other halls there is no such ticket."""
    ticket = str(request.path_params["ticket"])
    staff = await require(request, Role.CLERK)
    hall = await request.state["line"].hall_of(ticket)
    if not staff.may(Role.CLERK, hall.id):
        raise ticket_not_found()
    body = await read_body(request)
    return _Asked(ticket, parse(body, kind), attempt(request, staff.principal, body))


routes: list[BaseRoute] = [
    Route("/api/v1/tickets/{ticket}/recall", create_recall, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/start", create_start, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/completion", create_completion, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/no-show", create_no_show, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/requeue", create_requeue, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/transfer", create_transfer, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/parking", create_parking, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/unparking", create_unparking, methods=["POST"]),
    Route("/api/v1/tickets/{ticket}/class", create_class, methods=["POST"]),
]
