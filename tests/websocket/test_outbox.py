"""A peer that does not read is cut off in time and holds up nobody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.websocket.places import close_code, dial, heard, serving, stalled_peer, until
from websocket.closing import Close
from websocket.outbox import Outbox

BIG = b'"' + b"x" * 60_000 + b'"'
FAST = "websocket.server:SocketProtocol"
PLAIN = "websockets-sansio"


class Served:
    """The server's side of each socket: its outbox, and whether the server is rid of it."""

    def __init__(self) -> None:
        self.outboxes: list[Outbox] = []
        self.over = 0

    def endpoint(self, **settings: Any) -> Callable[[WebSocket[Any]], Awaitable[None]]:
        async def serve(socket: WebSocket[Any]) -> None:
            await socket.accept()
            outbox = Outbox(socket, **settings)
            self.outboxes.append(outbox)
            try:
                while True:
                    await socket.receive_text()
            except WebSocketDisconnect:
                await outbox.finish()
            self.over += 1

        return serve


@asynccontextmanager
async def served(ws: str = FAST, **settings: Any) -> AsyncIterator[tuple[Served, str]]:
    serving_side = Served()
    async with serving(serving_side.endpoint(**settings), ws) as url:
        yield serving_side, url


@pytest.mark.parametrize("ws", [FAST, PLAIN])
async def test_frames_arrive_in_their_order(ws: str) -> None:
    async with served(ws) as (server, url), dial(url) as client:
        await until(lambda: len(server.outboxes) == 1)

        for n in range(100):
            server.outboxes[0].put(str(n).encode())

        assert await heard(client, 100) == list(range(100))


async def test_frames_that_had_to_wait_are_not_overtaken() -> None:
    async with served() as (server, url), dial(url, max_size=None, max_queue=1) as client:
        await until(lambda: len(server.outboxes) == 1)

        for n in range(200):
            server.outboxes[0].put(b'["%d","%s"]' % (n, b"x" * 60_000))

        frames = await heard(client, 200)
        assert [frame[0] for frame in frames] == [str(n) for n in range(200)]


async def test_a_peer_that_never_reads_is_cut_off() -> None:
    async with served(deadline_s=0.5) as (server, url):
        peer = await stalled_peer(url)
        await until(lambda: len(server.outboxes) == 1)

        _fill(server.outboxes[0], 200)

        await until(lambda: server.over == 1)
        with peer:
            await until(lambda: _is_cut(peer))

        assert server.over == 1


async def test_a_peer_that_never_reads_stays_for_ever_without_the_cut() -> None:
    """The control of the test before: over plain ASGI even the close waits for the peer to read."""
    async with served(PLAIN, deadline_s=0.5) as (server, url):
        peer = await stalled_peer(url)
        await until(lambda: len(server.outboxes) == 1)

        _fill(server.outboxes[0], 200)
        await asyncio.sleep(4)

        assert server.over == 0
        peer.close()


async def test_a_full_outbox_ends_the_socket_at_once() -> None:
    async with served(frames=20) as (server, url):
        peer = await stalled_peer(url)
        await until(lambda: len(server.outboxes) == 1)

        _fill(server.outboxes[0], 400)

        await until(lambda: server.over == 1)
        with peer:
            await until(lambda: _is_cut(peer))

        assert server.over == 1


async def test_a_slow_reader_learns_why_it_was_closed() -> None:
    async with served(frames=20) as (server, url), dial(url, max_size=None, max_queue=1) as client:
        await until(lambda: len(server.outboxes) == 1)

        _fill(server.outboxes[0], 400)

        assert await close_code(client) == Close.SLOW_READER


async def test_others_are_served_while_one_does_not_read() -> None:
    async with served() as (server, url), dial(url) as client:
        await until(lambda: len(server.outboxes) == 1)
        peer = await stalled_peer(url)
        await until(lambda: len(server.outboxes) == 2)
        _fill(server.outboxes[1], 200)

        server.outboxes[0].put(b"1")

        assert await heard(client, 1) == [1]
        peer.close()


async def test_a_closed_socket_takes_no_more_frames() -> None:
    async with served() as (server, url), dial(url) as client:
        await until(lambda: len(server.outboxes) == 1)
        server.outboxes[0].put(b"1")
        server.outboxes[0].end(Close.REVOKED)
        server.outboxes[0].put(b"2")

        assert await heard(client, 1) == [1]
        assert await close_code(client) == Close.REVOKED


async def test_a_peer_that_left_is_no_trouble() -> None:
    async with served() as (server, url):
        async with dial(url):
            await until(lambda: len(server.outboxes) == 1)
        await until(lambda: server.over == 1)

        server.outboxes[0].put(b"1")
        server.outboxes[0].end(Close.GOING_AWAY)

        assert server.over == 1


def _fill(outbox: Outbox, frames: int) -> None:
    for _ in range(frames):
        outbox.put(BIG)


def _is_cut(peer: Any) -> bool:
    """Whether the server has reset the connection: what was on its way is read first."""
    try:
        while peer.recv(1 << 20):
            pass
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
    return True
