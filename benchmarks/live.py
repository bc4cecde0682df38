"""`fanout` and `connect`: 2,000 displays of one hall, beside websockets' own server and broadcast."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from websockets.asyncio.client import connect as connect_socket

from benchmarks.bare_sockets import GREETING
from benchmarks.bench import Bench
from benchmarks.figures import Figure, middle, p99
from benchmarks.servers import bare_sockets
from benchmarks.sockets import Crowd

SOCKETS: Final = 2000
ROUNDS: Final = 3
EVENTS: Final = 10
# About what a ticket's event is, as a text frame.
EVENT: Final = "e" * 330
MS: Final = 1000


async def connect(bench: Bench) -> Figure:
    """Seconds until 2,000 sockets are connected and have their snapshot, beside a bare greeting of the same length."""
    await bench.make_hall("bench-connect", 1)
    ours, bare = [], []
    async with bare_sockets() as port:
        for _ in range(ROUNDS):
            async with _displays(bench, "bench-connect") as (crowd, seconds):
                ours.append(seconds)
                length = await crowd.greeting_length()
            async with _bare_crowd(port, length) as (_, seconds):
                bare.append(seconds)
            bench.advance()
    return Figure("connect", middle(ours), "s", middle(bare), "at most", 2.0)


async def fanout(bench: Bench) -> Figure:
    """Milliseconds from taking a number to the event at 2,000 displays, p99, beside a bare broadcast's."""
    hall = "bench-fanout"
    await bench.make_hall(hall, 1)
    ours, bare = [], []
    async with bare_sockets() as port:
        for _ in range(ROUNDS):
            async with _displays(bench, hall) as (crowd, _):
                ours.append(await _p99_of_numbers(bench, hall, crowd))
                length = await crowd.greeting_length()
            async with _bare_crowd(port, length) as (crowd, _):
                bare.append(await _p99_of_broadcasts(port, crowd))
            bench.advance()
    return Figure("fanout", MS * middle(ours), "ms", MS * middle(bare), "at most", 2.0)


async def _p99_of_numbers(bench: Bench, hall: str, crowd: Crowd) -> float:
    seconds: list[float] = []
    for _ in range(EVENTS):
        seconds += await crowd.listen(
            lambda: asyncio.ensure_future(bench.send("POST", f"/halls/{hall}/tickets", {"service": "sim"}))
        )
    return p99(seconds)


async def _p99_of_broadcasts(port: int, crowd: Crowd) -> float:
    seconds: list[float] = []
    async with connect_socket(f"ws://127.0.0.1:{port}/send", compression=None, proxy=None) as sender:
        for _ in range(EVENTS):
            seconds += await crowd.listen(lambda: asyncio.ensure_future(sender.send(EVENT)))
    return p99(seconds)


@asynccontextmanager
async def _displays(bench: Bench, hall: str) -> AsyncIterator[tuple[Crowd, float]]:
    crowd = Crowd(bench.port, f"/ws/halls/{hall}", token=bench.token, only_events=True)
    try:
        yield crowd, await crowd.connect(SOCKETS)
    finally:
        crowd.close()


@asynccontextmanager
async def _bare_crowd(port: int, greeting: int) -> AsyncIterator[tuple[Crowd, float]]:
    crowd = Crowd(port, f"{GREETING}{greeting}")
    try:
        yield crowd, await crowd.connect(SOCKETS)
    finally:
        crowd.close()
