"""`issue-past`, `call-past`, `read-past`, `rebuild-past`: what a year of tickets costs whoever comes today.

Two services over two databases of one PostgreSQL: one with a year, of which the days since O2O_ARCHIVE_DAYS are in the
live tables and the others in the archive, as the archive job leaves them; and one in which nobody came before today.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import partial
from itertools import cycle
from time import perf_counter
from typing import Final, NamedTuple

import asyncpg
from redis.asyncio import Redis

from benchmarks.bench import Bench, started, taking
from benchmarks.calling import MOST_AT_FIRST, calls_per_second
from benchmarks.figures import Benchmark, Bound, Round, Sample
from benchmarks.issuing import rate_of
from benchmarks.load import get
from benchmarks.sizes import Sizes
from o2o.kernel.claim import embedded_url
from o2o.kernel.clock import system_clock
from o2o.kernel.migrating import migrate
from o2o.kernel.variables import VARIABLES
from tests.postgres import PostgresServer

HALL: Final = "bench-past"
Measure = Callable[[Bench, Sizes], Awaitable[float]]
OTHERS: Final = 999
DAYS: Final = 365
LIVE_DAYS: Final = int(VARIABLES["O2O_ARCHIVE_DAYS"].default)

# Every tenth ticket is of the hall that is measured. Each has four events: issued, called, serving, and its end. Ids
# are in order of time, as the service's own; digests are all over, as those of operations. Both databases take this
# SQL, SQLite with an md5 of Python's.
_PAST: Final = """
    CREATE TEMP TABLE past AS
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {tickets} - 1)
    SELECT CAST(1000000000 + n AS text) || substr(md5(CAST(n AS text)), 1, 12) AS id,
           CASE WHEN n % 10 = 0 THEN '{hall}' ELSE 'past-' || n / 10 % {others} END AS hall,
           days.day, days.age, n % {a_day} AS serial, 4 * n AS version,
           CASE WHEN n % 100 < 90 THEN 'completed' WHEN n % 100 < 97 THEN 'no_show' ELSE 'left' END AS state,
           days.at + n % {a_day} * 1000 AS at
    FROM numbers JOIN days ON days.age = ({tickets} - 1 - n) / {a_day}
"""
_TICKETS: Final = """
    INSERT INTO {table} (id, hall, day, number, prefix, serial, service, class, channel, state, turn, counter, holder,
                         created_at, called_at, started_at, ended_at, calls, epoch, version)
    SELECT id, hall, day, 'A' || serial, 'A', serial, 'sim', 'standard', 'web', state, 0, hall || '-1', md5(id),
           at, at + 600000, at + 660000, at + 900000, 1, 1, version + 3 FROM past WHERE age {which}
"""
_EVENTS: Final = """
    INSERT INTO {table} (id, tag, epoch, version, op, ordinal, name, at, actor, ticket, counter, target, body, data)
    WITH steps (step, name) AS (VALUES (0, 'issued'), (1, 'called'), (2, 'serving'), (3, 'completed'))
    SELECT version + step + 1, 'hall:' || hall, 1, version + step, md5(id || CAST(step AS text)), 0, 'ticket.' || name,
           at + step * 300000, 'staff:clerk1', id, hall || '-1', state, md5(id),
           '{{"op":"' || id || '","ordinal":0,"epoch":1,"version":1,"at":0,"name":"ticket.' || name ||
           '","actor":"o2o","body":"","rows":{{"ticket":{{"number":"A' || serial || '"}}}},' ||
           '"facts":{{"filler":"{filler}"}}}}'
    FROM past, steps WHERE age {which}
"""
_FENCES: Final = "INSERT INTO fences (tag, epoch) SELECT DISTINCT 'hall:' || hall, 1 FROM past"
_INDEXES: Final = """
    SELECT indexdef, indexrelid::regclass::text AS name FROM pg_index, pg_indexes
    WHERE indexname = indexrelid::regclass::text AND NOT indisunique
      AND tablename IN ('tickets', 'events', 'archived_tickets', 'archived_events')
