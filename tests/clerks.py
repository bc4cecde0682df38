"""Clerks who call and serve over HTTP without a pause, and what everybody was answered against what SQL says."""

import asyncio
import contextlib
import secrets
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from httpx2 import AsyncClient, HTTPError

from o2o.kernel.database import open_database
from o2o.kernel.models import Event
from tests.installation import PATIENCE_S, Crowd, Installation

ACTIONS = ("start", "completion")
NAMES = {"calls": "ticket.called", "start": "ticket.serving", "completion": "ticket.completed"}


@dataclass
class Clerk:
    """Asks again with the same key whatever was answered 503 or not at all, so that every attempt has its answer."""

    installation: Installation
    username: str
    counter: str
    served: list[str] = field(default_factory=list)
    """The tickets that were called, started and completed; each of the three was answered."""
    refused: list[str] = field(default_factory=list)
    """What nobody should have been told."""

    async def work(self, enough: asyncio.Event) -> None:
        async with self.installation.client() as client:
            told = {"username": self.username, "password": "demo-password"}
            client.headers["authorization"] = f"Bearer {(await self._post(client, '/session', told))['token']}"
            await self._post(client, f"/counters/{self.counter}/opening")
            while not enough.is_set():
                await self._serve(client)

    async def _serve(self, client: AsyncClient) -> None:
        called = await self._post(client, f"/counters/{self.counter}/calls")
        if called is None:
            await asyncio.sleep(0.02)
            return
        for action in ACTIONS:
            await self._post(client, f"/tickets/{called['id']}/{action}")
        self.served.append(called["id"])  # Also when it was refused, which is a wrong of its own.

    async def _post(self, client: AsyncClient, path: str, body: dict[str, Any] | None = None) -> Any:
        key = {"idempotency-key": secrets.token_hex(12)}
        for _ in range(PATIENCE_S * 10):
            with contextlib.suppress(HTTPError):
                answer = await client.post(f"/api/v1{path}", json=body or {}, headers=key)
                if answer.status_code != 503:
                    break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError(f"no answer to {path} for too long")
        if not answer.is_success:
            self.refused.append(f"{path}: {answer.text}")
            return None
        return answer.json() if answer.content else None


@dataclass
class Hall:
    """A hall full of people who take numbers, and its clerks."""

    crowd: Crowd
    clerks: list[Clerk]

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Hall"]:
        """Until the block ends; then everybody gets an answer still."""
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for clerk in self.clerks:
                group.create_task(clerk.work(enough))
            async with self.crowd.coming():
                yield self
            enough.set()

    @property
    def served(self) -> list[str]:
        return [ticket for clerk in self.clerks for ticket in clerk.served]


def nankai(installation: Installation, people: int = 6) -> Hall:
    """The demo's hall without a limit, with all of its counters."""
    clerks = [Clerk(installation, f"clerk{n + 4}", f"nankai-{n}") for n in range(1, 5)]
    return Hall(Crowd(installation, hall="nankai", people=people), clerks)


async def events(url: str, hall: str = "nankai") -> list[dict[str, Any]]:
    """What happened in the hall, in its order."""
    async with open_database(url):
        return await Event.filter(tag=f"hall:{hall}").order_by("epoch", "version", "ordinal").values()


def wrongs(history: list[dict[str, Any]], hall: Hall) -> list[str]:
    """Everything in which the answers and SQL differ, and every move that the life of a ticket has no room for."""
    refused = [said for clerk in hall.clerks for said in clerk.refused]
    return [*refused, *_numbers(history, hall), *_moves(history), *_services(history, hall)]


def _numbers(history: list[dict[str, Any]], hall: Hall) -> Iterable[str]:
    issued = [event["ticket"] for event in history if event["name"] == "ticket.issued"]
    yield from (f"{number} was given {times} times" for number, times in _more(one.number for one in hall.crowd.taken))
    yield from (f"{ticket} was answered and is lost" for ticket in {one.id for one in hall.crowd.taken} - set(issued))
    yield from (f"{ticket} was given to nobody" for ticket in set(issued) - {one.id for one in hall.crowd.taken})


def _moves(history: list[dict[str, Any]]) -> Iterable[str]:
    states: dict[str, str | None] = defaultdict(lambda: None)
    for event in history:
        if event["ticket"]:
            if states[event["ticket"]] != event["source"]:
                yield f"{event['ticket']} moved from {event['source']}, but was {states[event['ticket']]}"
            states[event["ticket"]] = event["target"]


def _services(history: list[dict[str, Any]], hall: Hall) -> Iterable[str]:
    at = {ticket: clerk.counter for clerk in hall.clerks for ticket in clerk.served}
    for name in NAMES.values():
        done = [(event["ticket"], event["counter"]) for event in history if event["name"] == name]
        yield from (f"{name} of {ticket} {times} times" for ticket, times in _more(ticket for ticket, _ in done))
        yield from (f"{name} of {ticket} was answered and is lost" for ticket in at.keys() - {one for one, _ in done})
        yield from (f"{name} of {one} by nobody" for one, counter in done if at.get(one) != counter)


def _more(things: Iterable[str]) -> Iterable[tuple[str, int]]:
    return [(thing, times) for thing, times in Counter(things).items() if times > 1]
