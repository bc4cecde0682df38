"""The outbox over HTTP: listed a page at a time, and one of them sent again."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from tortoise.backends.base.client import BaseDBAsyncClient

from booking.state import BookingRequest
from halls.fields import Id
from messages.errors import MessageNotFoundError
from messages.mail import channels
from messages.queries import Wanted, message_row
from messages.resending import send_again
from messages.shown import MessageList, MessageRow, Viewer
from messages.states import State
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Nothing, operation, parse, query, read_body, reply
from o2o.kernel.idempotency import once
from o2o.kernel.openapi import documented
from o2o.kernel.paging import PageQuery
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import require
from staff.states import EVERYWHERE, Role

PATH: Final = "/api/v1/messages"


class MessageQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """Of one `hall`, or of all that one manages; in one `state`, or in any."""

    hall: Id | None = None
    state: State | None = None


@documented(resp={200: MessageList, 403: None}, query=MessageQuery)
async def list_messages(request: BookingRequest) -> Response:
    """What was told, or would have been, latest first (manager: of the own halls; headquarters: of all)."""
    staff, asked = await require(request, Role.MANAGER), query(request, MessageQuery)
    return reply(await messages_for(request, staff, asked))


async def messages_for(request: BookingRequest, staff: Staff, asked: MessageQuery) -> MessageList:
    """A page of them. Raises NoRightError for a hall that is not theirs, InvalidError for a strange cursor."""
    if asked.hall is not None and not staff.may(Role.MANAGER, asked.hall):
        raise NoRightError
    own = staff.halls(Role.MANAGER)
    halls = [asked.hall] if asked.hall else None if EVERYWHERE in own else own
    return await viewer_of(request).page(Wanted(halls, asked.state), asked.cursor, asked.limit)


@documented(resp={200: MessageRow, 403: None, 404: None, 409: None}, json=Nothing)
async def create_resending(request: BookingRequest) -> Response:
    """Have it sent once more (manager of its hall), which is noted in the audit. A message that waits is 409."""
    body = await read_body(request)
    parse(body, Nothing)
    staff = await require(request, Role.MANAGER)
    return reply(await resend(request, staff, str(request.path_params["message"]), body))


async def resend(request: BookingRequest, staff: Staff, message: str, body: bytes, key: str | None = None) -> bytes:
    """Begin a new round once, however often it is asked: the row's JSON. A page gives its form's key."""
    row = await message_row(message)
    if row is None:
        raise MessageNotFoundError
    if not staff.may(Role.MANAGER, row.hall or EVERYWHERE):
        raise NoRightError
    clock = request.state["clock"]

    async def work(client: BaseDBAsyncClient) -> MessageRow:
        return viewer_of(request).row(await send_again(client, message, actor=staff.principal, now=to_ms(clock())))

    return (await once(operation(request, staff.principal, body, key), clock, work)).body


def viewer_of(request: BookingRequest) -> Viewer:
    settings, clock = request.state["settings"], request.state["clock"]
    return Viewer(request.state["signer"], settings.base_url, channels(settings, clock))


routes: list[BaseRoute] = [
    Route(PATH, list_messages, methods=["GET"]),
    Route(f"{PATH}/{{message}}/resending", create_resending, methods=["POST"], name="resend_message"),
]
