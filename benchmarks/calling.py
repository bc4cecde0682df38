"""`call-next`: the counters of one hall press again as soon as they are answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import fmean
from time import perf_counter
from typing import Final

import msgspec

from benchmarks.bench import Bench, started, taking
from benchmarks.figures import Benchmark, Round, Sample
from benchmarks.load import Script, play, poster, repeated
from benchmarks.sizes import Sizes

HALL: Final = "bench"
SPARE: Final = 1.5  # So many times the people that the last round called wait for the next one.
MOST_AT_FIRST: Final = 4_000  # a second


class _Called(msgspec.Struct):
    id: str


_called = msgspec.json.Decoder(_Called)


@asynccontextmanager
async def call_next(sizes: Sizes) -> AsyncIterator[Round]:
    async with started() as bench:
        counters = [f"{HALL}-{n}" for n in range(1, sizes.counters + 1)]
        await bench.make_hall(HALL, sizes.counters)
        await bench.post_all([f"/api/v1/counters/{counter}/opening" for counter in counters])
        await bench.take_numbers(HALL, int(MOST_AT_FIRST * sizes.warm_up_s))
        rate = await calls_per_second(bench, counters, sizes.warm_up_s)
        post = taking(HALL)

        async def sample() -> Sample:
            await bench.take_numbers(HALL, int(SPARE * rate * sizes.round_s))
            bare = await play(bench.bare, [repeated(post, sizes.round_s) for _ in counters])
            return await calls_per_second(bench, counters, sizes.round_s), bare.per_second

        yield sample


async def calls_per_second(bench: Bench, counters: list[str], seconds: float) -> float:
    """What the counters would reach if they did nothing but call: how many there are, by how long a call takes."""
    took: list[float] = []
    called: list[str] = []
    await play(bench.port, [_clerk(counter, bench.token, seconds, (took, called)) for counter in counters])
    assert len(set(called)) == len(called), "a ticket was called twice"
    return len(counters) / fmean(took)


def _clerk(counter: str, token: str, seconds: float, noted: tuple[list[float], list[str]]) -> Script:
    """Call, and note as absent whoever was called, so that the counter is free again; only the calls are timed."""
    took, called = noted
    call = poster(f"/api/v1/counters/{counter}/calls", token=token)
    end = perf_counter() + seconds
    while (begun := perf_counter()) < end:
        body = yield call()
        took.append(perf_counter() - begun)
        called.append(_called.decode(body).id)
        yield poster(f"/api/v1/tickets/{called[-1]}/no-show", token=token)()


BENCHMARKS: Final = (
    Benchmark(
        "call-next", "calls of 16 counters of one hall; beside bare POSTs", "calls/s", "at least", 0.45, call_next
    ),
)
