"""What a year costs whoever comes today, in turns with a service in which nobody came before today."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any, Final

import asyncpg

from benchmarks.bench import Bench, taking
from benchmarks.engines import moving, pasts, upkeep
from benchmarks.engines.page import Table
from benchmarks.engines.pasts import Pair
from benchmarks.engines.timing import asked, called
from benchmarks.load import get
from benchmarks.past import DAYS, HALL, LIVE_DAYS, rebuilt
from benchmarks.sizes import Sizes
from o2o.kernel.database import connection, open_database

ROUNDS: Final = 5
OLD: Final = 500
GB: Final = 1e9
EVENTS_OF: Final = f"/api/v1/halls/{HALL}/events"
Measured = tuple[float, float]
"""Answers a second and p99 in ms; of what has no rate, seconds and nothing."""
HEADS: Final = ["", "with", "without", "ratio", "rounds"]


class History:
    """`days` back an old ticket lies: in the archive, as all old ones but those of the last weeks."""

    def __init__(self, pair: Pair, sizes: Sizes, advance: Callable[[], None]) -> None:
        self._pair, self._sizes, self._advance = pair, sizes, advance
        self._rounds = sizes.rounds or ROUNDS
        self._tickets: dict[int, list[dict[str, Any]]] = {}

    async def table(self) -> Table:
        """The live path with the year and without it; then with old days being moved and not."""
        rows = [["in SQL, GB", f"{await self._gigabytes():.1f}", "", "", ""]]
        for bench in self._pair.both:
            self._tickets[bench.port] = await bench.take_numbers(HALL, self._sizes.tickets)
        rows += await self._beside_empty()
        rows += await self._moving()
        return Table(HEADS, rows)

    async def _beside_empty(self) -> list[list[str]]:
        old = await self._old_tickets()
        seen: dict[str, list[tuple[Measured, Measured]]] = {name: [] for name in self._measures(self._pair.full, old)}
        for number in range(self._rounds + 1):
            for name, rounds in seen.items():
                empty = await self._measures(self._pair.empty, [])[name]()
                full = await self._measures(self._pair.full, old)[name]()
                if number:  # The first is for warming up.
                    rounds.append((full, empty))
            self._advance()
        return [row(name, rounds) for name, rounds in seen.items()]

    def _measures(self, bench: Bench, old: list[str]) -> Mapping[str, Callable[[], Awaitable[Measured]]]:
        """`old` tickets are looked for; where there are none, today's."""
        tickets = self._tickets[bench.port]
        ids = old or [ticket["id"] for ticket in tickets]
        own = [get(f"/api/v1/tickets/{ticket['id']}", ticket["token"]) for ticket in tickets]
        staff = [get(f"/api/v1/tickets/{one}", bench.token) for one in ids]
        events = [get(f"{EVENTS_OF}?ticket={one}", bench.token) for one in ids]
        return {
            "today's tickets read": partial(self._asked, bench, own),
            "numbers given": partial(self._numbers, bench),
            "calls of the counters": partial(self._calls, bench),
            "an old ticket read; today's": partial(self._asked, bench, staff),
            "what was done to an old ticket; to today's": partial(self._asked, bench, events),
            "what was done last in the hall": partial(self._asked, bench, [get(EVENTS_OF, bench.token)]),
            "Redis loses the hall, until its next number": partial(_rebuilt, bench, self._sizes),
        }

    async def _moving(self) -> list[list[str]]:
        tickets, events = await moving.paces(self._pair)
        rows = [["tickets moved by the job when it may, a second", f"{tickets:,.0f}", "", "", ""]]
        rows += [["events moved by the job when it may, a second", f"{events:,.0f}", "", "", ""]]
        names = ("today's tickets read", "numbers given", "calls of the counters")
        seen: dict[str, list[tuple[Measured, Measured]]] = {name: [] for name in names}
        moved = 0
        for _ in range(self._rounds):
            async with moving.worker(self._pair, 0):
                still = {name: await self._measures(self._pair.full, [])[name]() for name in names}
            before = await moving.left(self._pair)
            async with moving.worker(self._pair, LIVE_DAYS):
                for name in names:
                    seen[name].append((await self._measures(self._pair.full, [])[name](), still[name]))
            moved += before - await moving.left(self._pair)
            self._advance()
        rows += [["events moved in these rounds", f"{moved:,}", "", "", ""]]
        return rows + [row(f"{name} while it moves; while not", rounds) for name, rounds in seen.items()]

    async def _asked(self, bench: Bench, requests: list[bytes]) -> Measured:
        each = cycle(requests)
        seen = await asked(bench, lambda: next(each), self._sizes.connections, self._sizes.round_s)
        return seen.per_second, seen.p99_ms

    async def _numbers(self, bench: Bench) -> Measured:
        seen = await asked(bench, taking(HALL), self._sizes.connections, self._sizes.round_s)
        return seen.per_second, seen.p99_ms

    async def _calls(self, bench: Bench) -> Measured:
        counters = [f"{HALL}-{n}" for n in range(1, self._sizes.counters + 1)]
        seen = await called(bench, counters, self._sizes.round_s)
        return seen.per_second, seen.p99_ms

    async def _old_tickets(self) -> list[str]:
        """Of the hall, from all over its archive."""
        async with open_database(self._pair.url):
            rows = await connection().execute_query_dict(
                f"SELECT id FROM archived_tickets WHERE hall = '{HALL}' AND serial < {10 * OLD // DAYS + 10}"
            )
        return [row["id"] for row in rows[:: max(len(rows) // OLD, 1)]]

    async def _gigabytes(self) -> float:
        if self._pair.url.startswith("sqlite:"):
            return await asyncio.to_thread(_size, self._pair.url.removeprefix("sqlite://")) / GB
        client = await asyncpg.connect(self._pair.url)
        try:
            return float(await client.fetchval("SELECT pg_database_size(current_database())")) / GB
        finally:
            await client.close()


def _size(path: str) -> int:
    return Path(path).stat().st_size


def row(name: str, rounds: list[tuple[Measured, Measured]]) -> list[str]:
    """Medians, their ratio, and the lowest and highest round's."""
    (with_, _), (without, _) = (_medians([one[side] for one in rounds]) for side in (0, 1))
    shown = [_shown(_medians([one[side] for one in rounds])) for side in (0, 1)]
    ratios = sorted(one[0] / other[0] for one, other in rounds)
    return [name, *shown, f"{with_ / without:.2f}", f"{ratios[0]:.2f} to {ratios[-1]:.2f}"]


def _medians(side: list[Measured]) -> Measured:
    return median(rate for rate, _ in side), median(p99 for _, p99 in side)


def _shown(measured: Measured) -> str:
    rate, p99 = measured
    return f"{rate:,.0f}/s, {p99:,.0f} ms" if p99 else f"{rate:.2f} s"


async def _rebuilt(bench: Bench, sizes: Sizes) -> Measured:
    return await rebuilt(bench, sizes), 0


def steps(sizes: Sizes) -> int:
    return 2 * (sizes.rounds or ROUNDS) + 1


async def measure_postgres(sizes: Sizes, advance: Callable[[], None]) -> Table:
    async with pasts.postgres(sizes) as pair:
        return await History(pair, sizes, advance).table()


async def measure_sqlite(sizes: Sizes, advance: Callable[[], None]) -> Table:
    """As for PostgreSQL; then what a backup and a VACUUM of the file take."""
    async with pasts.sqlite(sizes) as pair:
        table = await History(pair, sizes, advance).table()
        return Table(table.heads, [*table.rows, *await upkeep.measure(pair, sizes)])
