"""The frames on their way to one socket: few, in order, and never held by a peer that does not read."""

import asyncio
import logging
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from websocket.closing import Close
from websocket.server import wire_of

FRAMES: Final = 256
SEND_DEADLINE_S: Final = 10.0
CLOSE_DEADLINE_S: Final = 2.0  # With the send deadline and the lingering: a stalled peer is cut within 15 s.
LINGER_S: Final = 2.0

log = logging.getLogger(__name__)


class Outbox:
    """Writes at once while the peer keeps up; else a task waits for it, for as long as the deadline allows."""

    __slots__ = ("_closer", "_deadline_s", "_frames", "_over", "_path", "_send", "_waiting", "_wire", "_writer")

    def __init__(self, socket: WebSocket[Any], *, frames: int = FRAMES, deadline_s: float = SEND_DEADLINE_S) -> None:
        self._wire = wire_of(socket.scope)
        self._send = self._wire.send if self._wire else socket.send
        self._path = socket.scope["path"]
        self._frames = frames
        self._deadline_s = deadline_s
        self._waiting: list[bytes] = []
        self._writer: asyncio.Task[None] | None = None
        self._closer: asyncio.Task[None] | None = None
        self._over = False

    def put(self, frame: bytes) -> None:
        """Send the frame after those before it; a full outbox closes the socket as a slow reader."""
        if self._over:
            return
        if self._writer is None and self._wire and self._wire.ready():
            self._wire.write(frame)
            return
        if len(self._waiting) >= self._frames:
            self.end(Close.SLOW_READER)
            return
        self._waiting.append(frame)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def end(self, close: Close) -> None:
        """Close the socket with this code; what waits is dropped, and a peer that does not react is cut off."""
        if self._over:
            return
        self._over = True
        self._waiting.clear()
        log.info("socket_ended", extra={"code": close.value, "path": self._path})
        self._closer = asyncio.create_task(self._close(close))

    async def finish(self) -> None:
        """The socket is gone, or must go: send nothing more and wait until it is closed."""
        self._over = True
        self._waiting.clear()
        if self._writer:
            self._writer.cancel()
        if self._closer:
            await asyncio.shield(self._closer)

    async def _write(self) -> None:
        try:
            while self._waiting:
                frame = self._waiting.pop(0)
                async with asyncio.timeout(self._deadline_s):
                    await self._send({"type": "websocket.send", "text": frame.decode()})
        except TimeoutError:
            self.end(Close.SLOW_READER)
        except (WebSocketDisconnect, OSError, RuntimeError):  # The peer has gone, or was closed.
            self._over = True
        finally:
            self._writer = None

    async def _close(self, close: Close) -> None:
        if self._writer:
            self._writer.cancel()
        try:
            async with asyncio.timeout(CLOSE_DEADLINE_S):
                await self._send({"type": "websocket.close", "code": close, "reason": close.reason})
        except (TimeoutError, WebSocketDisconnect, OSError, RuntimeError):
            self._abort()
        else:  # The close frame is on its way; a peer that does not answer it is cut off.
            asyncio.get_running_loop().call_later(LINGER_S, self._abort)

    def _abort(self) -> None:
        if self._wire:
            self._wire.abort()
