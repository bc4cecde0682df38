"""`finder`: the list of the demo's twelve halls over HTTP, beside a bare GET with the same JSON."""

from itertools import repeat
from typing import Final

import msgspec

from benchmarks.bench import Bench
from benchmarks.figures import Figure, middle
from benchmarks.load import get, run_load, until

ROUNDS: Final = 5
WARM_UP_S: Final = 1.0
ROUND_S: Final = 3.0
FINDER: Final = get("/api/v1/halls?lat=39.12&lon=117.2")
HALLS: Final = 12


async def finder(bench: Bench) -> Figure:
    """Lists of halls per second for 64 readers, nearest first, each hall with its load; beside bare GETs per second."""
    rates, bare = [], []
    await _read(bench.port, WARM_UP_S)
    await _read(bench.bare, WARM_UP_S)
    for _ in range(ROUNDS):
        bare.append(await _read(bench.bare, ROUND_S))
        rates.append(await _read(bench.port, ROUND_S))
        bench.advance()
    return Figure("finder", middle(rates), "lists/s", middle(bare), "at least", 0.35)


async def _read(port: int, seconds: float) -> float:
    outcome = await run_load(port, until(seconds, repeat(FINDER)), 200)
    assert len(msgspec.json.decode(outcome.bodies[-1])["halls"]) == HALLS
    return outcome.per_second
