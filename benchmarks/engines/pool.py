"""How many connections to PostgreSQL a process should open: the same load over services that differ in nothing else."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from typing import Final, NamedTuple

from benchmarks import buying
from benchmarks.bench import Bench, started, taking
from benchmarks.engines.page import Table
from benchmarks.engines.timing import Clients, Seen, asked, called, medians
from benchmarks.load import play
from benchmarks.scaling.spending import US, cpu_s
from benchmarks.sizes import Sizes
from o2o.kernel.postgres import CONNECTIONS
from o2o.replay.own import own_service
from tests.postgres import PostgresServer

POOLS: Final = (2, 4, 8, 10, 16, 32)
HALL: Final = "bench"
ROUNDS: Final = 5
LOADS: Final = ("numbers", "calls", "attempts to buy", "numbers beside attempts", "attempts beside numbers")
ALONE: Final = LOADS[:3]


class Turn(NamedTuple):
    """What clients saw, and what an answer cost the service's process, in microseconds of CPU, with all that it meant.

    A calling clerk also notes as absent whoever was called.
    """

    seen: Seen
    cpu_us: float


Taken = dict[str, Turn]


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
    alone = (
        await _turn(bench, asked(bench, taking(HALL), clients, seconds), seconds),
        await _turn(bench, called(bench, _counters(clients), seconds), seconds),
        await _turn(bench, asked(bench, buying.attempt, clients, seconds), seconds),
    )
    one, other = Clients(seconds), Clients(seconds)
    scripts = one.asking(taking(HALL), clients // 2) + other.asking(buying.attempt, clients // 2)
    await play(bench.port, scripts, accepted=(b"2", b"409"))
    return dict(zip(LOADS, (*alone, Turn(one.seen(), 0), Turn(other.seen(), 0)), strict=True))


async def _turn(bench: Bench, load: Awaitable[Seen], seconds: float) -> Turn:
    before = cpu_s(bench.service.pid)
    seen = await load
    return Turn(seen, US * (cpu_s(bench.service.pid) - before) / (seen.per_second * seconds))


def row(pool: int, rounds: Mapping[int, list[Taken]]) -> list[str]:
    """How many a second, and the slowest hundredth; in parentheses the rate beside the usual pool's of the same round.

    All are medians of the rounds, with the lowest and the highest ratio. The CPU time of one answer is the least of the
    rounds: others only ever add to it.
    """
    cells = []
    for load in LOADS:
        pairs = zip(rounds[pool], rounds[CONNECTIONS], strict=True)
        ratios = sorted(one[load].seen.per_second / usual[load].seen.per_second for one, usual in pairs)
        seen = medians([one[load].seen for one in rounds[pool]])
        beside = f"{median(ratios):.2f}: {ratios[0]:.1f} to {ratios[-1]:.1f}"
        cost = f", {min(one[load].cpu_us for one in rounds[pool]):.0f} µs" if load in ALONE else ""
        cells.append(f"{seen.per_second:,.0f}/s ({beside}), {seen.p99_ms:.0f} ms{cost}")
    return [str(pool), *cells]


def _counters(count: int) -> list[str]:
    return [f"{HALL}-{n}" for n in range(1, count + 1)]
