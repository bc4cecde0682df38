"""uvicorn's WebSocket protocol with what many sockets need: write without waiting, cut off, and rest.

Over plain ASGI a stalled peer can't be closed: the close waits for the buffer to flush, for ever. So does the close of
one that answers no ping.
Name it to uvicorn as `ws="websocket.server:SocketProtocol"`.
"""

import asyncio
import logging
import socket
from asyncio import BaseTransport
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from typing import Any, Final, Protocol
from urllib.parse import unquote

from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from o2o.kernel.connection import Upgrade
from websocket.closing import Close
from websocket.handshake import accepting, headed

WIRE: Final = "o2o.wire"
"""The ASGI extension: `scope["extensions"][WIRE]["wire"]` is a `Wire`."""

SEND_BUFFER: Final = 64 * 1024
"""Of the kernel, which takes twice that; left alone it takes up to 4 MB for each peer that does not read, and an outbox
hears of it only then."""

STALLED_S: Final = 12.0
"""When the peer's system takes nothing for so long, the kernel gives the connection up, however little waits."""

UNHEARD: Final = 1000
"""So many frames that no application hears (pings, pongs, parts of a message) may come between two pings of our own.
A flood of them keeps the process from everybody else, and for who does not read the answers wait in memory."""

FRAMES_KEPT: Final = 32
"""As it goes over the wire a frame is made once, for however many; a snapshot has some 100 kB at most."""


IP: Final = frozenset({socket.AF_INET, socket.AF_INET6})
USER_TIMEOUT: Final[int | None] = getattr(socket, "TCP_USER_TIMEOUT", None)
"""Linux alone has it. Elsewhere a peer is cut by its outbox, or when it answers no ping."""

log = logging.getLogger(__name__)


class Wire(Protocol):
    """A socket's way out, below ASGI."""

    def ready(self) -> bool:
        """Whether a frame can be written now without waiting for the peer to read."""

    def write(self, frame: bytes) -> None:
        """Write one text frame; only while `ready`."""

    def abort(self) -> None:
        """Cut the connection, whatever is unsent."""

    def rest(self, wake: Callable[[], Awaitable[None]]) -> bool:
        """Let the application return, and have `wake` awaited when there is something to receive.

        False when there is already: then the application goes on itself.
        """

    async def send(self, message: Any) -> None:
        """As ASGI's; so is `receive`. They hold nothing of the handshake."""

    async def receive(self) -> Any: ...


def wire_of(scope: Scope) -> Wire | None:
    """The socket's way below ASGI, where the server has one."""
    wire: Wire | None = scope.get("extensions", {}).get(WIRE, {}).get("wire")
    return wire


@lru_cache(maxsize=FRAMES_KEPT)
def framed(text: bytes) -> bytes:
    """A text frame as it goes to every peer: nothing is compressed, and servers mask nothing."""
    return Frame(Opcode.TEXT, text).serialize(mask=False)


class Inbox:
    """What has come, for one that waits: an asyncio.Queue takes 2 kB, when nothing has."""

    __slots__ = ("_messages", "_waiter")

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._waiter: asyncio.Future[None] | None = None

    def put_nowait(self, message: Message) -> None:
        self._messages.append(message)
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def empty(self) -> bool:
        return not self._messages

    async def filled(self) -> None:
        """Wait until there is something."""
        while not self._messages:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    async def get(self) -> Message:
        await self.filled()
        return self._messages.pop(0)


