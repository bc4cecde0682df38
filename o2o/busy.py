"""Life for the demo: people come and clerks call, at the pace of recorded days, over the service's own HTTP API."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import as_file, files
from itertools import chain
from threading import Thread
from time import time
from typing import Any, Final

import httpx2

from o2o.replay.client import RefusedError, Service, UnreachableError
from o2o.replay.moments import moments_of
from o2o.replay.player import fictional_phones
from o2o.replay.recording import QueueDay, read_recording

log = logging.getLogger(__name__)

SERVICES: Final = ("sim", "bill", "broadband", "device")
# These hours of the recorded day are played round and round: it is never night in the demo.
_FROM_S: Final = 8.5 * 3600
_LASTS_S: Final = 7 * 3600.0
# Whoever opens a page sees a line at once, and a short one.
_WAITING_AT_START: Final = 4
_FIRST_CALLS_S: Final = 30.0
_SPREAD_S: Final = 120.0
_ABSENT: Final = 0.06
_LEAVING: Final = 0.03
_PHONE: Final = 0.4
_PATIENCE_S: Final = (30.0, 180.0)
_AWAY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class BusyHall:
    """`counters` are worked by these people; `queues` are the recorded ones whose pace the services have."""

    id: str
    counters: Mapping[str, str]
    queues: tuple[str, str, str, str]


# heping-1 and clerk1 stay free for whoever tries the demo.
HALLS: Final = (
    BusyHall("heping", {f"heping-{n}": f"clerk{n}" for n in (2, 3, 4)}, ("171", "164", "194", "172")),
    BusyHall("nankai", {f"nankai-{n}": f"clerk{n + 4}" for n in (1, 2, 3, 4)}, ("158", "190", "169", "115")),
    BusyHall("hexi", {f"hexi-{n}": "hq" for n in (1, 2, 3)}, ("191", "168", "165", "122")),
    BusyHall("binhai", {f"binhai-{n}": "hq" for n in (1, 2, 3)}, ("172", "118", "159", "196")),
)


@contextmanager
def busy_demo(url: str, password: str) -> Iterator[None]:
    """Keep a demo busy beside the block that serves it; ends with the block."""
    loop = asyncio.new_event_loop()
    life = loop.create_task(keep_busy(url, password))
    thread = Thread(target=_run, args=(loop, life), name="busy-demo", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(life.cancel)
        thread.join()
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, life: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(life)


async def keep_busy(url: str, password: str) -> None:
    """Let people come and clerks work until cancelled, from when the service is ready."""
    days = await asyncio.to_thread(recorded_days)
    await _wait_until_ready(url)
    async with AsyncExitStack() as stack:
        staff: dict[str, Service] = {}
        for name in sorted({name for hall in HALLS for name in hall.counters.values()}):
            staff[name] = Service(url)
            stack.push_async_callback(staff[name].close)
            await staff[name].sign_in(name, password)
        people = Service(url)
        stack.push_async_callback(people.close)
        lives = [_HallLife(hall, [days[queue] for queue in hall.queues], people, staff) for hall in HALLS]
        await asyncio.gather(*(life.live() for life in lives))


def recorded_days() -> dict[str, QueueDay]:
    """Give the packaged recording's days by queue."""
    with as_file(files("o2o.replay") / "data") as folder:
        return {day.queue: day for day in read_recording(folder / "warsaw-extract.csv.gz").days}


async def _wait_until_ready(url: str) -> None:
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        while True:
            with suppress(httpx2.TransportError):
                if (await client.get("/readyz")).is_success:
                    return
            await asyncio.sleep(0.5)


@dataclass(frozen=True, slots=True, order=True)
class Beat:
    """At this second of the played hours somebody comes for a service, or a counter calls the next."""

    at: float
    service: str
    comes: bool


def beats_of(days: Sequence[QueueDay]) -> list[Beat]:
    """Give a hall's beats in order; the days are those of SERVICES."""
    beats = []
    for service, day in zip(SERVICES, days, strict=True):
        moments = moments_of(day)
        marked = chain(((at, True) for at in moments.arrivals), ((at, False) for at in moments.calls))
        beats += [Beat(at - _FROM_S, service, comes) for at, comes in marked if 0 <= at - _FROM_S < _LASTS_S]
    return sorted(beats)


def beats_from(beats: Sequence[Beat], now: float, chance: random.Random) -> Iterator[tuple[float, Beat]]:
    """Give the beats from `now` (seconds since 1970) on, for ever, each with the moment that it is due.

    The recording tells five minutes apart, so within a few minutes chance decides.
    """
    begun = now - now % _LASTS_S
    while True:
        due = [(begun + beat.at + chance.uniform(-_SPREAD_S, _SPREAD_S), beat) for beat in beats]
        yield from sorted(one for one in due if one[0] >= now)
        begun += _LASTS_S


