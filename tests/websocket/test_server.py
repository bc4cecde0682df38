"""A peer that has gone without a word is noticed, and let go of, though bytes wait for it."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect
from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidMessage

from tests.websocket.places import close_code, dial, serving, stalled_peer, until
from websocket.server import SEND_BUFFER, WIRE, SocketProtocol

FRAME = b'"' + b"x" * 4000 + b'"'
FAST = "websocket.server:SocketProtocol"
NO_PINGS: dict[str, Any] = {"ws_ping_interval": None}
UNHEARD = 1000
UNHEARD_OF = {"ping": b"\x89\x80mask", "pong": b"\x8a\x80mask", "part": b"\x00\x80mask"}
"""Without content, as a client masks them."""
BEGUN = b"\x01\x80mask"
PINGS = {"ws_ping_interval": 0.2, "ws_ping_timeout": 0.2}


class Sockets:
    """The server's ends, and how many of them have ended."""

    def __init__(self) -> None:
        self.wires: list[SocketProtocol] = []
        self.over = 0

    async def serve(self, socket: WebSocket[Any]) -> None:
        await socket.accept()
        self.wires.append(socket.scope["extensions"][WIRE]["wire"])
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            self.over += 1

    def fill(self) -> None:
        """Write what the kernel takes, and a little more: bytes wait here, too few for anybody to mind."""
        wire = self.wires[0]
        while not wire.transport.get_write_buffer_size():
            wire.write(FRAME)
        assert wire.ready()


@asynccontextmanager
async def one_gone(ws: str, **options: Any) -> AsyncIterator[Sockets]:
    """A socket whose peer neither reads nor answers any more."""
    sockets = Sockets()
    async with serving(sockets.serve, ws, **(options or PINGS)) as url:
        peer = await stalled_peer(url)
        await until(lambda: len(sockets.wires) == 1)
        sockets.fill()
        yield sockets
        peer.close()


async def test_who_answers_no_ping_is_cut_off() -> None:
    async with one_gone(FAST) as sockets:
        await until(lambda: sockets.over == 1)

    assert sockets.over == 1


async def test_who_answers_no_ping_stays_for_ever_without_the_cut() -> None:
    """The control of the test before: the close waits for the peer to read."""
    async with one_gone(f"{__name__}:Closing") as sockets:
        await until(sockets.wires[0].transport.is_closing)
        await asyncio.sleep(2)

        assert sockets.over == 0


async def test_who_takes_nothing_more_is_cut_off_though_little_waits() -> None:
    async with one_gone(f"{__name__}:Impatient", **NO_PINGS) as sockets:
        await until(lambda: sockets.over == 1)

    assert sockets.over == 1


async def test_control_who_takes_nothing_more_stays_while_little_waits() -> None:
    async with one_gone(FAST, **NO_PINGS) as sockets:
        await asyncio.sleep(3)

        assert sockets.over == 0


async def test_who_takes_a_little_now_and_then_stays() -> None:
    sockets = Sockets()
    async with serving(sockets.serve, f"{__name__}:Impatient", **NO_PINGS) as url:
        peer = await stalled_peer(url)
        await until(lambda: len(sockets.wires) == 1)
        for _ in range(6):
            sockets.fill()
            while sockets.wires[0].transport.get_write_buffer_size():
                await asyncio.get_running_loop().sock_recv(peer, 1 << 20)
            await asyncio.sleep(0.5)

        assert sockets.over == 0
        peer.close()


