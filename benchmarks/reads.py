"""`read-ticket`, `read-hall`, `finder`: reads over HTTP, beside a bare GET that answers with the same JSON."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Final

import msgspec

from benchmarks.bench import Bench, started
from benchmarks.figures import Benchmark, Round, Sample
from benchmarks.issuing import HALL, rate_of
from benchmarks.load import get, send_all
from benchmarks.sizes import Sizes

FINDER: Final = "/api/v1/halls?lat=39.12&lon=117.2"
HALLS: Final = 12


@asynccontextmanager
async def read_ticket(sizes: Sizes) -> AsyncIterator[Round]:
    """Owners look at tickets of one hall, each at another."""
    async with started() as bench:
        await bench.make_hall(HALL)
        tickets = await bench.take_numbers(HALL, sizes.tickets)
        reads = [get(f"/api/v1/tickets/{ticket['id']}", ticket["token"]) for ticket in tickets]
        answer = msgspec.json.decode(await _one(bench, reads[0]))
        assert answer["people_ahead"] is not None, "the ticket does not wait"
        yield await _beside_bare(bench, reads, sizes)


@asynccontextmanager
async def read_hall(sizes: Sizes) -> AsyncIterator[Round]:
    async with started() as bench:
        read = get("/api/v1/halls/heping")
        assert msgspec.json.decode(await _one(bench, read))["id"] == "heping"
        yield await _beside_bare(bench, [read], sizes)


@asynccontextmanager
async def finder(sizes: Sizes) -> AsyncIterator[Round]:
    """The demo's twelve halls, nearest first, each with its load."""
    async with started() as bench:
        read = get(FINDER)
        assert len(msgspec.json.decode(await _one(bench, read))["halls"]) == HALLS
        yield await _beside_bare(bench, [read], sizes)


async def _one(bench: Bench, read: bytes) -> bytes:
    (body,) = await send_all(bench.port, [read], connections=1)
    return body


async def _beside_bare(bench: Bench, reads: list[bytes], sizes: Sizes) -> Round:
    each = cycle(reads)
    for port in (bench.bare, bench.port):
        await rate_of(port, lambda: next(each), sizes, sizes.warm_up_s)

    async def sample() -> Sample:
        baseline = await rate_of(bench.bare, lambda: next(each), sizes)
        return await rate_of(bench.port, lambda: next(each), sizes), baseline

    return sample


BENCHMARKS: Final = (
    Benchmark("read-ticket", "owners read their tickets; beside bare GETs", "reads/s", "at least", 0.55, read_ticket),
    Benchmark("read-hall", "a hall is read; beside bare GETs", "reads/s", "at least", 0.55, read_hall),
    Benchmark(
        "finder", "twelve halls with their loads are read; beside bare GETs", "reads/s", "at least", 0.35, finder
    ),
)
