"""`buy`: everybody wants the same thing in one hall, of which there are a few dozen; beside bare POSTs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Final

from benchmarks.bench import started
from benchmarks.figures import Benchmark, Round, Sample
from benchmarks.load import play, repeated
from benchmarks.sizes import Sizes

HALL: Final = b"heping"
SKU: Final = b"case-x200"
_numbers: Final = count(13_800_000_000)
_REQUEST: Final = (
    b"POST /api/v1/orders HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    b"idempotency-key: attempt-to-buy-%d\r\ncontent-length: %d\r\n\r\n%b"
)


@asynccontextmanager
async def buy(sizes: Sizes) -> AsyncIterator[Round]:
    """Attempts per second, each by somebody else: the first few are orders, all later ones are told what there is."""
    async with started() as bench:
        for port in (bench.bare, bench.port):
            await _rate_of(port, sizes, sizes.warm_up_s)

        async def sample() -> Sample:
            baseline = await _rate_of(bench.bare, sizes, sizes.round_s)
            return await _rate_of(bench.port, sizes, sizes.round_s), baseline

        yield sample


async def _rate_of(port: int, sizes: Sizes, seconds: float) -> float:
    scripts = [repeated(attempt, seconds) for _ in range(sizes.connections)]
    return (await play(port, scripts, accepted=(b"2", b"409"))).per_second


def attempt() -> bytes:
    """A request for one piece of what is wanted, from a phone of its own."""
    number = next(_numbers)
    body = b'{"hall":"%b","lines":[{"sku":"%b","quantity":1}],"fulfilment":"pickup","phone":"%d"}' % (HALL, SKU, number)
    return _REQUEST % (number, len(body), body)


BENCHMARKS: Final = (
    Benchmark(
        "buy",
        "attempts to buy what nearly everybody comes too late for; beside bare POSTs",
        "attempts/s",
        "at least",
        0.35,
        buy,
    ),
)