@pytest.mark.parametrize("kind", sorted(UNHEARD_OF))
async def test_who_sends_nothing_but_what_nobody_hears_is_cut_off(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    sockets = Sockets()
    async with serving(sockets.serve, **NO_PINGS) as url:
        peer = await stalled_peer(url)
        await until(lambda: len(sockets.wires) == 1)

        await asyncio.get_running_loop().sock_sendall(peer, BEGUN + UNHEARD_OF[kind] * (2 * UNHEARD))
        await until(lambda: sockets.over == 1)
        peer.close()

    assert sockets.over == 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_control_who_pings_now_and_then_stays() -> None:
    sockets = Sockets()
    async with serving(sockets.serve, ws_ping_interval=0.1) as url, dial(url) as client:
        await until(lambda: len(sockets.wires) == 1)
        for _ in range(4):
            for _ in range(UNHEARD // 2):
                await (await client.ping())
            pinged = sockets.wires[0].last_ping_rtt
            await until(lambda: sockets.wires[0].last_ping_rtt != pinged)  # noqa: B023 - asked within the loop

        assert sockets.over == 0


async def test_who_answers_stays() -> None:
    sockets = Sockets()
    async with serving(sockets.serve, ws_ping_interval=0.1) as url, dial(url):
        await until(lambda: len(sockets.wires) == 1)
        await until(lambda: sockets.wires[0].last_ping_rtt > 0)

        assert sockets.over == 0


async def test_the_kernel_takes_little_for_who_does_not_read() -> None:
    sockets = Sockets()
    async with serving(sockets.serve) as url, dial(url):
        await until(lambda: len(sockets.wires) == 1)
        sock = sockets.wires[0].transport.get_extra_info("socket")

        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * SEND_BUFFER


class Resting(Sockets):
    """Sockets that rest between two frames; what was heard of them."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    @override
    async def serve(self, socket: WebSocket[Any]) -> None:
        await socket.accept()
        wire: SocketProtocol = socket.scope["extensions"][WIRE]["wire"]
        self.wires.append(wire)

        async def go_on() -> None:
            while not wire.rest(go_on):
                message: Any = await wire.receive()
                if message["type"] == "websocket.disconnect":
                    self.over += 1
                    return
                self.heard.append(message["text"])

        await go_on()


async def test_who_rests_hears_everything_and_stays_open() -> None:
    sockets = Resting()
    async with serving(sockets.serve) as url, dial(url) as client:
        for n in range(20):
            await client.send(str(n))
        await until(lambda: len(sockets.heard) == 20)
        await client.send("20")
        await until(lambda: len(sockets.heard) == 21)

        sockets.wires[0].write(FRAME)

        assert await client.recv() == FRAME.decode()
        assert sockets.heard == [str(n) for n in range(21)]
        assert sockets.over == 0


async def test_who_rests_learns_of_the_end() -> None:
    sockets = Resting()
    async with serving(sockets.serve) as url:
        async with dial(url):
            await until(lambda: len(sockets.wires) == 1)
        await until(lambda: sockets.over == 1)

    assert sockets.over == 1


async def test_who_rests_holds_nothing_of_the_handshake() -> None:
    sockets, busy = Resting(), Sockets()
    async with serving(sockets.serve) as url, serving(busy.serve) as other, dial(url), dial(other):
        await until(lambda: len(sockets.wires) == len(busy.wires) == 1)

        await until(lambda: sockets.wires[0].scope is None)
        assert busy.wires[0].scope is not None


async def test_what_follows_the_handshake_at_once_goes_with_it() -> None:
    Written.parts.clear()

    async def greet(socket: WebSocket[Any]) -> None:
        await socket.accept()
        socket.scope["extensions"][WIRE]["wire"].write(FRAME)
        await socket.receive()

    async with serving(greet, f"{__name__}:Noting", **NO_PINGS) as url, dial(url) as client:
        assert await client.recv() == FRAME.decode()

        [together] = Written.parts
        assert together.startswith(b"HTTP/1.1 101 ")
        assert together.endswith(FRAME)


async def test_a_handshake_waits_for_no_frame() -> None:
    async def say_nothing(socket: WebSocket[Any]) -> None:
        await socket.accept()
        await socket.receive()

    async with serving(say_nothing, **NO_PINGS) as url, dial(url, open_timeout=5) as client:
        assert client.response


async def test_who_is_closed_at_once_has_the_handshake_first() -> None:
    async def close(socket: WebSocket[Any]) -> None:
        await socket.accept()
        await socket.close(4503)

    async with serving(close) as url, dial(url) as client:
        assert await close_code(client) == 4503


async def test_who_is_cut_at_once_gets_nothing_and_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    async def cut(socket: WebSocket[Any]) -> None:
        await socket.accept()
        socket.scope["extensions"][WIRE]["wire"].abort()
        await socket.receive()

    async with serving(cut) as url:
        with pytest.raises((ConnectionError, InvalidMessage)):
            await dial(url)

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


class Written:
    """A transport that notes what is written."""

    parts: ClassVar[list[bytes]] = []

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        self.parts.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Noting(SocketProtocol):
    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(Written(transport))  # type: ignore[arg-type]


class Closing(SocketProtocol):
    """As uvicorn has it."""

    @override
    def keepalive_timeout(self) -> None:
        WebSocketsSansIOProtocol.keepalive_timeout(self)


class Impatient(SocketProtocol):
    """In a test nobody waits for 12 s."""

    stalled_s = 1.0
