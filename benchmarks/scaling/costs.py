"""What one act, read, frame and hall costs, over PostgreSQL and halls like a nation's: many, and each of them quiet."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import count, cycle
from statistics import fmean
from time import perf_counter, process_time
from types import MappingProxyType
from typing import Final

import asyncpg
import msgspec
from msgspec.structs import replace
from redis.asyncio import Redis

from benchmarks.bench import Bench, taking
from benchmarks.load import Script, get, play, poster
from benchmarks.scaling.spending import US, Parts, Spent, resident_kib
from benchmarks.sockets import Crowd
from booking.picture import CHANNEL
from booking.service.line import TOUCHED
from halls.assembly import assemble
from halls.demo import DEMO_HALLS
from halls.queries import find_halls

HALLS: Final = 300
CLIENTS: Final = 8  # So many requests are under way in a process that is about half busy.
TOP_CLIENTS: Final = 64
SOCKETS: Final = 400
AT_ONCE: Final = 20
EVENTS: Final = 40
LOAD_S: Final = 5.0
ORDERS_S: Final = 20.0  # A table grows by many pages at once, so that a few orders say little of what one leaves.
IDLE_S: Final = 15.0  # As long as it takes until each socket has had its heartbeat.
SETTLE_S: Final = 1.0
COMMITS: Final = 200
MESSAGES: Final = 5_000
SEARCHED: Final = 20_000
SEARCHES: Final = 5
SKU: Final = "case-x200"
PIECES: Final = 50_000
NOTHING: Final[Mapping[str, float]] = MappingProxyType({})
Part = Callable[[], Awaitable[dict[str, float]]]


class Costs(msgspec.Struct, frozen=True):
    """Microseconds of CPU where the name says nothing else. An act is one change of a line, asked for over HTTP."""

    act_service_us: float
    act_redis_us: float
    act_sql_us: float
    top_acts_per_s: float
    commit_ms: float
    wal_bytes: float
    sql_bytes: float
    read_service_us: float
    read_redis_us: float
    display_frame_us: float
    phone_frame_us: float
    connect_us: float
    idle_socket_us: float
    socket_kib: float
    heard_us: float
    deliver_us: float
    settle_hall_us: float
    finder_us: float
    finder_hall_us: float
    order_service_us: float
    order_redis_us: float
    order_sql_us: float
    order_wal_bytes: float
    order_sql_bytes: float
    order_events: float


class _Ordered(msgspec.Struct):
    id: str
    pickup_code: str


class _Called(msgspec.Struct):
    id: str


_called = msgspec.json.Decoder(_Called)
_ordered = msgspec.json.Decoder(_Ordered)


class Measurement:
    """Measures one service; `idle` is what it spends when nobody asks for anything, with the halls it has then."""

    def __init__(self, bench: Bench, parts: Parts, database: asyncpg.Connection, redis: Redis) -> None:
        self._bench, self._parts, self._database, self._redis = bench, parts, database, redis
        self._idle = Spent(0, 0, 0, 1)
        self._halls = [f"bench-{n}" for n in range(HALLS)]

    async def costs(self, advance: Callable[[], None], known: Mapping[str, float] = NOTHING) -> Costs:
        """Measure everything; `advance` is called after each of its parts.

        What is `known` is not measured again; the first part makes the halls, and goes first anyway.
        """
        measured: dict[str, float] = {}
        for part, name in self._parts_and_what_they_give().items():
            if name not in known or not measured:
                measured |= await part()
            advance()
        return msgspec.convert({**measured, **known}, Costs)

    def _parts_and_what_they_give(self) -> Mapping[Part, str]:
        """Each with the name of one cost that it measures."""
        return {
            self._quiet: "finder_us",
            self._acts: "act_sql_us",
            self._top: "top_acts_per_s",
            self._commits: "commit_ms",
            self._reads: "read_service_us",
            self._announcements: "heard_us",
            self._displays: "display_frame_us",
            self._phones: "phone_frame_us",
            self._orders: "order_service_us",
        }

    async def _quiet(self) -> dict[str, float]:
        """What halls cost when nothing happens in them: the job that looks at each, and the search among all."""
        for hall in self._halls:
            await self._bench.make_hall(hall)
        await self._bench.post_all([f"/api/v1/counters/{hall}-1/opening" for hall in self._halls])
        self._idle = await self._parts.during(asyncio.sleep(LOAD_S))
        looking = (await self._parts.during(self._without_notes())).beyond(self._idle).service
        settle = looking / LOAD_S / HALLS
        where = cycle([get(f"/api/v1/halls?lat={30 + n / 10}&lon=117.2") for n in range(100)])
        spent, answers = await self._load([_asking(where, LOAD_S)])
        each = _search_s() / SEARCHED
        page = spent.service / answers - each * HALLS
        return {"settle_hall_us": US * settle, "finder_us": US * page, "finder_hall_us": US * each}

    async def _without_notes(self) -> None:
        """So that all halls are looked at each second."""
        for _ in range(int(LOAD_S)):
            await self._redis.delete(TOUCHED)
            await asyncio.sleep(1)

    async def _acts(self) -> dict[str, float]:
        wal, size = await self._written()
        spent, acts = await self._load(self._visits(CLIENTS))
        wal_now, size_now = await self._written()
        return {
            "act_service_us": US * spent.service / acts,
            "act_redis_us": US * spent.redis / acts,
            "act_sql_us": US * spent.sql / acts,
            "wal_bytes": (wal_now - wal) / acts,
            "sql_bytes": (size_now - size) / acts,
        }

    async def _top(self) -> dict[str, float]:
        outcome = await play(self._bench.port, self._visits(TOP_CLIENTS))
        return {"top_acts_per_s": outcome.per_second}

    async def _commits(self) -> dict[str, float]:
        await self._database.execute("CREATE TABLE probe (n int)")
        took = []
        for n in range(COMMITS):
            begun = perf_counter()
            await self._database.execute("INSERT INTO probe VALUES ($1)", n)
            took.append(perf_counter() - begun)
        return {"commit_ms": 1_000 * fmean(took)}

    async def _reads(self) -> dict[str, float]:
        tickets = await self._bench.take_numbers(self._halls[0], EVENTS)
        reads = cycle([get(f"/api/v1/tickets/{ticket['id']}", ticket["token"]) for ticket in tickets])
        spent, answers = await self._load([_asking(reads, LOAD_S) for _ in range(CLIENTS)])
        return {"read_service_us": US * spent.service / answers, "read_redis_us": US * max(spent.redis, 0) / answers}

    async def _announcements(self) -> dict[str, float]:
        """What a process spends on events of halls that nobody watches in it, and Redis on each that it passes on."""
        message = await self._an_announcement()

        async def publish() -> None:
            for _ in range(MESSAGES // 100):
                async with self._redis.pipeline(transaction=False) as together:
                    for _ in range(100):
                        together.publish(CHANNEL, message)
                    await together.execute()
            await asyncio.sleep(SETTLE_S)

        spent = (await self._parts.during(publish())).beyond(self._idle)
        return {"heard_us": US * spent.service / MESSAGES, "deliver_us": US * spent.redis / MESSAGES}

    async def _an_announcement(self) -> bytes:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            await self._bench.take_numbers(self._halls[-1], 1)
            while True:
                message = await channel.get_message(timeout=None)
                if message and message["type"] == "message" and b'"events"' in message["data"]:
                    return bytes(message["data"])

    async def _displays(self) -> dict[str, float]:
        hall = self._halls[1]
        crowd = Crowd(self._bench.port, f"/ws/halls/{hall}", token=self._bench.token, only_events=True)
        costs = await self._sockets(hall, [crowd], SOCKETS)
        return {"display_frame_us": costs["frame_us"], "socket_kib": costs["socket_kib"]}

    async def _phones(self) -> dict[str, float]:
        hall = self._halls[2]
        tickets = await self._bench.take_numbers(hall, SOCKETS)
        crowds = [
            Crowd(self._bench.port, f"/ws/tickets/{ticket['id']}", token=ticket["token"], only_events=True)
            for ticket in tickets
        ]
        costs = await self._sockets(hall, crowds, 1)
        return {
            "phone_frame_us": costs["frame_us"],
            "connect_us": costs["connect_us"],
            "idle_socket_us": costs["idle_socket_us"],
        }

    async def _orders(self) -> dict[str, float]:
        """From wish to hand-over: held and allocated, order and messages written, paid, handed over at a counter."""
        hall = self._halls[3]
        await self._bench.send("POST", f"/places/{hall}/stock/{SKU}/receipts", {"quantity": PIECES, "reason": "bench"})
        numbers = count(13_800_000_000)
        await self._load([_buying(hall, numbers, self._bench.token, LOAD_S) for _ in range(CLIENTS)])
        wal, size = await self._written()
        events = await self._events_there()
        spent, answers = await self._load([_buying(hall, numbers, self._bench.token, ORDERS_S) for _ in range(CLIENTS)])
        orders = answers / 3
        wal_now, size_now = await self._written()
        return {
            "order_service_us": US * spent.service / orders,
            "order_redis_us": US * spent.redis / orders,
            "order_sql_us": US * spent.sql / orders,
            "order_wal_bytes": (wal_now - wal) / orders,
            "order_sql_bytes": (size_now - size) / orders,
            "order_events": (await self._events_there() - events) / orders,
        }

    async def _events_there(self) -> int:
        return int(await self._database.fetchval("SELECT count(*) FROM events"))

    async def _sockets(self, hall: str, crowds: list[Crowd], each: int) -> dict[str, float]:
        """What a socket costs to connect and give its snapshot, to keep, and to tell of an event."""
        sockets, before = len(crowds) * each, resident_kib(self._parts.service)
        self._idle = await self._parts.during(asyncio.sleep(LOAD_S))
        connecting = await self._parts.during(self._connect(crowds, each))
        kib = (resident_kib(self._parts.service) - before) / sockets
        keeping = (await self._parts.during(asyncio.sleep(IDLE_S))).beyond(self._idle).service / IDLE_S
        telling = (await self._parts.during(self._events(hall))).service
        for crowd in crowds:
            crowd.close()
        await asyncio.sleep(SETTLE_S)
        telling -= (await self._parts.during(self._events(hall))).service
        return {
            "connect_us": US * connecting.service / sockets,
            "socket_kib": kib,
            "idle_socket_us": US * max(keeping, 0) / sockets,
            "frame_us": US * telling / sockets / EVENTS,
        }

    async def _connect(self, crowds: list[Crowd], each: int) -> None:
        for n in range(0, len(crowds), AT_ONCE):
            await asyncio.gather(*(crowd.connect(each) for crowd in crowds[n : n + AT_ONCE]))
        await asyncio.sleep(SETTLE_S)

    async def _events(self, hall: str) -> None:
        for _ in range(EVENTS):
            await self._bench.take_numbers(hall, 1)
            await asyncio.sleep(SETTLE_S / EVENTS)
        await asyncio.sleep(SETTLE_S)

    async def _load(self, scripts: list[Script]) -> tuple[Spent, int]:
        """What the answers cost, without what the service spends anyway."""
        answers = 0

        async def load() -> None:
            nonlocal answers
            answers = (await play(self._bench.port, scripts)).answers

        return (await self._parts.during(load())).beyond(self._idle), answers

    def _visits(self, clients: int) -> list[Script]:
        return [_visits(self._halls[n::clients], self._bench.token) for n in range(clients)]

    async def _written(self) -> tuple[int, int]:
        """Bytes of log, and bytes of tables and indexes."""
        row = await self._database.fetchrow("SELECT pg_current_wal_lsn() - '0/0', pg_database_size(current_database())")
        return int(row[0]), int(row[1])


def _asking(requests: Iterator[bytes], seconds: float) -> Script:
    end = perf_counter() + seconds
    while perf_counter() < end:
        yield next(requests)


def _search_s() -> float:
    """Seconds of this process's CPU for one search among as many halls as a nation has."""
    documents = list(DEMO_HALLS.values())
    halls = [assemble(f"bench-{n}", documents[n % len(documents)], rev=1) for n in range(SEARCHED)]
    spread = [replace(hall, lat=20 + n % 173 / 6, lon=80 + n % 251 / 6) for n, hall in enumerate(halls)]
    find_halls(spread)  # The first of all folds what is written of each hall, once.
    took = []
    for n in range(SEARCHES):
        begun = process_time()
        find_halls(spread, near=(30 + n, 117.2))
        took.append(process_time() - begun)
    return min(took)


def _visits(halls: list[str], token: str) -> Script:
    """One visit after the other, in one hall after the other: number, call, start, completion."""
    end = perf_counter() + LOAD_S
    for hall in cycle(halls):
        if perf_counter() > end:
            return
        yield taking(hall)()
        ticket = _called.decode((yield poster(f"/api/v1/counters/{hall}-1/calls", token=token)())).id
        for act in ("start", "completion"):
            yield poster(f"/api/v1/tickets/{ticket}/{act}", token=token)()


def _buying(hall: str, numbers: Iterator[int], token: str, seconds: float) -> Script:
    """One order after the other, each by somebody else: placed, paid at the counter, handed over by its code."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        wish = {"hall": hall, "lines": [{"sku": SKU, "quantity": 1}], "fulfilment": "pickup"}
        order = _ordered.decode((yield poster("/api/v1/orders", {**wish, "phone": str(next(numbers))})()))
        path = f"/api/v1/orders/{order.id}"
        yield poster(f"{path}/payment", {"method": "cash"}, token=token)()
        yield poster(f"{path}/handover", {"pickup_code": order.pickup_code}, token=token)()