class _HallLife:
    """One hall's people and clerks. Refusals are taken as they are: the hall may be closed, or full."""

    def __init__(self, hall: BusyHall, days: Sequence[QueueDay], people: Service, staff: Mapping[str, Service]) -> None:
        self._hall = hall
        self._beats = beats_of(days)
        self._people = people
        self._clerks = {counter: staff[name] for counter, name in hall.counters.items()}
        self._free: asyncio.Queue[str] = asyncio.Queue()
        self._phones = fictional_phones()
        self._tasks: asyncio.TaskGroup | None = None
        # Whoever watches the demo wants no two days alike; nothing secret hangs on it.
        self._chance = random.Random()  # noqa: S311
        calls = sum(not beat.comes for beat in self._beats)
        self._serving_s = 0.8 * len(hall.counters) * _LASTS_S / max(calls, 1)

    async def live(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            for counter in self._hall.counters:
                tasks.create_task(self._take_seat(counter))
            await self._fill()
            for _ in self._hall.counters:
                tasks.create_task(self._call(self._chance.uniform(0, _FIRST_CALLS_S)))
            for due, beat in beats_from(self._beats, time(), self._chance):
                await asyncio.sleep(due - time())
                tasks.create_task(self._come(beat.service) if beat.comes else self._call())

    async def _take_seat(self, counter: str) -> None:
        """Open the counter; whoever is there from before the demo's last end is seen off."""
        clerk = self._clerks[counter]
        await self._try(lambda: clerk.post(f"/counters/{counter}/opening"))
        found = await self._try(lambda: clerk.get(f"/counters/{counter}"))
        if found and found.get("ticket"):
            await self._serve(clerk, _id_of(found["ticket"]))
        self._free.put_nowait(counter)

    async def _fill(self) -> None:
        """Have a few people wait at once, unless they do already."""
        hall = await self._try(lambda: self._people.get(f"/halls/{self._hall.id}"))
        waiting = Counter({service["id"]: service["waiting"] for service in hall["services"]} if hall else {})
        for service in SERVICES:
            for _ in range(self._chance.randint(1, _WAITING_AT_START) - waiting[service]):
                await self._come(service)

    async def _come(self, service: str) -> None:
        body = {"service": service}
        if self._chance.random() < _PHONE:
            body["phone"] = next(self._phones)
        ticket = await self._try(lambda: self._people.post(f"/halls/{self._hall.id}/tickets", body))
        if ticket and self._tasks and self._chance.random() < _LEAVING:
            self._tasks.create_task(self._leave(ticket))

    async def _leave(self, ticket: Mapping[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(*_PATIENCE_S))
        path = f"/tickets/{ticket['id']}/cancellation"
        await self._try(lambda: self._people.post(path, token=ticket["token"]))

    async def _call(self, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        counter = await self._free.get()
        try:
            clerk = self._clerks[counter]
            ticket = await self._try(lambda: clerk.post(f"/counters/{counter}/calls"))
            if ticket:
                await self._attend(clerk, ticket["id"])
        finally:
            self._free.put_nowait(counter)

    async def _attend(self, clerk: Service, ticket: str) -> None:
        await asyncio.sleep(self._chance.uniform(6, 25))
        if self._chance.random() >= _ABSENT:
            await self._serve(clerk, ticket)
            return
        await self._try(lambda: clerk.post(f"/tickets/{ticket}/recall"))
        await asyncio.sleep(self._chance.uniform(10, 25))
        await self._try(lambda: clerk.post(f"/tickets/{ticket}/no-show"))

    async def _serve(self, clerk: Service, ticket: str) -> None:
        await self._try(lambda: clerk.post(f"/tickets/{ticket}/start"))
        await asyncio.sleep(self._serving_s * self._chance.uniform(0.4, 1.4))
        await self._try(lambda: clerk.post(f"/tickets/{ticket}/completion"))

    async def _try(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Give the answer, None for a refusal; while the service is away nothing happens here either."""
        try:
            return await ask()
        except RefusedError as refusal:
            log.debug("busy_refused", extra={"hall": self._hall.id, "code": refusal.code})
        except UnreachableError:
            log.warning("busy_unreachable", extra={"hall": self._hall.id})
            await asyncio.sleep(_AWAY_S)
        return None


def _id_of(ticket: Any) -> str:
    return str(ticket["id"] if isinstance(ticket, Mapping) else ticket)
