"""CPU time of the parts, as the kernel counts it: other work on the machine makes it slower, hardly dearer."""

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
US: Final = 1_000_000
_SCHEDULED: Final = 2  # The clock of what a process has been given, in nanoseconds (CPUCLOCK_SCHED).


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of CPU in so many `seconds`."""

    service: float
    redis: float
    sql: float
    seconds: float

    def beyond(self, idle: "Spent") -> "Spent":
        """What is left when what an idle service spends in that time is taken off; nothing is below nothing."""
        share = self.seconds / idle.seconds
        return Spent(
            max(0.0, self.service - idle.service * share),
            max(0.0, self.redis - idle.redis * share),
            max(0.0, self.sql - idle.sql * share),
            self.seconds,
        )

    def each(self, times: float) -> "Spent":
        return Spent(self.service / times, self.redis / times, self.sql / times, self.seconds / times)


def cheapest(rounds: Sequence[Spent]) -> Spent:
    """The least that each part spent: whoever else uses the machine only ever adds (caches, shared cores)."""
    return Spent(*(min(getattr(one, name) for one in rounds) for name in ("service", "redis", "sql", "seconds")))


async def lowest(times: int, one: Callable[[], Awaitable[Spent]]) -> Spent:
    """So many rounds, and what the cheapest of them spent."""
    return cheapest([await one() for _ in range(times)])


@dataclass(frozen=True, slots=True)
class Parts:
    """The service's process, with the Redis that is its child, and PostgreSQL's first process."""

    service: int
    postgres: int

    async def during(self, work: Awaitable[object]) -> Spent:
        before, begun = self._now(), perf_counter()
        await work
        seconds = perf_counter() - begun
        service, redis, sql = (after - earlier for earlier, after in zip(before, self._now(), strict=True))
        return Spent(service, redis, sql, seconds)

    def _now(self) -> tuple[float, float, float]:
        redis = sum(cpu_s(child) for child in _children(self.service))
        sql = sum(cpu_s(process) for process in (self.postgres, *_children(self.postgres)))
        return cpu_s(self.service), redis, sql + _ended_s(self.postgres)


def cpu_s(pid: int) -> float:
    """Seconds of CPU that all threads of a process have had, also those that have ended."""
    return time.clock_gettime(~pid << 3 | _SCHEDULED)


def resident_kib(pid: int) -> int:
    """The process's own memory that is in use."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_Dirty:"))


def _ended_s(pid: int) -> float:
    """Of children that are no more, so that the sum never falls when one of them ends."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = 13, 14
    return (int(after_name[user]) + int(after_name[system])) / TICKS


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
