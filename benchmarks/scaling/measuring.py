"""All costs, measured one after the other in one service."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import asyncpg
import msgspec
from redis.asyncio import Redis

from benchmarks.bench import started
from benchmarks.scaling import line, live, orders, quiet
from benchmarks.scaling.costs import Costs
from benchmarks.scaling.ground import Ground
from benchmarks.scaling.spending import Parts
from o2o.kernel.claim import embedded_url
from tests.postgres import PostgresServer

Part = Callable[[Ground], Awaitable[dict[str, float]]]
# The crowd first: a process that has done much finds room for more sockets in what it has.
PARTS: Final[Sequence[Part]] = (
    live.crowd,
    line.bare,
    quiet.measure,
    line.acts,
    line.commits,
    line.reads,
    live.announcements,
    live.displays,
    live.phones,
    orders.measure,
)


async def measure(advance: Callable[[], None]) -> Costs:
    """Start a service over PostgreSQL and measure everything in it; `advance` is called after each part."""
    server = PostgresServer(durable=True)
    try:
        server.start()
        url = server.url(server.create())
        async with started(url) as bench:
            database = await asyncpg.connect(url)
            redis = embedded_url(bench.service.data)
            assert redis, "the service has no embedded Redis"
            async with Redis.from_url(redis) as client:
                ground = Ground(bench, Parts(bench.service.pid, server.pid), database, client)
                costs = await _costs(ground, advance)
            await database.close()
            return costs
    finally:
        server.close()


async def _costs(ground: Ground, advance: Callable[[], None]) -> Costs:
    await ground.open_halls()
    measured: dict[str, float] = {}
    for part in PARTS:
        measured |= await part(ground)
        advance()
    return msgspec.convert(measured, Costs)
