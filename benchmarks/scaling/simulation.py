"""The busiest seconds of a nation, event by event: halls, processes, Redis shards, PostgreSQL with group commit.

It checks the model: arithmetic says how busy everything is on average, this also says who waits, and how long.
"""

import heapq
import random
from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, count
from statistics import fmean
from typing import Final

from benchmarks.figures import percentile
from benchmarks.scaling.costs import Costs
from benchmarks.scaling.model import ACTS, ORDERS, SEARCHES, US, Demand, hearing, search_s, serving

MS: Final = 1_000
# Of an act's time in its process, the part before Redis is asked; the rest follows when SQL has committed.
BEFORE: Final = 0.5
# Frames, heartbeats and reads come in pieces of this size: longer than one of theirs, much shorter than a search.
PIECE_S: Final = 0.001
ORDER_REQUESTS: Final = 3  # Placed, paid, handed over.


@dataclass(frozen=True, slots=True)
class Setup:
    processes: int
    shards: int
    sql_cores: int
    seconds: float = 10.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds from an act's arrival to its answer; how busy the parts were (1.0: all the time).

    `late_s` is how long after the last arrival the last answer came: it grows with `seconds` when something is
    overrun.
    """

    acts: int
    p50_ms: float
    p99_ms: float
    process: float
    redis: float
    sql: float
    group: float
    late_s: float


class Station:
    """Servers that take what comes in its order. `work` is the time for which they were busy in all."""

    def __init__(self, servers: int = 1) -> None:
        self._free = [0.0] * servers
        self.work = 0.0

    def serve(self, now: float, seconds: float) -> float:
        """The moment at which work that comes now is done."""
        self.work += seconds
        done = max(now, self._free[0]) + seconds
        heapq.heapreplace(self._free, done)
        return done


class Process(Station):
    """A serving process: one event loop, and a ledger with one transaction under way."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[float] = []
        self.committing = False


class Simulation:
    def __init__(self, setup: Setup, demand: Demand, costs: Costs) -> None:
        self._setup, self._demand, self._costs = setup, demand, costs
        self._chance = random.Random(setup.seed)
        self._processes = [Process() for _ in range(setup.processes)]
        self._shards = [Station() for _ in range(setup.shards)]
        self._sql = Station(setup.sql_cores)
        self._halls = list(accumulate(self._chance.lognormvariate(0, demand.sigma) for _ in range(demand.halls)))
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = count()
        self._took: list[float] = []
        self._groups: list[int] = []
        self._now = 0.0

    def run(self) -> Seen:
        self._plan_arrivals()
        while self._events:
            self._now, _, happen = heapq.heappop(self._events)
            happen(self._now)
        seconds = self._setup.seconds
        return Seen(
            acts=len(self._took),
            p50_ms=MS * percentile(self._took, 50),
            p99_ms=MS * percentile(self._took, 99),
            process=fmean(one.work for one in self._processes) / seconds,
            redis=max(one.work for one in self._shards) / seconds,
            sql=self._sql.work / seconds / self._setup.sql_cores,
            group=fmean(self._groups),
            late_s=max(0.0, self._now - seconds),
        )

    def _plan_arrivals(self) -> None:
        """People, searches and the rest come independently of one another, each to any process."""
        demand, costs = self._demand, self._costs
        rest = sum(load.cores for load in serving(demand, costs) if load.name not in {ACTS, ORDERS, SEARCHES})
        rest += len(self._processes) * hearing(demand, costs)
        search = search_s(demand, costs)
        self._arrive(demand.acts, self._act)
        self._arrive(demand.acts * demand.searches, lambda now: self._work(now, search))
        self._arrive(demand.acts * demand.orders, self._order_placed)
        self._arrive(rest / PIECE_S, lambda now: self._work(now, PIECE_S))

    def _arrive(self, rate: float, happen: Callable[[float], None]) -> None:
        at = 0.0
        while rate and (at := at + self._chance.expovariate(rate)) < self._setup.seconds:
            self._at(at, happen)

    def _at(self, moment: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), happen))

    def _work(self, now: float, seconds: float) -> None:
        self._chance.choice(self._processes).serve(now, seconds)

    def _order_placed(self, now: float) -> None:
        """Its requests at once, for the sake of what others wait for them: nobody waits for the whole of it."""
        costs = self._costs
        for _ in range(ORDER_REQUESTS):
            self._work(now, costs.order_service_us * US / ORDER_REQUESTS)
        self._chance.choice(self._shards).serve(now, costs.order_redis_us * US)
        self._sql.serve(now, costs.order_sql_us * US)

    def _act(self, begun: float) -> None:
        """HTTP, then the hall's shard, then the process's ledger."""
        costs, process = self._costs, self._chance.choice(self._processes)
        hall = bisect(self._halls, self._chance.random() * self._halls[-1])
        shard = self._shards[hall % len(self._shards)]
        script = (costs.act_redis_us + len(self._processes) * costs.deliver_us) * US

        def decided(now: float) -> None:
            process.waiting.append(begun)
            if not process.committing:
                self._commit(process, now)

        def asked(now: float) -> None:
            self._at(shard.serve(now, script), decided)

        self._at(process.serve(begun, BEFORE * costs.act_service_us * US), asked)

    def _commit(self, process: Process, now: float) -> None:
        """Everything that waits goes in one transaction; its rows take a core of PostgreSQL's, then the disk."""
        group, process.waiting = process.waiting, []
        process.committing = True
        self._groups.append(len(group))

        def committed(now: float) -> None:
            process.committing = False
            if process.waiting:
                self._commit(process, now)
            for begun in group:
                done = process.serve(now, (1 - BEFORE) * self._costs.act_service_us * US)
                self._took.append(done - begun)

        written = self._sql.serve(now, len(group) * self._costs.act_sql_us * US)
        self._at(written + self._costs.commit_ms / MS, committed)
