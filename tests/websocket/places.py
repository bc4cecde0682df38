"""A hall whose events are announced over a real Redis, and a real server with sockets that watch it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import uvicorn
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from booking.picture import CHANNEL, Change, Picture, Shown
from halls.assembly import assemble
from halls.schemas import CounterInput, HallInput, Names, ServiceInput
from o2o.kernel.background import end
from o2o.kernel.redis import connect as redis_client
from tests.booking.announcer import Announcer
from websocket.addresses import Addresses
from websocket.conversation import Admission, Reception, converse
from websocket.frames import MAX_FRAME_BYTES
from websocket.hub import Hub
from websocket.live_hall import Sources
from websocket.subscription import Subscription
from websocket.viewers import HallViewer
from websocket.views import About

SERVICES = tuple(
    ServiceInput(id=service, prefix=prefix, names=Names(zh=service, en=service))
    for service, prefix in (("sim", "A"), ("bill", "B"))
)
COUNTERS = (CounterInput(id="c1", name="1"), CounterInput(id="c2", name="2", services=("bill",)))
NAMES = Names(zh="和平路营业厅", en="Heping Road")
HALL = assemble(
    "heping", HallInput(lat=39.1, lon=117.2, services=SERVICES, counters=COUNTERS, names=NAMES, capacity=120), rev=1
)
PROGRAM = {"Authorization": "Bearer a-token"}


def listener_of(url: str) -> Callable[[], Awaitable[Redis]]:
    """What a subscription listens with."""

    async def listener() -> Redis:
        return redis_client(url, Retry(NoBackoff(), 0))

    return listener


@dataclass
class Place:
    """The announcing side: what it moves is published as the announcing script does it."""

    redis: Redis
    line: Announcer = field(default_factory=Announcer)
    feed: list[Change] = field(default_factory=list)
    pictures_read: int = 0
    about: About = field(default_factory=lambda: About(hall=HALL, open=True, join_url="http://o2o/q/x", qr="/qr/x.svg"))

    async def say(self, *changes: Change) -> None:
        """Announce the changes in one message, as a batch."""
        await self.redis.publish(CHANNEL, self.message(*changes))

    def message(self, *changes: Change) -> bytes:
        """The message that announces the changes."""
        self.feed.extend(changes)
        return msgspec.json.encode({"hall": self.line.hall, "epoch": self.line.epoch, "events": changes})

    async def issue(self, count: int = 1) -> None:
        for _ in range(count):
            await self.say(self.line.issue())

    async def new_epoch(self) -> None:
        self.line.new_epoch()
        self.feed.clear()
        await self.publish({"hall": self.line.hall, "epoch": self.line.epoch, "loaded": self.line.version})

    async def publish(self, message: object) -> None:
        await self.redis.publish(CHANNEL, msgspec.json.encode(message))

    def closes(self) -> None:
        self.about = replace(self.about, open=False)

    def sources(self) -> Sources:
        return Sources(picture=self._picture, feed=self._feed, about=self._about, shown=self._shown)

    def without_pictures(self) -> Sources:
        return replace(self.sources(), picture=_unreadable)

    async def _picture(self, _hall: str) -> Picture:
        self.pictures_read += 1
        return self.line.snapshot()

    async def _shown(self, halls: Sequence[str]) -> list[Shown | None]:
        return [Shown(self.line.epoch, self.line.version)] * len(halls)

    async def _feed(self, _hall: str, version: int) -> list[Change]:
        return [change for change in self.feed if change.version > version]

    async def _about(self, _hall: str) -> About:
        return self.about


async def _unreadable(_hall: str) -> Picture:
    raise ConnectionError("Redis is away")


@asynccontextmanager
async def listening(subscription: Subscription) -> AsyncIterator[None]:
    """Keep the subscription running; the block begins when it hears."""
    task = asyncio.create_task(subscription.run())
    try:
        await until(lambda: subscription.hears)
        yield
    finally:
        await end([task])


@asynccontextmanager
async def serving(
    endpoint: Callable[[WebSocket[Any]], Awaitable[None]], ws: str = "websocket.server:SocketProtocol", **options: Any
) -> AsyncIterator[str]:
    """Serve one socket endpoint by uvicorn as the service does, with other `options` of uvicorn; yields its address."""
    app = Starlette(routes=[WebSocketRoute("/{rest:path}", endpoint)])
    config = uvicorn.Config(
        app, port=0, http="o2o.kernel.connection:OneWriteProtocol", ws=ws,
        ws_max_size=MAX_FRAME_BYTES, ws_per_message_deflate=False, lifespan="off",
        log_config=None, timeout_graceful_shutdown=1, **options,
    )  # fmt: skip
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    with listener:
        task = asyncio.create_task(server.serve([listener]))
        try:
            await until(lambda: server.started)
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


def display(hub: Hub, **settings: Any) -> Callable[[WebSocket[Any]], Awaitable[None]]:
    """Give an endpoint that lets every program watch the hall as a display."""

    async def admit() -> Admission:
        return Admission("heping", lambda outbox: HallViewer("heping", outbox))

    return watching(hub, admit, **settings)


def watching(
    hub: Hub, admit: Callable[[], Awaitable[Admission]], most: int | None = None, base_url: str = "http://o2o.example"
) -> Callable[[WebSocket[Any]], Awaitable[None]]:
    reception = Reception(hub, Addresses(most), base_url)

    async def endpoint(socket: WebSocket[Any]) -> None:
        await converse(socket, reception, "hall", admit)

    return endpoint


def dial(url: str, **options: Any) -> connect:
    return connect(url, **{"additional_headers": PROGRAM, "compression": None, "proxy": None} | options)


async def heard(client: ClientConnection, count: int) -> list[Any]:
    return [json.loads(await asyncio.wait_for(client.recv(), 5)) for _ in range(count)]


async def close_code(client: ClientConnection) -> int | None:
    """Read until the server closes, and give its code."""
    try:
        async with asyncio.timeout(60):
            while True:
                await client.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def until(true: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


async def stalled_peer(url: str) -> socket.socket:
    """Open a socket that shakes hands and never reads again."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = url.removeprefix("ws://").split(":")
    peer.setblocking(False)
    await asyncio.get_running_loop().sock_connect(peer, (host, int(port)))
    lines = [
        "GET /x HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Authorization: Bearer x",
    ]  # fmt: skip
    await asyncio.get_running_loop().sock_sendall(peer, ("\r\n".join(lines) + "\r\n\r\n").encode())
    return peer
