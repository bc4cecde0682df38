"""`issue-past`, `call-past`, `read-past`, `rebuild-past`: what a year of tickets costs whoever comes today.

Two services over two databases of one PostgreSQL: one with a year, of which the days since O2O_ARCHIVE_DAYS are in the
live tables and the others in the archive, as the archive job leaves them; and one in which nobody came before today.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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
from o2o.kernel.variables import VARIABLES
from tests.postgres import PostgresServer

HALL: Final = "bench-past"
Measure = Callable[[Bench, Sizes], Awaitable[float]]
OTHERS: Final = 999
DAYS: Final = 365
LIVE_DAYS: Final = int(VARIABLES["O2O_ARCHIVE_DAYS"].default)

# Every tenth ticket is of the hall that is measured. Each has four events: issued, called, serving, and its end.
_PAST: Final = """
    CREATE TEMP TABLE past AS
    SELECT md5(n::text) AS id, hall, to_char(current_date - 2 - age, 'YYYY-MM-DD') AS day, age, serial,
           4 * ({tickets} - n) AS version,
           CASE WHEN n % 100 < 90 THEN 'completed' WHEN n % 100 < 97 THEN 'no_show' ELSE 'left' END AS state,
           extract(epoch FROM current_date - 2 - age)::bigint * 1000 + 28800000 + serial * 1000 AS at
    FROM (SELECT n, CASE WHEN n % 10 = 0 THEN '{hall}' ELSE 'past-' || n / 10 % {others} END AS hall,
                 n / {a_day} AS age, n % {a_day} AS serial FROM generate_series(0, {tickets} - 1) AS n) AS numbered
"""
_TICKETS: Final = """
    INSERT INTO {table} (id, hall, day, number, prefix, serial, service, class, channel, state, turn, counter, holder,
                         created_at, called_at, started_at, ended_at, calls, epoch, version)
    SELECT id, hall, day, 'A' || serial, 'A', serial, 'sim', 'standard', 'web', state, 0, hall || '-1', md5(id),
           at, at + 600000, at + 660000, at + 900000, 1, 1, version + 3 FROM past WHERE age {which}
"""
_EVENTS: Final = """
    INSERT INTO {table} (tag, epoch, version, op, ordinal, name, at, actor, ticket, counter, target, body, data)
    SELECT 'hall:' || hall, 1, version + step, md5(id || step), 0, 'ticket.' || name, at + step * 300000,
           'staff:clerk1', id, hall || '-1', state, md5(id),
           '{{"op":"' || id || '","rows":{{"ticket":{{"number":"A' || serial || '"}}}}}}'
    FROM past, (VALUES (0, 'issued'), (1, 'called'), (2, 'serving'), (3, 'completed')) AS steps (step, name)
    WHERE age {which}
"""


class Both(NamedTuple):
    """The service with a past, and the one without."""

    full: Bench
    empty: Bench


@asynccontextmanager
async def both(sizes: Sizes) -> AsyncIterator[Both]:
    server = PostgresServer(durable=True)
    try:
        server.start()
        full = server.url(server.create())
        async with started(full) as one, started(server.url(server.create())) as other:
            await fill(full, sizes.past)
            for bench in (one, other):
                await open_hall(bench, sizes.counters)
            yield Both(one, other)
    finally:
        server.close()


async def fill(url: str, tickets: int) -> None:
    client = await asyncpg.connect(url)
    try:
        sizes = {"hall": HALL, "others": OTHERS, "tickets": tickets, "a_day": max(tickets // DAYS, 1)}
        await client.execute(_PAST.format(**sizes))
        for statement, table in ((_TICKETS, "tickets"), (_EVENTS, "events")):
            await client.execute(statement.format(table=table, which=f"< {LIVE_DAYS - 2}"))
            await client.execute(statement.format(table=f"archived_{table}", which=f">= {LIVE_DAYS - 2}"))
        await client.execute("ANALYZE")
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
