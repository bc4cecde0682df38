"""`tail`: how much longer the slowest numbers take than the usual ones, at half of what the service can bear."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Final

from benchmarks.bench import started, taking
from benchmarks.figures import Benchmark, Round, Sample, percentile
from benchmarks.issuing import HALL, rate_of
from benchmarks.openload import arrivals, latencies
from benchmarks.sizes import Sizes

MS: Final = 1_000


@asynccontextmanager
async def tail(sizes: Sizes) -> AsyncIterator[Round]:
    """People come independently of one another; each round finds the top rate anew, since machines vary."""
    async with started() as bench:
        await bench.make_hall(HALL)
        make, seeds = taking(HALL), count()
        await rate_of(bench.port, make, sizes, sizes.warm_up_s)

        async def sample() -> Sample:
            top = await rate_of(bench.port, make, sizes, sizes.warm_up_s)
            moments = list(arrivals(top / 2, sizes.tail_s, next(seeds)))
            took = await latencies(bench.port, make, moments, sizes.connections)
            return MS * percentile(took, 99), MS * percentile(took, 50)

        yield sample


BENCHMARKS: Final = (
    Benchmark("tail", "latency of numbers at half the top rate, p99; beside p50", "ms", "at most", 5.0, tail),
)
