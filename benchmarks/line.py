"""`issue` and `call-next`: durable writes of the line over HTTP, beside a bare POST with the same JSON."""

from collections.abc import Iterator
from typing import Final

import msgspec

from benchmarks.bench import Bench
from benchmarks.figures import Figure, middle
from benchmarks.load import post, run_load, until

ROUNDS: Final = 5
WARM_UP_S: Final = 1.0
ROUND_S: Final = 3.0
# As many as a hall may have, less a few: three calls for each of the load's connections in one burst.
COUNTERS: Final = 192
BURSTS: Final = 10


async def issue(bench: Bench) -> Figure:
    """Numbers issued durably per second by 64 clients, beside bare POSTs per second."""
    await bench.make_hall("bench-issue", 1)
    rates, bare = [], []
    await _take_numbers(bench.port, "bench-issue", WARM_UP_S)
    await _take_numbers(bench.bare, "bench-issue", WARM_UP_S)
    for _ in range(ROUNDS):
        bare.append(await _take_numbers(bench.bare, "bench-issue", ROUND_S))
        rates.append(await _take_numbers(bench.port, "bench-issue", ROUND_S))
        bench.advance()
    return Figure("issue", middle(rates), "numbers/s", middle(bare), "at least", 0.40)


async def call_next(bench: Bench) -> Figure:
    """Calls per second from 192 counters of one hall over 64 connections, beside bare POSTs per second.

    Only the calls are timed: between two bursts the called are noted as absent, so that every counter is free again.
    """
    hall = "bench-call"
    counters = [f"{hall}-{n}" for n in range(1, COUNTERS + 1)]
    await bench.make_hall(hall, COUNTERS)
    await _send(bench, [f"/api/v1/counters/{counter}/opening" for counter in counters], 200)
    numbers = (
        post(f"/api/v1/halls/{hall}/tickets", {"service": "sim"}) for _ in range(COUNTERS * BURSTS * (ROUNDS + 1))
    )
    await run_load(bench.port, numbers, 201)
    rates, bare = [], []
    await _call_bursts(bench, counters)
    for _ in range(ROUNDS):
        bare.append(await _take_numbers(bench.bare, hall, ROUND_S))
        rates.append(await _call_bursts(bench, counters))
        bench.advance()
    return Figure("call-next", middle(rates), "calls/s", middle(bare), "at least", 0.30)


async def _call_bursts(bench: Bench, counters: list[str]) -> float:
    seconds = 0.0
    for _ in range(BURSTS):
        calls = await _send(bench, [f"/api/v1/counters/{counter}/calls" for counter in counters], 201)
        seconds += calls[0]
        called = [msgspec.json.decode(body)["id"] for body in calls[1]]
        assert len(set(called)) == len(counters), "a ticket was called twice"
        await _send(bench, [f"/api/v1/tickets/{ticket}/no-show" for ticket in called], 200)
    return BURSTS * len(counters) / seconds


async def _send(bench: Bench, paths: list[str], status: int) -> tuple[float, list[bytes]]:
    outcome = await run_load(bench.port, [post(path, token=bench.token) for path in paths], status)
    return outcome.seconds, outcome.bodies


async def _take_numbers(port: int, hall: str, seconds: float) -> float:
    outcome = await run_load(port, until(seconds, _requests(hall)), 201)
    return outcome.per_second


def _requests(hall: str) -> Iterator[bytes]:
    while True:
        yield post(f"/api/v1/halls/{hall}/tickets", {"service": "sim"})
