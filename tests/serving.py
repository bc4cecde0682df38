"""The application for tests: real SQLite and Redis, a clock that tests move, clients without a network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from booking.state import BookingState
from halls.demo import DEMO_HALLS
from halls.service import put_hall
from o2o.app import open_state
from o2o.kernel.clock import to_ms
from o2o.kernel.database import migrate
from o2o.kernel.problems import HANDLERS
from o2o.kernel.settings import read_settings
from staff.demo import demo_people
from staff.models import Grant, Person

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
    """Some routes over an open state. Each client is another browser or program."""

    def __init__(self, state: BookingState, routes: list[BaseRoute], clock: MovableClock) -> None:
        self.state = state
        self.clock = clock
        self._app = Starlette(routes=routes, exception_handlers=HANDLERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(self.state)
        await self._app(scope, receive, send)

    def client(self, base_url: str = "http://hall.test", address: str = "192.0.2.1", **headers: str) -> AsyncClient:
        transport = ASGITransport(app=self, client=(address, 12345))
        return AsyncClient(transport=transport, base_url=base_url, headers={"accept-language": "en", **headers})

    async def signed_in(self, username: str) -> AsyncClient:
        """A program that shows its token."""
        client = self.client()
        answer = await client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        client.cookies.clear()
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return client

    async def browser(self, username: str) -> AsyncClient:
        """A browser that signed in by the page: it has the cookie only."""
        client = self.client()
        await client.post("/sign-in", data={"username": username, "password": PASSWORD})
        return client


@asynccontextmanager
async def serve(folder: Path, routes: list[BaseRoute], **environ: str) -> AsyncIterator[Service]:
    """The service over tables made for it, with nothing in them."""
    clock = MovableClock()
    settings = read_settings({"O2O_DATA_DIR": str(folder), "O2O_BASE_URL": "http://hall.test", **environ})
    await migrate(settings.database_url)
    async with open_state(settings, clock) as state:
        yield Service(state, routes, clock)


async def add_halls(service: Service, *halls: str) -> None:
    """These of the demo's halls."""
    for hall in halls:
        await put_hall(service.state["directory"], hall, DEMO_HALLS[hall], now=START, actor="o2o")


async def add_people(*usernames: str) -> None:
    """These of the demo's people, with one hash for all, as argon2 takes its time."""
    for username in usernames:
        name, right = demo_people()[username]
        person = await Person.create(username=username, name=name, password_hash=_hash(), created_at=to_ms(START))
        await Grant.create(person=person, role=right.role.value, scope=right.scope, counter=right.counter)


@cache
def _hash() -> str:
    return PasswordHasher().hash(PASSWORD)


def with_key(key: str, **more: Any) -> dict[str, Any]:
    """Headers of a write."""
    return {"Idempotency-Key": key, **more}
