"""The live streams: who may watch what."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from booking.ahead import people_ahead
from booking.queries import served_by, ticket_row
from booking.rights import owns
from booking.schemas import TicketRow
from o2o.kernel.clock import to_ms
from staff.browsers import shown
from staff.errors import NoRightError
from staff.service import require
from staff.states import Role
from websocket.conversation import Admission, converse
from websocket.pairing import device_of, taken_off
from websocket.pairing_errors import TakenOffError
from websocket.state import LiveState
from websocket.viewers import Counter, CounterViewer, HallViewer, TicketViewer

LiveSocket = WebSocket[LiveState]


@dataclass(frozen=True, slots=True)
class Stream:
    """An ASGI application for one kind of stream: Starlette's own wraps a function twice, for answers it never has."""

    kind: str
    admit: Callable[[LiveSocket], Awaitable[Admission]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket: LiveSocket = WebSocket(scope, receive, send)
        await converse(socket, socket.state["reception"], self.kind, partial(self.admit, socket))


async def _admit_to_hall(socket: LiveSocket) -> Admission:
    """Let in a screen that was paired with the hall, and the hall's staff."""
    hall = str(socket.path_params["hall"])
    holder = await device_of(socket)
    if holder is None:
        if shown(socket) is None and await taken_off(socket):  # While it was away; a person has a right of their own.
            raise TakenOffError
        staff = await require(socket, Role.CLERK, hall)
        await socket.state["directory"].get(hall)
        return Admission(hall, lambda outbox: HallViewer(hall, outbox, staff))
    if holder.hall != hall:
        raise NoRightError
    return Admission(hall, lambda outbox: HallViewer(hall, outbox, holder))


async def _admit_to_ticket(socket: LiveSocket) -> Admission:
    """Let in the owner; a wrong token and an unknown ticket are told the same."""
    ticket, state = str(socket.path_params["ticket"]), socket.state
    row = await ticket_row(ticket) if owns(socket.state["signer"], socket, ticket) else None
    if row is None:
        raise NoRightError
    return Admission(row.hall, lambda outbox: TicketViewer(row, outbox, partial(_read_ticket, state, row)))


async def _admit_to_counter(socket: LiveSocket) -> Admission:
    """Let in the clerks of the counter's hall."""
    await require(socket, Role.CLERK)  # Before a stranger has anything looked for.
    hall, counter = await socket.state["directory"].counter(str(socket.path_params["counter"]))
    staff = await require(socket, Role.CLERK, hall.id)
    place = Counter(hall.id, counter.id)
    return Admission(hall.id, lambda outbox: CounterViewer(place, outbox, staff, partial(served_by, *place)))


async def _read_ticket(state: LiveState, known: TicketRow) -> tuple[TicketRow, int | None]:
    row = await ticket_row(known.id) or known
    hall = await state["directory"].get(row.hall)
    return row, await people_ahead(hall, row, to_ms(state["clock"]()))


routes: list[BaseRoute] = [
    WebSocketRoute("/ws/halls/{hall}", Stream("hall", _admit_to_hall), name="watch_hall"),
    WebSocketRoute("/ws/tickets/{ticket}", Stream("ticket", _admit_to_ticket), name="watch_ticket"),
    WebSocketRoute("/ws/counters/{counter}", Stream("counter", _admit_to_counter), name="watch_counter"),
]
