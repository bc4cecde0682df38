"""Which halls the job `settle` looks at: those in which something happened, and each in its turn."""

import time
from collections.abc import Callable, Collection
from typing import Final

from redis.asyncio import Redis

from halls.hall import Hall
from o2o.kernel.redis import incarnations
from o2o.kernel.touched import Touched

TURN_S: Final = 60  # Each hall is looked at so often, whatever is known of it.
GAP_S: Final = 5.0  # Who has not looked for longer has not led meanwhile, and another may have died.


class Rounds:
    """One process's. All halls at once when it begins, and when another Redis has the halls than a second ago."""

    def __init__(self, touched: Touched, seconds: Callable[[], float] = time.monotonic) -> None:
        self._touched = touched
        self._seconds = seconds
        self._servers: frozenset[str] = frozenset()
        self._open: set[str] = set()
        self._next = 0
        self._looked_at = float("-inf")

    async def to_look_at(self, client: Redis, halls: Collection[Hall]) -> list[Hall]:
        """The halls to look at now, and again each time until they are `settled`. Raises RedisError."""
        before, self._servers = self._servers, frozenset()  # Of a reply that is lost nothing is known.
        servers = await incarnations(client)
        quiet = await self._touched.take(client)
        went_on = self._seconds() - self._looked_at < GAP_S
        if quiet.kept and servers == before and went_on:
            self._open.update(tag.partition(":")[2] for tag in quiet.tags)
            self._open.update(self._turn([hall.id for hall in halls]))
        else:
            self._open.update(hall.id for hall in halls)
        self._servers = servers
        return [hall for hall in halls if hall.id in self._open]

    def settled(self, hall: Hall) -> None:
        """Nothing waits in this hall."""
        self._open.discard(hall.id)

    def looked(self) -> None:
        """This round is done."""
        self._looked_at = self._seconds()

    def _turn(self, ids: list[str]) -> list[str]:
        """The next share of all halls, so that each has its turn in a minute."""
        share = -(-len(ids) // TURN_S)
        begin = self._next if self._next < len(ids) else 0
        self._next = begin + share
        return ids[begin : self._next]
