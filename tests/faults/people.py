"""People who take numbers and clerks who call and serve over HTTP, without a pause, whatever is done to the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from httpx2 import AsyncClient, Response

from o2o.replay.watch import DisplayWatch
from tests.faults.checker import Wrong, differing, repeated
from tests.faults.operations import PATIENCE_S, PAUSE_S, Known, Operation, Recorder, Who, signed_in
from tests.installation import Installation

ACTIONS = ("start", "completion")
GIVES_UP = 3
"""Every so manieth person does not ask again but goes on to another wish."""


@dataclass
class Taken:
    """A number that was answered to somebody."""

    id: str
    number: str
    token: str


@dataclass
class Crowd:
    """People who take a number, and another, without a pause. A 503 and no answer at all are asked again, same key."""

    installation: Installation
    hall: str = "nankai"
    people: int = 4
    patient: bool = True
    """Otherwise some give up at the first unknown."""
    recorder: Recorder = field(default_factory=Recorder)
    taken: list[Taken] = field(default_factory=list, repr=False)

    @property
    def refused(self) -> list[str | None]:
        """`Retry-After` of what was put off."""
        return [when for operation in self.recorder.operations for when in operation.put_off]

    @asynccontextmanager
    async def coming(self) -> AsyncIterator["Crowd"]:
        """Until the block ends; then everybody gets an answer still. The service must answer by then."""
        enough = asyncio.Event()
        async with self.installation.client() as client, asyncio.TaskGroup() as group:
            for n in range(self.people):
                group.create_task(self._keep_taking(client, enough, gives_up=not self.patient and n % GIVES_UP == 0))
            try:
                yield self
            finally:
                enough.set()

    async def until(self, count: int) -> None:
        """Wait until so many numbers have been taken in all."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.taken) < count:
                await asyncio.sleep(0.02)

    async def more(self, count: int) -> None:
        """Wait until so many numbers more have been taken."""
        await self.until(len(self.taken) + count)

    async def take(self, client: AsyncClient) -> Taken:
        wish = self._wish()
        known = await wish.ask_until_known(client)
        assert known is Known.OK, wish.answer
        return taken_in(wish.answer)

    async def _keep_taking(self, client: AsyncClient, enough: asyncio.Event, *, gives_up: bool) -> None:
        while not enough.is_set():
            wish = self._wish()
            known = await (wish.ask(client) if gives_up else wish.ask_until_known(client))
            if known is Known.OK:
                self.taken.append(taken_in(wish.answer))
            else:
                await asyncio.sleep(PAUSE_S)

    def _wish(self) -> Operation:
        return self.recorder.invoke(f"/halls/{self.hall}/tickets", {"service": "sim"})


@dataclass
class Clerk:
    """Asks again with the same key whatever was answered 503 or not at all, so that every attempt has its answer."""

    installation: Installation
    username: str
    counter: str
    recorder: Recorder
    served: list[str] = field(default_factory=list, repr=False)
    """The tickets that were called, started and completed; each of the three was answered."""

    async def work(self, enough: asyncio.Event) -> None:
        async with self.installation.client() as client:
            me = await signed_in(client, self.username)
            await self._done(client, me, f"/counters/{self.counter}/opening")
            while not enough.is_set():
                await self._serve(client, me)

    async def _serve(self, client: AsyncClient, me: Who) -> None:
        called = await self._done(client, me, f"/counters/{self.counter}/calls")
        if called.known is not Known.OK:
            await asyncio.sleep(0.02)
            return
        for action in ACTIONS:
            await self._done(client, me, f"/tickets/{called.answer['id']}/{action}")
        self.served.append(called.answer["id"])  # Also when it was refused, which is a wrong of its own.

    async def _done(self, client: AsyncClient, me: Who, path: str) -> Operation:
        operation = self.recorder.invoke(path, who=me)
        await operation.ask_until_known(client)
        return operation


@dataclass
class Hall:
    """A hall full of people who take numbers, its clerks, and a screen that shows it."""

    crowd: Crowd
    clerks: list[Clerk]
    said: list[Wrong] = field(default_factory=list)
    """What it was told wrong: repeats that were answered otherwise, a screen that shows something else."""
    asks_again: bool = True
    """Whether everything is asked once more in the end, and must be answered alike."""

    @property
    def recorder(self) -> Recorder:
        return self.crowd.recorder

    @property
    def served(self) -> list[str]:
        return [ticket for clerk in self.clerks for ticket in clerk.served]

    async def at_work(self) -> None:
        """Wait until each clerk has served somebody: who signs in during a long silence is not in time for the next."""
        async with asyncio.timeout(PATIENCE_S):
            while not all(clerk.served for clerk in self.clerks):
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Hall"]:
        """Until the block ends. Then everybody gets an answer still, and whoever gave up asks after all."""
        enough = asyncio.Event()
        async with self._watched():
            async with asyncio.TaskGroup() as group:
                for clerk in self.clerks:
                    group.create_task(clerk.work(enough))
                async with self.crowd.coming():
                    yield self
                enough.set()
            if self.asks_again:
                async with self.crowd.installation.client() as client:
                    self.said += await repeated(client, self.recorder)

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        """A screen looks on, and must come to show what the service says in the end."""
        async with self.crowd.installation.client() as client:
            me = await signed_in(client, "hq")
        token = me.headers["authorization"].removeprefix("Bearer ")
        watch = DisplayWatch(self.crowd.installation.url, self.crowd.hall, token)
        looking = asyncio.create_task(watch.watch())
        try:
            yield
            version, told = await watch.fresh()
            async with asyncio.timeout(PATIENCE_S):
                while watch.version < version:
                    await watch.reach(version)
            self.said += differing(watch.leave().picture, told)
        finally:
            looking.cancel()


def nankai(installation: Installation, people: int = 6, *, patient: bool = True) -> Hall:
    """The demo's hall without a limit, with all of its counters."""
    recorder = Recorder()
    clerks = [Clerk(installation, f"clerk{n + 4}", f"nankai-{n}", recorder) for n in range(1, 5)]
    return Hall(Crowd(installation, people=people, patient=patient, recorder=recorder), clerks)


def taken_in(answer: Response | dict[str, Any]) -> Taken:
    ticket = answer if isinstance(answer, dict) else answer.json()
    return Taken(*(ticket[name] for name in ("id", "number", "token")))


async def ask_for(client: AsyncClient, taken: Taken) -> Any:
    """The ticket as its owner sees it now, None when there is none."""
    answer = await client.get(f"/api/v1/tickets/{taken.id}", headers={"authorization": f"Bearer {taken.token}"})
    assert answer.status_code in {200, 404}
    return answer.json() if answer.status_code == 200 else None
