"""Somebody of each kind, by what their pages and programs ask for, before and while something is away."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from httpx2 import AsyncClient, Response

from tests.faults.people import Crowd, Taken
from tests.installation import Installation

HTML = {"accept": "text/html"}
PASSWORD = "demo-password"


@dataclass
class Actors:
    """A customer with a number, a clerk at an open counter, a manager; each signed in by the page, as people are."""

    customer: AsyncClient
    taken: Taken
    clerk: AsyncClient
    tablet: AsyncClient
    """The clerk's own program, which presses the buttons."""
    manager: AsyncClient
    read: dict[str, Response] = field(default_factory=dict)
    done: dict[str, Response] = field(default_factory=dict)
    ready: Response = field(default_factory=lambda: Response(0))
    """What they were told while something was away."""

    async def look(self) -> dict[str, Response]:
        """What each of them reads now."""
        bearer = {"authorization": f"Bearer {self.taken.token}"}
        return {
            "finder": await self.customer.get("/", headers=HTML),
            "hall": await self.customer.get("/halls/nankai", headers=HTML),
            "ticket": await self.customer.get(f"/t/{self.taken.id}", headers=HTML),
            "ticket, by a program": await self.customer.get(f"/api/v1/tickets/{self.taken.id}", headers=bearer),
            "clerk": await self.clerk.get("/clerk", headers=HTML),
            "manager": await self.manager.get("/manage/heping", headers=HTML),
        }

    async def act(self, key: str) -> dict[str, Response]:
        """What each of them does now; the same key is the same act."""
        headers = {"idempotency-key": key.ljust(16, "0")}
        return {
            "take a number": await self.customer.post(
                "/api/v1/halls/nankai/tickets", json={"service": "sim"}, headers=headers
            ),
            "call": await self.tablet.post("/api/v1/counters/nankai-1/calls", json={}, headers=headers),
        }


@asynccontextmanager
async def actors(installed: Installation) -> AsyncIterator[Actors]:
    async with AsyncExitStack() as stack:
        customer, clerk, tablet, manager = [await stack.enter_async_context(installed.client()) for _ in range(4)]
        taken = await Crowd(installed).take(customer)
        await customer.get(f"/t/{taken.id}?k={taken.token}", headers=HTML)
        for client, name in ((clerk, "clerk5"), (manager, "manager")):
            filled = {"username": name, "password": PASSWORD}
            await client.post("/sign-in", data=filled, headers={**HTML, "origin": installed.url})
        signed = await tablet.post("/api/v1/session", json={"username": "clerk5", "password": PASSWORD})
        tablet.headers["authorization"] = f"Bearer {signed.json()['token']}"
        tablet.cookies.clear()
        await tablet.post("/api/v1/counters/nankai-1/opening", json={}, headers={"idempotency-key": "o" * 16})
        yield Actors(customer, taken, clerk, tablet, manager)


def refused_for_now(answer: Response) -> bool:
    """503, when to come back, and a sentence for whoever reads it."""
    said = answer.json()["detail"] if "json" in answer.headers["content-type"] else answer.text
    return answer.status_code == 503 and int(answer.headers["retry-after"]) > 0 and "again in a moment" in said
