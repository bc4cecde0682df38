"""`issue-deep` and `rebuild`: a hall in which 100,000 people wait."""

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from http import HTTPStatus
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Final

from redis.asyncio import Redis

from benchmarks.bench import Bench, started, taking
from benchmarks.figures import Benchmark, Round, Sample
from benchmarks.issuing import rate_of
from benchmarks.sizes import Sizes
from o2o.kernel.claim import embedded_url

DEEP: Final = "bench-deep"
FEW: Final = 10
AGAIN_S: Final = 0.05

# The clones differ from their pattern in these columns; they came before it, 10 ms apart.
_TICKETS: Final = {
    "id": "clones.id",
    "number": "prefix || printf('%03d', serial + n)",
    "serial": "serial + n",
    "turn": "turn - 10 * n",
    "age": "age - 10 * n",
    "created_at": "created_at - 10 * n",
    "version": "version + n",
}
_EVENTS: Final = {
    "op": "lower(hex(randomblob(16)))",
    "at": "at - 10 * n",
    "ticket": "clones.id",
    "version": "version + n",
    "data": "replace(data, ticket, clones.id)",
}
_CLONES: Final = """
    CREATE TEMP TABLE clones AS
    WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
    SELECT n, lower(hex(randomblob(16))) AS id FROM numbers
"""


@asynccontextmanager
async def issue_deep(sizes: Sizes) -> AsyncIterator[Round]:
    """The shallow line is another hall's in each round: it begins with 10, and grows by the numbers that are given."""
    async with started() as bench:
        await _crowded_hall(bench, sizes.waiting)
        halls = (f"bench-shallow-{n}" for n in count())
        await rate_of(bench.port, taking(DEEP), sizes, sizes.warm_up_s)

        async def sample() -> Sample:
            hall = next(halls)
            await bench.make_hall(hall)
            await bench.take_numbers(hall, FEW)
            baseline = await rate_of(bench.port, taking(hall), sizes)
            return await rate_of(bench.port, taking(DEEP), sizes), baseline

        yield sample


@asynccontextmanager
async def rebuild(sizes: Sizes) -> AsyncIterator[Round]:
    """From the moment at which Redis has lost everything to the next number; whoever asks meanwhile is told to wait."""
    async with started() as bench:
        await _crowded_hall(bench, sizes.waiting)
        redis = embedded_url(bench.service.data)
        assert redis, "the service has no embedded Redis"
        async with Redis.from_url(redis) as client:

            async def sample() -> Sample:
                await client.flushall()
                begun = perf_counter()
                await _next_number(bench, sizes)
                return perf_counter() - begun, None

            yield sample


async def _crowded_hall(bench: Bench, waiting: int) -> None:
    """A number is taken as everybody does, then cloned in SQL; the epoch ends, so that Redis is loaded anew."""
    await bench.make_hall(DEEP)
    (pattern,) = await bench.take_numbers(DEEP, 1)
    _clone(bench.sqlite, pattern["id"], waiting - 1)
    ticket = await _number(bench)
    assert ticket["people_ahead"] == waiting, "the clones don't wait"


async def _next_number(bench: Bench, sizes: Sizes) -> None:
    ticket = await _number(bench)
    assert ticket["people_ahead"] >= sizes.waiting, "somebody was lost"


async def _number(bench: Bench) -> Mapping[str, int]:
    """Ask until it is given; the key is the same, so that it counts once."""
    headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
    while True:
        answer = await bench.hq.post(f"/api/v1/halls/{DEEP}/tickets", json={"service": "sim"}, headers=headers)
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            ticket: Mapping[str, int] = answer.raise_for_status().json()
            return ticket
        await asyncio.sleep(AGAIN_S)


def _clone(database: Path, ticket: str, times: int) -> None:
    """Clone a ticket with its event, in one transaction that ends the hall's epoch."""
    with closing(sqlite3.connect(database, timeout=30)) as client, client:
        client.execute("BEGIN IMMEDIATE")
        client.execute(_CLONES, [times])
        client.execute(_insert(client, "tickets", "id", _TICKETS), [ticket])
        client.execute(_insert(client, "events", "ticket", _EVENTS), [ticket])
        client.execute("UPDATE fences SET epoch = epoch + 1 WHERE tag = ?", [f"hall:{DEEP}"])


def _insert(client: sqlite3.Connection, table: str, key: str, changed: Mapping[str, str]) -> str:
    automatic = {"events": "id"}.get(table)
    columns = [row[1] for row in client.execute(f"PRAGMA table_info({table})") if row[1] != automatic]
    values = ", ".join(changed.get(column, f'{table}."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}, clones WHERE {table}.{key} = ?"


BENCHMARKS: Final = (
    Benchmark(
        "issue-deep",
        "numbers given while 100,000 wait; beside a hall that begins with 10",
        "numbers/s",
        "at least",
        0.90,
        issue_deep,
    ),
    Benchmark(
        "rebuild",
        "Redis loses a hall with 100,000 live tickets: until the next number is given",
        "s",
        "at most",
        5.0,
        rebuild,
        rounds=3,
    ),
)
