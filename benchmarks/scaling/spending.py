"""CPU time of the parts, as the kernel counts it: other work on the machine makes it slower, not dearer."""

import os
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of CPU in so many `seconds`."""

    service: float
    redis: float
    sql: float
    seconds: float

    def beyond(self, idle: "Spent") -> "Spent":
        """What is left when what an idle service spends in that time is taken off."""
        share = self.seconds / idle.seconds
        return Spent(
            self.service - idle.service * share, self.redis - idle.redis * share, self.sql - idle.sql * share, 0
        )


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
        redis = sum(_cpu(child) for child in _children(self.service))
        sql = sum(_cpu(process) for process in (self.postgres, *_children(self.postgres)))
        return _cpu(self.service), redis, sql


def resident_kib(pid: int) -> int:
    """The process's own memory that is in use."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_Dirty:"))


def _cpu(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = 11, 12
    return (int(after_name[user]) + int(after_name[system])) / TICKS


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
