"""Holds on stock, and numbers that carry them, over HTTP."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, Response

import booking.clerk.pages
import staff.endpoints
from booking import endpoints, hall_endpoints, pages, staff_endpoints
from booking.jobs import follow_tickets, keep_carried
from halls.stock.queries import hold_row
from halls.stock.schemas import Hold
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Operation
from tests.serving import Service, add_halls, add_people, serve, with_key

ROUTES = [
    *endpoints.routes, *hall_endpoints.routes, *staff_endpoints.routes, *staff.endpoints.routes,
    *booking.clerk.pages.routes, *pages.routes,
]  # fmt: skip


@asynccontextmanager
async def serve_holds(folder: Path) -> AsyncIterator[Service]:
    """Heping has two cases, which nobody holds yet."""
    async with serve(folder, ROUTES) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("hq", "clerk1")
        await service.state["stock"].receive("heping", "case-clear", 2, attempt(service))
        yield service


def attempt(service: Service, actor: str = "staff:clerk1") -> Attempt:
    return Attempt(Operation(secrets.token_urlsafe(16), ""), actor, to_ms(service.clock()))


async def held(service: Service, quantity: int = 1, place: str = "heping") -> Hold:
    holder = secrets.token_urlsafe(8)
    return await service.state["stock"].hold(place, "case-clear", quantity, attempt(service), holder=holder)


def shown(service: Service, hold: Hold) -> str:
    return f"{hold.id}.{service.state['signer'].token('hold', hold.id)}"


async def ask(service: Service, hold: str, *, hall: str = "heping", key: str = "", **headers: str) -> Response:
    wish = {"service": "device", "hold": hold}
    key = key or secrets.token_urlsafe(16)
    return await service.client().post(f"/api/v1/halls/{hall}/tickets", json=wish, headers=with_key(key, **headers))


async def carrying(service: Service, hold: Hold | None = None) -> dict[str, Any]:
    made: dict[str, Any] = (await ask(service, shown(service, hold or await held(service)))).json()
    return made


async def follow(service: Service) -> None:
    for state in service.states:
        await follow_tickets(state["stock"], service.clock)
        await keep_carried(state["stock"], service.clock)


async def state_of(hold: Hold) -> str:
    row = await hold_row(hold.id)
    assert row is not None
    return row.state


async def at_the_counter(service: Service) -> AsyncClient:
    """The clerk of counter 1, which is open."""
    client = await service.signed_in("clerk1")
    await client.post("/api/v1/counters/heping-1/opening", headers=with_key("opening-key-0001"))
    return client


async def act(client: AsyncClient, path: str, **body: Any) -> None:
    answer = await client.post(f"/api/v1/{path}", json=body, headers=with_key(secrets.token_urlsafe(16)))
    assert answer.is_success, answer.text
