"""uvicorn's WebSocket protocol with what a bounded outbox needs: write without waiting, and cut off.

Over plain ASGI a stalled peer can't be closed: the close waits for the buffer to flush, for ever. So does the close of
one that answers no ping.
Name it to uvicorn as `ws="websocket.server:SocketProtocol"`.
"""

import socket
from asyncio import BaseTransport
from typing import Final, Protocol

from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from websocket.closing import Close

WIRE: Final = "o2o.wire"
"""The ASGI extension: `scope["extensions"][WIRE]["wire"]` is a `Wire`."""

SEND_BUFFER: Final = 64 * 1024
"""Of the kernel, which takes twice that; left alone it takes up to 4 MB for each peer that does not read, and an outbox
hears of it only then."""


class Wire(Protocol):
    """A socket's way out, below ASGI."""

    def ready(self) -> bool:
        """Whether a frame can be written now without waiting for the peer to read."""

    def write(self, frame: bytes) -> None:
        """Write one text frame; only while `ready`."""

    def abort(self) -> None:
        """Cut the connection, whatever is unsent."""


class SocketProtocol(WebSocketsSansIOProtocol):
    @override
    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][WIRE] = {"wire": self}

    @override
    def shutdown(self) -> None:
        """Tell the peer to come back, at once, rather than uvicorn's 1012."""
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
    def keepalive_timeout(self) -> None:
        """Cut off who answers no ping: a peer that has gone reads no close frame either."""
        self.abort()

    def ready(self) -> bool:
        closing = self.close_sent or self.disconnected or self.transport.is_closing()
        return self.handshake_complete and self.writable.is_set() and not closing

    def write(self, frame: bytes) -> None:
        self.conn.send_text(frame)
        self.transport.write(b"".join(self.conn.data_to_send()))

    def abort(self) -> None:
        self.transport.abort()
