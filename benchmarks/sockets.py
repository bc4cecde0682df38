"""Many WebSocket clients in one process: they note when a frame came, and read no more of it than that takes."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final, cast

from typing_extensions import override

AT_ONCE: Final = 100  # handshakes under way
PATIENCE_S: Final = 60.0
_BLANK: Final = b"\r\n\r\n"
_EVENT: Final = b'"type":"event"'
_PING: Final = 0x89
_PONG: Final = b"\x8a%c\0\0\0\0%b"
_MASKED: Final = 0x80
_TWO_BYTES, _EIGHT_BYTES = 126, 127


class Watcher(asyncio.Protocol):
    """One client. `greeted` is done with the first text frame; each later one that counts calls `heard`."""

    def __init__(self, handshake: bytes, heard: Callable[[], None], *, only_events: bool) -> None:
        self._handshake, self._heard, self._only_events = handshake, heard, only_events
        self._buffer, self._upgraded = b"", False
        self.greeted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it
        self._transport.write(self._handshake)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.greeted.done():
            self.greeted.set_exception(ConnectionError(f"refused: {self._buffer[:200]!r} {exc or ''}"))

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            end = self._buffer.find(_BLANK)
            if end < 0:
                return
            if self._buffer[9:12] != b"101":
                self._transport.close()
                return
            self._upgraded, self._buffer = True, self._buffer[end + len(_BLANK) :]
        while self._take_frame():
            pass

    def close(self) -> None:
        self._transport.abort()

    def _take_frame(self) -> bool:
        """Take one whole frame of the server's (it masks nothing) from the buffer; False when there is none."""
        buffer = self._buffer
        if len(buffer) < 2:  # noqa: PLR2004  # a frame's head
            return False
        length, begin = buffer[1], 2
        if length == _TWO_BYTES:
            length, begin = int.from_bytes(buffer[2:4]), 4
        elif length == _EIGHT_BYTES:
            length, begin = int.from_bytes(buffer[2:10]), 10
        if len(buffer) < begin + length:
            return False
        self._note(buffer[0], buffer[begin : begin + length])
        self._buffer = buffer[begin + length :]
        return True

    def _note(self, kind: int, content: bytes) -> None:
        if kind == _PING:
            self._transport.write(_PONG % (_MASKED | len(content), content))  # Whoever gives it back is still there.
        elif not self.greeted.done():
            self.greeted.set_result(len(content))
        elif not self._only_events or _EVENT in content:
            self._heard()


class Crowd:
    """Many watchers of one stream. `heard` holds the moments of what the last `listen` waited for."""

    def __init__(self, port: int, path: str, *, token: str | None = None, only_events: bool = False) -> None:
        bearer = f"authorization: Bearer {token}\r\n" if token else ""
        self._handshake = (
            f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            f"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n{bearer}\r\n"
        ).encode()
        self._port, self._only_events = port, only_events
        self._watchers: list[Watcher] = []
        self._moments: list[float] = []
        self._all_heard = asyncio.Event()

    async def connect(self, count: int) -> float:
        """Connect and wait until each has its first frame; return the seconds that took."""
        room = asyncio.Semaphore(AT_ONCE)
        begun = perf_counter()
        await asyncio.gather(*(self._connect_one(room) for _ in range(count)))
        return perf_counter() - begun

    async def greeting_length(self) -> int:
        return await self._watchers[0].greeted

    async def listen(self, begin: Callable[[], asyncio.Future[object]]) -> list[float]:
        """Start something that everyone should hear of; return how many seconds it took to each."""
        self._moments.clear()
        self._all_heard.clear()
        begun = perf_counter()
        cause = begin()
        await asyncio.wait_for(self._all_heard.wait(), PATIENCE_S)
        await cause
        return [moment - begun for moment in self._moments]

    def close(self) -> None:
        for watcher in self._watchers:
            watcher.close()
        self._watchers.clear()

    async def _connect_one(self, room: asyncio.Semaphore) -> None:
        async with room:
            loop = asyncio.get_running_loop()
            _, watcher = await loop.create_connection(self._watcher, "127.0.0.1", self._port)
            self._watchers.append(watcher)
            await watcher.greeted

    def _watcher(self) -> Watcher:
        return Watcher(self._handshake, self._hear, only_events=self._only_events)

    def _hear(self) -> None:
        self._moments.append(perf_counter())
        if len(self._moments) == len(self._watchers):
            self._all_heard.set()