"""


@dataclass(frozen=True, slots=True)
class Past:
    """A year of so many `tickets`. `overdue` days of it should be in the archive and are not.

    `filler` makes each event so many bytes longer.
    """

    tickets: int
    overdue: int = 0
    filler: int = 0

    def days(self) -> list[tuple[int, str, int]]:
        """Each day: how long ago, its date, its opening in ms since 1970. The last one but one has age 0."""
        today = system_clock().astimezone(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
        opened = [today - timedelta(days=2 + age) for age in range(DAYS + 1)]
        return [(age, day.date().isoformat(), int(day.timestamp()) * 1_000) for age, day in enumerate(opened)]

    def statements(self) -> Iterator[str]:
        """What fills the tables of either database, over a table of the days."""
        a_day = max(self.tickets // DAYS, 1)
        yield _PAST.format(hall=HALL, others=OTHERS, tickets=self.tickets, a_day=a_day)
        yield _FENCES
        live = LIVE_DAYS - 2 + self.overdue
        for statement, table in ((_TICKETS, "tickets"), (_EVENTS, "events")):
            for name, which in ((table, f"< {live}"), (f"archived_{table}", f">= {live}")):
                yield statement.format(table=name, which=which, filler="x" * self.filler)


class Both(NamedTuple):
    """The service with a past, and the one without."""

    full: Bench
    empty: Bench


@asynccontextmanager
async def both(sizes: Sizes) -> AsyncIterator[Both]:
    server = PostgresServer(durable=True)
    try:
        server.start()
        full, empty = (server.url(server.create()) for _ in range(2))
        await fill(full, Past(sizes.past))
        async with started(full) as one, started(empty) as other:
            for bench in (one, other):
                await open_hall(bench, sizes.counters)
            yield Both(one, other)
    finally:
        server.close()


async def fill(url: str, past: Past) -> None:
    """Make the tables, and what is gone by. Indexes are made when the rows are there, which is sooner done."""
    await migrate(url)
    client = await asyncpg.connect(url)
    try:
        await client.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'")
        await client.execute("CREATE TEMP TABLE days (age int PRIMARY KEY, day text, at bigint)")
        await client.executemany("INSERT INTO days VALUES ($1, $2, $3)", past.days())
        indexes = await client.fetch(_INDEXES)
        for index in indexes:
            await client.execute(f"DROP INDEX {index['name']}")
        for statement in past.statements():
            await client.execute(statement)
        for index in indexes:
            await client.execute(index["indexdef"])
        await client.execute("SELECT setval(pg_get_serial_sequence('events', 'id'), max(id)) FROM events")
        await client.execute("ANALYZE")
        await client.execute("CHECKPOINT")
    finally:
        await client.close()


async def open_hall(bench: Bench, counters: int) -> None:
    await bench.make_hall(HALL, counters)
    await bench.post_all([f"/api/v1/counters/{HALL}-{n}/opening" for n in range(1, counters + 1)])


async def issued(bench: Bench, sizes: Sizes) -> float:
    return await rate_of(bench.port, taking(HALL), sizes)


async def called(bench: Bench, sizes: Sizes) -> float:
    await bench.take_numbers(HALL, int(MOST_AT_FIRST * sizes.round_s))
    counters = [f"{HALL}-{n}" for n in range(1, sizes.counters + 1)]
    return await calls_per_second(bench, counters, sizes.round_s)


async def read(bench: Bench, sizes: Sizes) -> float:
    tickets = await bench.take_numbers(HALL, sizes.tickets)
    requests = cycle([get(f"/api/v1/tickets/{one['id']}", one["token"]) for one in tickets])
    return await rate_of(bench.port, lambda: next(requests), sizes)


async def rebuilt(bench: Bench, _sizes: Sizes) -> float:
    """From the moment at which Redis has lost everything to the next number."""
    redis = embedded_url(bench.service.data)
    assert redis, "the service has no embedded Redis"
    async with Redis.from_url(redis) as client:
        await client.flushall()
        begun = perf_counter()
        headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
        path = f"/api/v1/halls/{HALL}/tickets"
        while not (await bench.hq.post(path, json={"service": "sim"}, headers=headers)).is_success:
            continue  # It answers 503 until it has found out that Redis is empty, and how full it was.
        return perf_counter() - begun


@asynccontextmanager
async def _beside(measure: Measure, sizes: Sizes) -> AsyncIterator[Round]:
    async with both(sizes) as pair:
        for bench in pair:
            await bench.take_numbers(HALL, sizes.tickets)
            await measure(bench, sizes)

        async def sample() -> Sample:
            baseline = await measure(pair.empty, sizes)
            return await measure(pair.full, sizes), baseline

        yield sample


def _benchmark(name: str, what: str, unit: str, measure: Measure) -> Benchmark:
    bound: Bound = "at most" if unit == "s" else "at least"
    goal = 1.25 if unit == "s" else 0.9
    beside = "a year of 100,000 tickets; beside a database without a past"
    return Benchmark(name, f"{what} over {beside}", unit, bound, goal, partial(_beside, measure))


BENCHMARKS: Final = (
    _benchmark("issue-past", "numbers given", "numbers/s", issued),
    _benchmark("call-past", "calls of 16 counters", "calls/s", called),
    _benchmark("read-past", "tickets read", "reads/s", read),
    _benchmark("rebuild-past", "Redis loses a hall, until its next number,", "s", rebuilt),
)
