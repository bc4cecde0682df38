"""One socket, from its handshake to its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from tortoise.exceptions import ValidationError

from o2o.kernel.errors import DomainError
from websocket.addresses import Addresses
from websocket.closing import Close, close_for
from websocket.frames import BadFrameError, Resume, read_frame
from websocket.hub import Hub, sockets
from websocket.origin import comes_from_us
from websocket.outbox import Outbox
from websocket.viewers import Viewer

FIRST_FRAME_S: Final = 0.1  # Our pages say at once what they have, or that they have nothing.
FRAME_PAUSE_S: Final = 0.1  # Nobody has more than ten things a second to say.

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admission:
    """The hall that a socket may watch, and the view it gets of it."""

    hall: str
    viewer: Callable[[Outbox], Viewer]


@dataclass(frozen=True, slots=True)
class Reception:
    """What every socket meets: the hub, the seats by address, and the address of our own pages."""

    hub: Hub
    addresses: Addresses
    base_url: str


async def converse(
    socket: WebSocket[Any], at: Reception, stream: str, admit: Callable[[], Awaitable[Admission]]
) -> None:
    """Serve the socket if `admit` lets it in (a DomainError refuses), until either side has had enough.

    A foreign page gets no handshake; every other refusal is told by a close code, which a page can only see after one.
    """
    if not comes_from_us(socket, at.base_url):
        await socket.close()
        return
    address = socket.client.host if socket.client else ""
    try:
        with ExitStack() as seated:
            seated.enter_context(at.addresses.seat(address))
            seated.enter_context(sockets.labels(stream).track_inprogress())
            admission = await admit()
            await socket.accept()
            await _watch(socket, at.hub, admission)
    except WebSocketDisconnect:
        return
    except DomainError as error:
        await _refuse(socket, close_for(error))
    except ValidationError:  # An id longer than its column.
        await _refuse(socket, Close.NOT_FOUND)
    except BadFrameError:
        await _refuse(socket, Close.BAD_FRAME)
    except TimeoutError:  # The hall can't be read just now.
        await _refuse(socket, Close.NOT_NOW)
    except Exception:
        log.exception("socket_failed", extra={"stream": stream})
        await _refuse(socket, Close.NOT_NOW)


async def _watch(socket: WebSocket[Any], hub: Hub, admission: Admission) -> None:
    outbox = Outbox(socket)
    viewer = admission.viewer(outbox)
    live = None
    try:
        live = await hub.join(admission.hall, viewer, await _first_frame(socket))
        while True:
            resume = await _frame(socket)
            if resume:
                await live.resume(viewer, resume)
            await asyncio.sleep(FRAME_PAUSE_S)
    finally:
        if live:
            live.leave(viewer)
        await outbox.finish()


async def _first_frame(socket: WebSocket[Any]) -> Resume | None:
    try:
        async with asyncio.timeout(FIRST_FRAME_S):
            return await _frame(socket)
    except TimeoutError:
        return None


async def _frame(socket: WebSocket[Any]) -> Resume | None:
    """Receive one frame; None for one that means nothing here. Raises WebSocketDisconnect, BadFrameError."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    return read_frame(message.get("text"))


async def _refuse(socket: WebSocket[Any], close: Close) -> None:
    try:
        if socket.application_state is WebSocketState.CONNECTING:
            await socket.accept()
        await socket.close(close, close.reason)
    except (WebSocketDisconnect, OSError, RuntimeError):  # It has gone already.
        log.debug("refused_after_the_end", extra={"code": close.value})
