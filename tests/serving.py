"""The application for tests: a real database and Redis, a clock that tests move, clients without a network."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from halls.demo import DEMO_HALLS
from halls.service import put_hall
from o2o.app import open_services, open_state
from o2o.kernel.clock import to_ms
from o2o.kernel.problems import HANDLERS
from o2o.kernel.redis import open_redis
from o2o.kernel.settings import read_settings
from orders.state import OrdersState
from staff import passwords
from staff.browsers import COOKIE
from staff.demo import demo_people
from staff.models import Grant, Person
from staff.sessions import begin_session
from staff.states import SessionKind
from tests.servers import redis_server
from tests.stack import stack

PASSWORD = "demo-password"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class MovableClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Service:
    """Some routes over open states, one for each worker; requests go to them in turn. `state` is the first one's.

    Each client is another browser or program.
    """

    def __init__(self, states: Sequence[OrdersState], routes: list[BaseRoute], clock: MovableClock) -> None:
        self.states = states
        self.state = states[0]
        self.clock = clock
        self._turns = cycle(states)
        self._app = Starlette(routes=routes, exception_handlers=HANDLERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(next(self._turns))
        await self._app(scope, receive, send)

    def client(self, base_url: str = "http://hall.test", address: str = "192.0.2.1", **headers: str) -> AsyncClient:
        transport = ASGITransport(app=self, client=(address, 12345))
        return AsyncClient(transport=transport, base_url=base_url, headers={"accept-language": "en", **headers})

    async def signed_in(self, username: str) -> AsyncClient:
        """A program that shows its token. Signing in itself takes its time, and has tests of its own."""
        return self.client(authorization=f"Bearer {await self._begin(username, SessionKind.API)}")

    async def browser(self, username: str) -> AsyncClient:
        """A browser in which somebody signed in: it has the cookie only."""
        client = self.client()
        client.cookies.set(COOKIE, await self._begin(username, SessionKind.BROWSER), domain="hall.test")
        return client

    async def _begin(self, username: str, kind: SessionKind) -> str:
        token, _found = await begin_session(await Person.get(username=username), kind, self.clock())
        return token


@asynccontextmanager
async def serve(folder: Path, routes: list[BaseRoute], **environ: str) -> AsyncIterator[Service]:
    """The service over tables made for it, with nothing in them, on this run's database, Redis and workers."""
    clock = MovableClock()
    async with AsyncExitStack() as opened:
        told = {"O2O_BASE_URL": "http://hall.test", **stack.environ(folder), **environ}
        if stack.redis != "embedded":
            told.setdefault("O2O_REDIS_URL", (await opened.enter_async_context(redis_server(folder / "redis"))).url)
        settings = read_settings(told)
        first = await opened.enter_async_context(open_state(settings, clock))
        states = [first]
        while len(states) < stack.workers:
            redis = await opened.enter_async_context(open_redis(first["redis"].url, folder))
            states.append(await opened.enter_async_context(open_services(settings, clock, redis)))
        yield Service(states, routes, clock)


async def add_halls(service: Service, *halls: str) -> None:
    """These of the demo's halls."""
    for hall in halls:
        await put_hall(service.state["directory"], hall, DEMO_HALLS[hall], now=START, actor="o2o")


async def add_people(*usernames: str) -> None:
    """These of the demo's people, with one hash for all."""
    for username in usernames:
        name, right = demo_people()[username]
        person = await Person.create(username=username, name=name, password_hash=_hash(), created_at=to_ms(START))
        await Grant.create(person=person, role=right.role.value, scope=right.scope, counter=right.counter)


@cache
def _hash() -> str:
    return passwords._hasher.hash(PASSWORD)


def with_key(key: str, **more: Any) -> dict[str, Any]:
    """Headers of a write."""
    return {"Idempotency-Key": key, **more}
