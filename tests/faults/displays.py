"""Displays by the thousand in one process: the client's rules (o2o/live.py), on a socket with nothing to spare."""

import asyncio
import json
import random
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from httpx2 import AsyncClient, HTTPError
from typing_extensions import override

from o2o.board import Board
from o2o.live import Event, GapError, Snapshot, Thread
from o2o.replay.watch import DisplayWatch
from tests.faults.people import Crowd
from tests.installation import Installation
from websocket.clients import RULES
from websocket.closing import FIRST_FINAL

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
RECEIVE_BUFFER: Final = 16 * 1024  # As little as a cheap television's.
PATIENCE_S: Final = 180
HALL: Final = "nankai"


class Display(asyncio.Protocol):
    """One display. It comes back for as long as it is wanted, by the pauses that every client keeps to."""

    def __init__(self, place: tuple[str, int], request: bytes) -> None:
        self._place = place
        self._request = request
        self._thread = Thread()
        self._transport: asyncio.Transport | None = None
        self._gone = asyncio.Event()
        self._bytes = bytearray()
        self._welcome = False
        self._reads_every: float | None = 0.0
        self.board: Board | None = None
        self.codes: list[int] = []
        """Why it was closed, one after the other; 1006 where nothing was said."""
        self.late: deque[float] = deque(maxlen=1000)
        """How long after it happened each event was heard, in seconds."""

    @property
    def at(self) -> tuple[str | None, int]:
        return self._thread.epoch, self._thread.version

    async def stay(self) -> None:
        attempt = 0
        while True:
            began = time.monotonic()
            await self._listen()
            if self.codes[-1] >= FIRST_FINAL:
                return
            attempt = 0 if time.monotonic() - began > RULES.steady else attempt
            pause = min(RULES.longest_wait, RULES.first_wait * 2**attempt)
            await asyncio.sleep(random.uniform(pause / 2, pause))
            attempt += 1

    def drop(self) -> None:
        """Lose the network for a moment."""
        if self._transport:
            self._transport.abort()

    def read(self, every: float | None) -> None:
        """Read all the time (0), a gulp `every` so many seconds, or never again (None)."""
        self._reads_every = every
        if self._transport and every is None:
            self._transport.pause_reading()
        elif self._transport:
            self._transport.resume_reading()

    async def _listen(self) -> None:
        self._gone.clear()
        self._bytes.clear()
        self._welcome = False
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(sock, self._place)
            await loop.create_connection(lambda: self, sock=sock)
            await self._gone.wait()
        except OSError:
            self.codes.append(1006)
        finally:
            sock.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self._gone.is_set():
            self.codes.append(1006)
        self._gone.set()

    @override
    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if not self._welcome:
            self._shake_hands()
        while self._welcome and (frame := self._next()):
            self._take(*frame)
        if self._reads_every and self._transport:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(self._reads_every, self.read, self._reads_every)

    def _shake_hands(self) -> None:
        head, end, rest = self._bytes.partition(b"\r\n\r\n")
        if end:
            assert head.startswith(b"HTTP/1.1 101"), bytes(head)
            self._bytes, self._welcome = bytearray(rest), True
            self._send(TEXT, self._position())

    def _position(self) -> bytes:
        """What it has, as a first frame; our own clients say it in the address."""
        epoch, version = self.at
        return json.dumps({"type": "resume"} | ({"epoch": epoch, "version": version} if epoch else {})).encode()

    def _next(self) -> tuple[int, bytes] | None:
        """The next whole frame: what kind, and what it says."""
        if len(self._bytes) < 2:
            return None
        size, start = self._bytes[1] & 0x7F, 2
        if size > 125:
            start += 2 if size == 126 else 8
            size = int.from_bytes(self._bytes[2:start])
        if len(self._bytes) < start + size:
            return None
        kind, said = self._bytes[0] & 0x0F, bytes(self._bytes[start : start + size])
        del self._bytes[: start + size]
        return kind, said

    def _take(self, kind: int, said: bytes) -> None:
        if kind == PING:
            self._send(PONG, said)
        elif kind == CLOSE:
            self.codes.append(int.from_bytes(said[:2]))
            self._gone.set()
            self.drop()
        elif kind == TEXT:
            self._hear(said.decode())

    def _hear(self, frame: str) -> None:
        try:
            news = self._thread.receive(frame)
        except GapError:
            self.drop()
            return
        if isinstance(news, Snapshot):
            self.board = Board(news.state)
        elif isinstance(news, Event) and self.board:
            self.board.apply(news)
            self.late.append(time.time() - datetime.fromisoformat(news.data["at"]).timestamp())

    def _send(self, kind: int, said: bytes) -> None:
        """A client masks what it sends; by zeros, that is what was said."""
        if self._transport:
            self._transport.write(bytes([0x80 | kind, 0x80 | len(said)]) + bytes(4) + said)


@dataclass
class Scene:
    """A hall that many displays watch, people who come, and the service's own figures."""

    installed: Installation
    watching: list[Display]
    token: str
    client: AsyncClient
    crowd: Crowd

    async def happens(self, events: int, pace_s: float = 0.0) -> None:
        """So many people take a number; with a pace, one after the other."""
        if pace_s:
            for _ in range(events):
                await self.crowd.take(self.client)
                await asyncio.sleep(pace_s)
            return
        async with self.crowd.coming():
            await self.crowd.until(len(self.crowd.taken) + events)

    async def figure(self, name: str) -> float:
        """One of the service's figures: `o2o_sockets{stream="hall"}`. Not counted yet is 0."""
        with suppress(HTTPError):
            lines = (await self.client.get("/metrics")).text.splitlines()
            return sum(float(line.rpartition(" ")[2]) for line in lines if _same(line.rpartition(" ")[0], name))
        return 0

    async def all_right(self) -> None:
        """Wait until each of them shows what the service says; it may still be announcing the last events."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self._agrees():
                await asyncio.sleep(0.1)

    async def _agrees(self) -> bool:
        version, picture = await DisplayWatch(self.installed.url, HALL, self.token).fresh()
        return all(one.at[1] == version and one.board and one.board.picture() == picture for one in self.watching)


@asynccontextmanager
async def watched(installed: Installation, count: int, port: int = 0) -> AsyncIterator[Scene]:
    """So many displays of a hall of a service that runs; the block begins when each has the hall before it.

    `port` is the service's own, or a proxy's before it.
    """
    async with installed.client() as client:
        told = {"username": "hq", "password": "demo-password"}
        token = (await client.post("/api/v1/session", json=told)).json()["token"]
        request = _request(installed.port, token)
        watching = [Display(("127.0.0.1", port or installed.port), request) for _ in range(count)]
        staying = [asyncio.create_task(one.stay()) for one in watching]
        try:
            await until(lambda: all(one.board for one in watching))
            yield Scene(installed, watching, token, client, Crowd(installed, hall=HALL))
        finally:
            for task in staying:
                task.cancel()
            await asyncio.gather(*staying, return_exceptions=True)
            for one in watching:
                one.drop()


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.05)


def _same(found: str, name: str) -> bool:
    """Whether these are one figure's name and labels; several processes add a label of their own."""
    return found == name or (found.startswith(name[:-1] + ",") if name.endswith("}") else False)


def _request(port: int, token: str) -> bytes:
    lines = [
        f"GET /ws/halls/{HALL} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", f"Authorization: Bearer {token}",
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
