"""How many connections to PostgreSQL a process should open: the same load over services that differ in nothing else."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from typing import Final

from benchmarks import buying
from benchmarks.bench import Bench, started, taking
from benchmarks.engines.page import Table
from benchmarks.engines.timing import Clients, Seen, asked, called, medians
from benchmarks.load import play
from benchmarks.sizes import Sizes
from o2o.kernel.postgres import CONNECTIONS
from o2o.replay.own import own_service
from tests.postgres import PostgresServer

POOLS: Final = (2, 4, 8, 10, 16, 32)
HALL: Final = "bench"
ROUNDS: Final = 5
LOADS: Final = ("numbers", "calls", "attempts to buy", "numbers beside attempts", "attempts beside numbers")
Taken = dict[str, Seen]


def steps(sizes: Sizes) -> int:
    return (sizes.rounds or ROUNDS) * len(POOLS)


async def measure(sizes: Sizes, advance: Callable[[], None]) -> Table:
    rounds: dict[int, list[Taken]] = {pool: [] for pool in POOLS}
    async with services(sizes.connections) as benches:
        for bench in benches.values():
            await one_round(bench, sizes.warm_up_s, sizes.connections)
        for _ in range(sizes.rounds or ROUNDS):
            for pool, bench in benches.items():
                rounds[pool].append(await one_round(bench, sizes.round_s, sizes.connections))
                advance()
    return Table(["connections", *LOADS], [row(pool, rounds) for pool in POOLS])


@asynccontextmanager
async def services(counters: int) -> AsyncIterator[dict[int, Bench]]:
    """A service for each size of the pool, all over one PostgreSQL, each over a copy of one database."""
    server = PostgresServer(durable=True)
    try:
        server.start()
        made = server.create()
        async with own_service(server.url(made)):
            pass  # It makes the tables and the demo's people, so that the others find them.
        async with AsyncExitStack() as stack:
            benches = {}
            for pool in POOLS:
                settings = {"O2O_DATABASE_CONNECTIONS": str(pool)}
                bench = await stack.enter_async_context(started(server.url(server.create(made)), settings))
                await bench.make_hall(HALL, counters)
                await bench.post_all([f"/api/v1/counters/{counter}/opening" for counter in _counters(counters)])
                benches[pool] = bench
            yield benches
    finally:
        server.close()


async def one_round(bench: Bench, seconds: float, clients: int) -> Taken:
    """The calls are of those who have just taken numbers. Who attempts to buy comes too late, and hears 409."""
    numbers = await asked(bench, taking(HALL), clients, seconds)
    calls = await called(bench, _counters(clients), seconds)
    attempts = await asked(bench, buying.attempt, clients, seconds)
    one, other = Clients(seconds), Clients(seconds)
    scripts = one.asking(taking(HALL), clients // 2) + other.asking(buying.attempt, clients // 2)
    await play(bench.port, scripts, accepted=(b"2", b"409"))
    return dict(zip(LOADS, (numbers, calls, attempts, one.seen(), other.seen()), strict=True))


def row(pool: int, rounds: Mapping[int, list[Taken]]) -> list[str]:
    """How many a second, and the slowest hundredth; in parentheses the rate beside the usual pool's of the same round.

    All are medians of the rounds, with the lowest and the highest ratio.
    """
    cells = []
    for load in LOADS:
        pairs = zip(rounds[pool], rounds[CONNECTIONS], strict=True)
        ratios = sorted(one[load].per_second / usual[load].per_second for one, usual in pairs)
        seen = medians([one[load] for one in rounds[pool]])
        beside = f"{median(ratios):.2f}: {ratios[0]:.1f} to {ratios[-1]:.1f}"
        cells.append(f"{seen.per_second:,.0f}/s ({beside}), {seen.p99_ms:.0f} ms")
    return [str(pool), *cells]


def _counters(count: int) -> list[str]:
    return [f"{HALL}-{n}" for n in range(1, count + 1)]
