"""`availability`: where a product is to be had, asked in a service with a thousand places, beside one with ten."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from itertools import cycle
from math import cos, sin
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.bench import Bench, started
from benchmarks.figures import Benchmark, Round, Sample
from benchmarks.issuing import rate_of
from benchmarks.load import get, send_all
from benchmarks.sizes import Sizes

SKUS: Final = ("phone-x200-black", "phone-x200-white", "router-ax3000", "case-x200")
FEW: Final = 10
HAS_SOME: Final = 7
"""Every seventh place has something available: most who ask are sent elsewhere, which costs most."""
CENTRE: Final = (39.12, 117.2)
SPREAD: Final = 0.4
"""Degrees: half of the places are within the 50 km that a rule looks around."""


@asynccontextmanager
async def availability(sizes: Sizes) -> AsyncIterator[Round]:
    """Each question is asked in another hall, so that nothing that was remembered of one hall is enough."""
    async with started() as few, started() as many:
        some, all_of_them = await _asking(few, FEW), await _asking(many, sizes.halls)
        for bench, each in ((few, some), (many, all_of_them)):
            await rate_of(bench.port, lambda each=each: next(each), sizes, sizes.warm_up_s)  # type: ignore[misc]

        async def sample() -> Sample:
            baseline = 1e6 / await rate_of(few.port, lambda: next(some), sizes)
            return 1e6 / await rate_of(many.port, lambda: next(all_of_them), sizes), baseline

        yield sample


async def _asking(bench: Bench, count: int) -> Iterator[bytes]:
    """Requests without an end, over so many halls that have stock, in turn."""
    halls = [f"place-{n}" for n in range(count)]
    for number, hall in enumerate(halls):
        await bench.make_hall(hall, at=_position(number, count))
    _stock(bench.sqlite, halls)
    paths = [f"/api/v1/products/{sku}?hall={hall}" for hall in halls for sku in SKUS]
    asked = [msgspec.json.decode(body) for body in await send_all(bench.port, map(get, paths), connections=4)]
    kinds = {one["availability"]["kind"] for one in asked}
    assert kinds >= {"here", "nearby"}, f"everywhere it was {kinds}"
    return cycle([get(path) for path in paths])


def _position(number: int, count: int) -> tuple[float, float]:
    """Spread evenly over a disc, as a sunflower's seeds are."""
    away, turn = SPREAD * (number / count) ** 0.5, 2.39996 * number
    return CENTRE[0] + away * cos(turn), CENTRE[1] + away * sin(turn)


def _stock(database: Path, halls: list[str]) -> None:
    """Each place had each product; where nothing is available, all of it is held."""
    rows = [
        (f"{hall}/{sku}", hall, sku, 5, 0 if number % HAS_SOME == 0 else 5)
        for number, hall in enumerate(halls)
        for sku in SKUS
    ]
    with closing(sqlite3.connect(database, timeout=30)) as client, client:
        client.executemany(
            "INSERT INTO stock_levels (id, place, sku, on_hand, allocated, held, epoch, version) "
            "VALUES (?, ?, ?, ?, 0, ?, 1, 1)",
            rows,
        )


BENCHMARKS: Final = (
    Benchmark(
        "availability",
        "where a product is to be had, over 1,000 places; beside 10 places",
        "µs",
        "at most",
        2.0,
        availability,
    ),
)
