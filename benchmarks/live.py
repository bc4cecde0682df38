"""`fanout`, `connect`, `socket-memory`: displays of one hall, beside websockets' own server and its `broadcast`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from websockets.asyncio.client import connect as connect_socket

from benchmarks.bare_sockets import GREETING
from benchmarks.bench import Bench, started
from benchmarks.figures import Benchmark, Round, Sample, percentile
from benchmarks.issuing import HALL
from benchmarks.servers import bare_sockets
from benchmarks.sizes import Sizes
from benchmarks.sockets import Crowd

# About what a ticket's event is, as a text frame.
EVENT: Final = "e" * 330
MS: Final = 1_000
BEFORE: Final = 2  # crowds that come before memory is measured: they take the room that the start has left free
SETTLE_S: Final = 1.0


@asynccontextmanager
async def connect(sizes: Sizes) -> AsyncIterator[Round]:
    """The bare greeting is as long as the snapshot."""
    async with started() as bench, bare_sockets() as bare:
        await bench.make_hall(HALL)

        async def sample() -> Sample:
            crowd = _displays(bench)
            async with _connected(crowd, sizes.sockets) as seconds:
                greeting = await crowd.greeting_length()
            async with _connected(_bare_crowd(bare.port, greeting), sizes.sockets) as baseline:
                pass
            return seconds, baseline

        yield sample


@asynccontextmanager
async def fanout(sizes: Sizes) -> AsyncIterator[Round]:
    """From the moment at which a number is asked for, or a message sent, to the last but one of a hundred displays."""
    async with started() as bench, bare_sockets() as bare:
        await bench.make_hall(HALL)

        async def sample() -> Sample:
            crowd = _displays(bench)
            async with _connected(crowd, sizes.sockets):
                value = await _p99_of_numbers(bench, crowd, sizes.events)
                crowd_of_bare = _bare_crowd(bare.port, await crowd.greeting_length())
            async with _connected(crowd_of_bare, sizes.sockets):
                baseline = await _p99_of_broadcasts(bare.port, crowd_of_bare, sizes.events)
            return MS * value, MS * baseline

        yield sample


@asynccontextmanager
async def socket_memory(sizes: Sizes) -> AsyncIterator[Round]:
    """Both servers start anew for each round: a process that has had a crowd has room for the next one."""

    async def sample() -> Sample:
        async with started() as bench:
            await bench.make_hall(HALL)
            value = await _memory_of_one(bench.service.pid, [_displays(bench) for _ in range(2)], sizes.sockets)
            crowd = _displays(bench)
            async with _connected(crowd, 1):
                greeting = await crowd.greeting_length()
        async with bare_sockets() as bare:
            crowds = [_bare_crowd(bare.port, greeting) for _ in range(2)]
            return value, await _memory_of_one(bare.pid, crowds, sizes.sockets)

    yield sample


async def _p99_of_numbers(bench: Bench, crowd: Crowd, events: int) -> float:
    seconds: list[float] = []
    for _ in range(events):
        seconds += await crowd.listen(
            lambda: asyncio.ensure_future(bench.send("POST", f"/halls/{HALL}/tickets", {"service": "sim"}))
        )
    return percentile(seconds, 99)


async def _p99_of_broadcasts(port: int, crowd: Crowd, events: int) -> float:
    seconds: list[float] = []
    async with connect_socket(f"ws://127.0.0.1:{port}/send", compression=None, proxy=None) as sender:
        for _ in range(events):
            seconds += await crowd.listen(lambda: asyncio.ensure_future(sender.send(EVENT)))
    return percentile(seconds, 99)


async def _memory_of_one(pid: int, crowds: list[Crowd], sockets: int) -> float:
    """KiB of the process's own memory that each socket of the second crowd takes."""
    first, second = crowds
    async with _connected(first, BEFORE * sockets):
        await asyncio.sleep(SETTLE_S)
        before = _resident_kib(pid)
        async with _connected(second, sockets):
            await asyncio.sleep(SETTLE_S)
            return (_resident_kib(pid) - before) / sockets


def _resident_kib(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_Dirty:"))


def _displays(bench: Bench) -> Crowd:
    """As our pages do, they say in the address that they have nothing yet."""
    return Crowd(bench.port, f"/ws/halls/{HALL}?since=", token=bench.token, only_events=True)


def _bare_crowd(port: int, greeting: int) -> Crowd:
    return Crowd(port, f"{GREETING}{greeting}")


@asynccontextmanager
async def _connected(crowd: Crowd, sockets: int) -> AsyncIterator[float]:
    """Give the seconds until all were connected and had their first frame; they are gone afterwards."""
    try:
        yield await crowd.connect(sockets)
    finally:
        crowd.close()


BENCHMARKS: Final = (
    Benchmark(
        "fanout",
        "an event at 2,000 displays, p99; beside websockets.broadcast",
        "ms",
        "at most",
        1.5,
        fanout,
        rounds=5,
    ),
    Benchmark(
        "connect",
        "2,000 displays connected, with their snapshot; beside a bare greeting",
        "s",
        "at most",
        1.3,
        connect,
        rounds=3,
    ),
    Benchmark(
        "socket-memory",
        "memory of an idle display's socket; beside websockets' own server",
        "KiB",
        "at most",
        1.5,
        socket_memory,
        rounds=3,
    ),
)
