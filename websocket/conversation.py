"""One socket, from its handshake to its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from tortoise.exceptions import ValidationError

from o2o.kernel.errors import DomainError
from staff.browsers import address_of
from websocket.addresses import Addresses
from websocket.closing import Close, close_for
from websocket.frames import BadFrameError, Resume, read_frame, said_in
from websocket.hub import Hub, sockets
from websocket.live_hall import LiveHall
from websocket.origin import comes_from_us
from websocket.outbox import Outbox
from websocket.server import wire_of
from websocket.viewers import Viewer

FIRST_FRAME_S: Final = 0.1  # For who does not say in the address what it has, or that it has nothing.
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


@dataclass(frozen=True, slots=True)
class Seat:
    """What a socket takes up while it is open."""

    addresses: Addresses
    address: str
    stream: str

    @classmethod
    def take(cls, addresses: Addresses, address: str, stream: str) -> "Seat":
        """Raises TooManyError."""
        addresses.take(address)
        sockets.labels(stream).inc()
        return cls(addresses, address, stream)

    def leave(self) -> None:
        sockets.labels(self.stream).dec()
        self.addresses.leave(self.address)


async def converse(
    socket: WebSocket[Any], at: Reception, stream: str, admit: Callable[[], Awaitable[Admission]]
) -> None:
    """Serve the socket if `admit` lets it in (a DomainError refuses), until either side has had enough.

    A foreign page gets no handshake; every other refusal is told by a close code, which a page can only see after one.
    Where the server lets it rest, this is over once the socket watches, and `Conversation.go_on` is awaited again.
    """
    if not comes_from_us(socket, at.base_url):
        await socket.close()
        return
    try:
        await _begin(socket, at, stream, admit)
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


async def _begin(socket: WebSocket[Any], at: Reception, stream: str, admit: Callable[[], Awaitable[Admission]]) -> None:
    seat = Seat.take(at.addresses, address_of(socket), stream)
    try:
        admission = await admit()
        await socket.accept()
    except BaseException:
        seat.leave()
        raise
    viewer = admission.viewer(Outbox(socket))
    try:
        known = said_in(socket.scope["query_string"]) or await _first_frame(socket)
        live = await at.hub.join(admission.hall, viewer, known)
    except BaseException:
        await _end(viewer, seat)
        raise
    await Conversation(socket, viewer, live, seat).go_on()


class Conversation:
    """A socket that watches. It says little, and between two frames of its there is nothing to be done."""

    __slots__ = ("_live", "_receive", "_seat", "_viewer", "_wire")

    def __init__(self, socket: WebSocket[Any], viewer: Viewer, live: LiveHall, seat: Seat) -> None:
        self._wire = wire_of(socket.scope)
        self._receive = self._wire.receive if self._wire else socket.receive
        self._viewer, self._live, self._seat = viewer, live, seat

    async def go_on(self) -> None:
        """Answer what the client says until it rests or is gone."""
        rests = False
        try:
            while not (rests := self._rests()):
                resume = _read(await self._receive())
                if resume:
                    await self._live.resume(self._viewer, resume)
                await asyncio.sleep(FRAME_PAUSE_S)
        except WebSocketDisconnect:
            return
        except BadFrameError:
            self._viewer.outbox.end(Close.BAD_FRAME)
        except Exception:
            log.exception("socket_failed", extra={"stream": self._seat.stream})
            self._viewer.outbox.end(Close.NOT_NOW)
        finally:
            if not rests:
                self._live.leave(self._viewer)
                await _end(self._viewer, self._seat)

    def _rests(self) -> bool:
        return self._wire is not None and self._wire.rest(self.go_on)


async def _end(viewer: Viewer, seat: Seat) -> None:
    try:
        await viewer.outbox.finish()
    finally:
        seat.leave()


async def _first_frame(socket: WebSocket[Any]) -> Resume | None:
    try:
        async with asyncio.timeout(FIRST_FRAME_S):
            return _read(await socket.receive())
    except TimeoutError:
        return None


def _read(message: Any) -> Resume | None:
    """Read what was received; None for a frame that means nothing here. Raises WebSocketDisconnect, BadFrameError."""
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
