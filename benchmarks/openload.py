"""A load that does not wait for answers: requests are due when they are due, as people come when they come.

Latency counts from the moment a request was due, also while it waits for a free connection, so that a service that
stalls can't hide it by holding up the load.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator
from time import perf_counter, sleep

from benchmarks.load import Connection, connect, first_broken


async def latencies(port: int, make: Callable[[], bytes], moments: list[float], connections: int) -> list[float]:
    """Send a request at each of `moments` (seconds from now, rising); return the seconds that each answer took."""
    load = _OpenLoad([await connect(port) for _ in range(connections)], make, len(moments))
    try:
        return await load.run(moments)
    finally:
        load.close()


def arrivals(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Moments of people who come independently of one another, `rate` a second on average."""
    chance, at = random.Random(seed), 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        yield at


class _OpenLoad:
    def __init__(self, connections: list[Connection], make: Callable[[], bytes], expected: int) -> None:
        self._all, self._make, self._expected = connections, make, expected
        self._free = list(connections)
        self._due: deque[float] = deque()
        self._took: list[float] = []
        self._done = asyncio.Event()

    async def run(self, moments: list[float]) -> list[float]:
        # A thread, since the loop's own timers are only good to a millisecond.
        feeder = asyncio.create_task(asyncio.to_thread(self._feed, moments, asyncio.get_running_loop()))
        await first_broken(asyncio.create_task(self._done.wait()), self._all)
        await feeder
        return self._took

    def close(self) -> None:
        for connection in self._all:
            connection.close()

    def _feed(self, moments: list[float], loop: asyncio.AbstractEventLoop) -> None:
        begun = perf_counter()
        for moment in moments:
            due = begun + moment
            if (early := due - perf_counter()) > 0:
                sleep(early)
            loop.call_soon_threadsafe(self._send, due)

    def _send(self, due: float) -> None:
        if not self._free:
            self._due.append(due)
            return
        connection = self._free.pop()

        def answered(_body: bytes) -> None:
            self._took.append(perf_counter() - due)
            self._free.append(connection)
            if self._due:
                self._send(self._due.popleft())
            elif len(self._took) == self._expected:
                self._done.set()

        connection.ask(self._make(), answered)