class SocketProtocol(WebSocketsSansIOProtocol):
    stalled_s: float = STALLED_S

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.queue = Inbox()  # type: ignore[assignment]  # what uvicorn uses of a queue is there
        self._application, self.app = self.app, self._attend
        self._wake: Callable[[], Awaitable[None]] | None = None
        self._accepting: bytes | None = None
        self._head = b""
        self._unheard = 0

    def take_over(self, transport: asyncio.Transport, upgrade: Upgrade) -> bool:
        """Begin with a handshake that the HTTP protocol has read (`o2o.kernel.connection`)."""
        self._accepting = None if self.config.ws_per_message_deflate else accepting(upgrade)
        if self._accepting is None:
            return False
        self.connection_made(transport)
        self.conn.state = State.OPEN
        self.conn.parser = self.conn.parse()  # From here on it reads frames.
        next(self.conn.parser)
        self.handshake_initiated = True
        self.scope = self._scope_of(upgrade)
        self.queue.put_nowait({"type": "websocket.connect"})
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)
        return True

    def _scope_of(self, upgrade: Upgrade) -> Any:
        """As uvicorn's."""
        raw_path, _, query = upgrade.target.partition(b"?")
        return {
            "type": "websocket",
            "asgi": {"version": self.asgi_version, "spec_version": "2.4"},
            "http_version": upgrade.version,
            "scheme": self.scheme,
            "server": self.server,
            "client": self.client,
            "root_path": self.root_path,
            "path": self.root_path + unquote(raw_path.decode("ascii")),
            "raw_path": self.root_path.encode("ascii") + raw_path,
            "query_string": query,
            "headers": upgrade.headers,
            "subprotocols": [],
            "state": self.app_state.copy(),
            "extensions": {"websocket.http.response": {}, WIRE: {"wire": self}},
        }

    @override
    async def send(self, message: Any) -> None:
        if self._accepting and message["type"] == "websocket.accept":
            self._accept(message.get("headers", ()))
        else:
            self._flush()
            await super().send(message)

    def _accept(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """The answer waits for a frame that follows at once, and for nothing else: one write for both."""
        if self.disconnected:
            raise ClientDisconnected
        if self._accepting and not self.transport.is_closing():
            self.handshake_complete = True
            self._head = headed(self._accepting, (*self.default_headers, *headers))
            self.loop.call_soon(self._flush)
            self.start_keepalive()
        self._accepting = None

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head and not self.transport.is_closing():
            self.transport.write(head)

    @override
    def data_received(self, data: bytes) -> None:
        self._flush()  # Who does not wait for the answer has it all the same before any other.
        super().data_received(data)

    async def _attend(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, and what it leaves to be done when the peer says something or goes."""
        try:
            await self._application(scope, receive, send)
        finally:
            self._flush()
        del scope, receive, send
        while wake := self._wake:
            # A task in the midst of twenty coroutines, and the request that they are about, take 15 kB.
            self.scope = self.request = self.response = None  # type: ignore[assignment]
            await self.queue.filled()  # type: ignore[attr-defined]
            self._wake = None
            await wake()

    def rest(self, wake: Callable[[], Awaitable[None]]) -> bool:
        if self.queue.empty():
            self._wake = wake
        return self._wake is not None

    @override
    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if USER_TIMEOUT and sock.family in IP:
            sock.setsockopt(socket.IPPROTO_TCP, USER_TIMEOUT, int(self.stalled_s * 1000))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(exc, TimeoutError) and not self.close_sent:
            log.info("socket_ended", extra={"code": Close.SLOW_READER.value, "path": None})
        super().connection_lost(exc)

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][WIRE] = {"wire": self}

    @override
    def shutdown(self) -> None:
        """Tell the peer to come back, at once, rather than uvicorn's 1012."""
        self._flush()
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": Close.GOING_AWAY})
            self.conn.send_close(Close.GOING_AWAY, Close.GOING_AWAY.reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()
        else:
            super().shutdown()

    @override
    def handle_ping(self) -> None:
        super().handle_ping()
        self._bear()

    @override
    def handle_pong(self, event: Frame) -> None:
        super().handle_pong(event)
        self._bear()

    @override
    def handle_cont(self, event: Frame) -> None:
        super().handle_cont(event)
        self._bear()

    def _bear(self) -> None:
        self._unheard += 1
        if self._unheard > UNHEARD:
            self.abort()

    @override
    def send_keepalive_ping(self) -> None:
        self._unheard = 0
        super().send_keepalive_ping()

    @override
    def keepalive_timeout(self) -> None:
        """Cut off who answers no ping: a peer that has gone reads no close frame either."""
        self.abort()

    def ready(self) -> bool:
        closing = self.close_sent or self.disconnected or self.transport.is_closing()
        return self.handshake_complete and self.writable.is_set() and not closing

    def write(self, frame: bytes) -> None:
        data = framed(frame)
        if self._head:
            data, self._head = self._head + data, b""
        self.transport.write(data)

    def abort(self) -> None:
        self.transport.abort()
