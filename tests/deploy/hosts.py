"""Two hosts that serve, behind nginx as deploy/ has it, over one SQL and one Redis; people who come meanwhile."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, HTTPError, Request

from o2o.board import Board
from o2o.live import Event, Snapshot, follow, socket_url
from tests.deploy.front import NOTHING, Front
from tests.installation import PATIENCE_S, Installation
from tests.nodes import RedisCluster
from tests.servers import RedisServer
from tests.stack import stack

HALL = "nankai"
ONE = {"O2O_WORKERS": "1"}
SETTLED_S = 5.0  # Longer than nginx leaves a host out that refused somebody (fail_timeout in deploy/nginx/o2o.conf).


class Host:
    """An installation that is stopped and started; the second one finds the demo there."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self._running = AsyncExitStack()

    async def start(self) -> None:
        await self._running.enter_async_context(self.installation.serving())

    async def stop(self) -> None:
        await self._running.aclose()

    async def leads(self) -> bool:
        async with self.installation.client() as client:
            return "o2o_leads 1.0" in (await client.get("/metrics")).text


@dataclass
class People:
    """What they did, each once, with no second try; `failed` is whatever was answered otherwise than hoped."""

    front: Front
    given: list[str] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ordered: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def coming(self) -> AsyncIterator["People"]:
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._customer("127.0.0.11", enough))
            group.create_task(self._customer("127.0.0.12", enough))
            group.create_task(self._clerk("127.0.0.13", enough))
            group.create_task(self._buyer("127.0.0.14", enough))
            try:
                yield self
            finally:
                enough.set()

    async def until(self, count: int) -> None:
        """Wait until so many were given, served and ordered from now on; a failure is an end of waiting too."""
        done = (self.given, self.served, self.ordered)
        wanted = [len(each) + count for each in done]
        async with asyncio.timeout(PATIENCE_S):
            while not self.failed and any(len(each) < least for each, least in zip(done, wanted, strict=True)):
                await asyncio.sleep(0.02)

    async def _customer(self, address: str, enough: asyncio.Event) -> None:
        async with self.front.client(address) as client:
            while not enough.is_set():
                if ticket := await self._post(client, f"/halls/{HALL}/tickets", 201, {"service": "sim"}):
                    self.given.append(ticket["id"])
                    await self._look(client, ticket)
                await asyncio.sleep(0.01)

    async def _clerk(self, address: str, enough: asyncio.Event) -> None:
        async with self.front.client(address) as client:
            await sign_in(client, "clerk5")
            await self._post(client, f"/counters/{HALL}-1/opening", 200)
            while not enough.is_set():
                if called := await self._post(client, f"/counters/{HALL}-1/calls", 201):
                    await self._post(client, f"/tickets/{called['id']}/start", 200)
                    if await self._post(client, f"/tickets/{called['id']}/completion", 200):
                        self.served.append(called["id"])
                await asyncio.sleep(0.01)

    async def _buyer(self, address: str, enough: asyncio.Event) -> None:
        """Order a SIM card to fetch it here, and think better of it, so that there is always one."""
        async with self.front.client(address) as client:
            while not enough.is_set():
                wish = {"hall": HALL, "lines": [{"sku": "sim-5g", "quantity": 1}], "fulfilment": "pickup"}
                phone = f"139{secrets.randbelow(10**8):08}"
                if order := await self._post(client, "/orders", 201, {**wish, "phone": phone}):
                    client.headers["authorization"] = f"Bearer {order['token']}"
                    if await self._post(client, f"/orders/{order['id']}/cancellation", 200):
                        self.ordered.append(order["id"])
                    del client.headers["authorization"]
                await asyncio.sleep(0.01)

    async def _look(self, client: AsyncClient, ticket: dict[str, Any]) -> None:
        headers = {"authorization": f"Bearer {ticket['token']}"}
        await self._send(client, client.build_request("GET", f"/api/v1/tickets/{ticket['id']}", headers=headers), 200)

    async def _post(self, client: AsyncClient, path: str, hoped: int, body: dict[str, Any] | None = None) -> Any:
        headers = {"idempotency-key": secrets.token_hex(12)}
        request = client.build_request("POST", f"/api/v1{path}", json=body or {}, headers=headers)
        return await self._send(client, request, hoped)

    async def _send(self, client: AsyncClient, request: Request, hoped: int) -> Any:
        """The answer; None when it was another one, or none at all."""
        try:
            answer = await client.send(request)
        except HTTPError as error:
            self.failed.append(f"{request.url.path}: {error!r}")
            return None
        if answer.status_code == hoped:
            return answer.json()
        if answer.status_code != 204:  # Nobody waits just now.
            self.failed.append(f"{request.url.path}: {answer.status_code} {answer.text[:200]}")
        return None


class Display:
    """A display of one host: its board, and every call that it was told of or found in a snapshot."""

    def __init__(self, host: Host) -> None:
        self._url = socket_url(host.installation.url, f"/ws/halls/{HALL}")
        self.board: Board | None = None
        self.snapshots = 0

    @asynccontextmanager
    async def on(self, token: str) -> AsyncIterator["Display"]:
        task = asyncio.create_task(self._follow(token))
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def picture(self) -> dict[str, Any] | None:
        return self.board.picture() if self.board else None

    async def _follow(self, token: str) -> None:
        async with aclosing(follow(self._url, token)) as stream:
            async for news in stream:
                if isinstance(news, Snapshot):
                    self.board, self.snapshots = Board(news.state), self.snapshots + 1
                elif isinstance(news, Event) and self.board:
                    self.board.apply(news)


async def sign_in(client: AsyncClient, username: str) -> str:
    answer = await client.post("/api/v1/session", json={"username": username, "password": "demo-password"})
    token: str = answer.raise_for_status().json()["token"]
    client.headers["authorization"] = f"Bearer {token}"
    return token


@asynccontextmanager
async def two_hosts(
    folder: Path, redis: RedisServer | RedisCluster, edits: Mapping[str, str] = NOTHING, **environ: str
) -> AsyncIterator[tuple[Front, list[Host]]]:
    """Both serve, and nginx knows both; `edits` are of its configuration."""
    told = {**stack.demo(folder / "data"), "O2O_REDIS_URL": redis.url, "O2O_SECRET_KEY": "k" * 32, **ONE, **environ}
    told.pop("O2O_DATA_DIR")
    hosts = [Host(Installation(folder / name, **told)) for name in ("one", "two")]
    front = Front(folder / "nginx", *(host.installation.port for host in hosts), edits=edits)
    async with AsyncExitStack() as opened:
        for host in hosts:
            host.installation.environ["O2O_BASE_URL"] = front.url
            opened.push_async_callback(host.stop)
            await host.start()
        await opened.enter_async_context(front.running())
        yield front, hosts
