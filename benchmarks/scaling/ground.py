"""What all measuring of costs stands on: a service over PostgreSQL, and halls like a nation's: many, and quiet."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import asyncpg
from redis.asyncio import Redis

from benchmarks.bench import Bench
from benchmarks.load import Script, play
from benchmarks.scaling.spending import Parts, Spent, lowest
from halls.demo import DEMO_HALLS

HALLS: Final = 300
ALL_HALLS: Final = HALLS + 1 + len(DEMO_HALLS)  # One is crowded.
ROUNDS: Final = 2
CLIENTS: Final = 8  # So many requests are under way in a process that is about half busy.
LOAD_S: Final = 2.0
REST_S: Final = 3.0
SETTLE_S: Final = 1.0


@dataclass(slots=True)
class Ground:
    """`idle` is what the service spends when nobody asks for anything, with the halls and sockets it has then."""

    bench: Bench
    parts: Parts
    database: asyncpg.Connection
    redis: Redis
    idle: Spent = field(default_factory=lambda: Spent(0, 0, 0, 1))
    halls: list[str] = field(default_factory=lambda: [f"bench-{n}" for n in range(HALLS)])

    async def open_halls(self) -> None:
        for hall in self.halls:
            await self.bench.make_hall(hall)
        await self.bench.post_all([f"/api/v1/counters/{hall}-1/opening" for hall in self.halls])

    async def rest(self, seconds: float = REST_S) -> None:
        """See what an idle service spends."""
        await asyncio.sleep(SETTLE_S)
        self.idle = await lowest(ROUNDS, lambda: self.parts.during(asyncio.sleep(seconds)))

    async def load(self, scripts: list[Script]) -> tuple[Spent, int]:
        """What the answers cost in all, without what the service spends anyway, and how many there were."""
        answers = 0

        async def playing() -> None:
            nonlocal answers
            answers = (await play(self.bench.port, scripts)).answers

        return (await self.parts.during(playing())).beyond(self.idle), answers

    async def written(self) -> tuple[int, int]:
        """Bytes of log, and bytes of tables and indexes."""
        row = await self.database.fetchrow("SELECT pg_current_wal_lsn() - '0/0', pg_database_size(current_database())")
        return int(row[0]), int(row[1])

    async def events_there(self) -> int:
        return int(await self.database.fetchval("SELECT count(*) FROM events"))
