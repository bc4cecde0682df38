"""`issue`, `issue-postgres`, `issue-wide`: numbers given durably over HTTP."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Final

from benchmarks.bench import Bench, started, taking
from benchmarks.figures import Benchmark, Round, Sample
from benchmarks.load import play, repeated
from benchmarks.sizes import Sizes
from tests.postgres import PostgresServer

HALL: Final = "bench"


async def rate_of(port: int, make: Callable[[], bytes], sizes: Sizes, seconds: float | None = None) -> float:
    """Answers per second over as many connections as the sizes say."""
    seconds = sizes.round_s if seconds is None else seconds
    outcome = await play(port, [repeated(make, seconds) for _ in range(sizes.connections)])
    return outcome.per_second


@asynccontextmanager
async def issue(sizes: Sizes) -> AsyncIterator[Round]:
    async with started() as bench:
        yield await beside_bare(bench, sizes)


@asynccontextmanager
async def issue_postgres(sizes: Sizes) -> AsyncIterator[Round]:
    server = PostgresServer(durable=True)
    try:
        server.start()
        async with started(server.url(server.create())) as bench:
            yield await beside_bare(bench, sizes)
    finally:
        server.close()


@asynccontextmanager
async def issue_wide(sizes: Sizes) -> AsyncIterator[Round]:
    async with started() as bench:
        halls = [f"{HALL}-{n}" for n in range(sizes.halls)]
        for hall in halls:
            await bench.make_hall(hall)
        one = taking(halls[0])
        makers = cycle([taking(hall) for hall in halls])

        def each() -> bytes:
            return next(makers)()

        await rate_of(bench.port, each, sizes, sizes.warm_up_s)

        async def sample() -> Sample:
            baseline = await rate_of(bench.port, one, sizes)
            return await rate_of(bench.port, each, sizes), baseline

        yield sample


async def beside_bare(bench: Bench, sizes: Sizes) -> Round:
    """A round of numbers of one hall, beside POSTs with the same JSON to the bare app."""
    await bench.make_hall(HALL)
    make = taking(HALL)
    for port in (bench.bare, bench.port):
        await rate_of(port, make, sizes, sizes.warm_up_s)

    async def sample() -> Sample:
        baseline = await rate_of(bench.bare, make, sizes)
        return await rate_of(bench.port, make, sizes), baseline

    return sample


BENCHMARKS: Final = (
    Benchmark(
        "issue", "numbers given, each committed in SQLite; beside bare POSTs", "numbers/s", "at least", 0.55, issue
    ),
    Benchmark(
        "issue-postgres",
        "numbers given, each committed in PostgreSQL; beside bare POSTs",
        "numbers/s",
        "at least",
        0.55,
        issue_postgres,
    ),
    Benchmark(
        "issue-wide",
        "numbers given by 1,000 halls in turn; beside one hall's",
        "numbers/s",
        "at least",
        0.70,
        issue_wide,
    ),
)
