"""Days gone by, moved out of the tables that every change writes to, so that those stay as small as a month is.

What is moved is found as before: by a ticket's page, in the history, in every backup. What a rebuild reads never moves
(docs/decisions/0042-move-old-days-out-of-the-live-tables.md).
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.models import Model

from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.database import connection, is_postgres, transaction
from o2o.kernel.models import ArchivedEvent, Event
from o2o.kernel.statements import marks, move_rows

CHUNK: Final = 1_000
"""Rows at most in a second: one transaction of some 50 ms, for which SQLite's other writers wait; 86 million a day."""
AT_REST: Final = 10
"""So many chunks a second while hardly anybody is served, by night."""
LOOK_S: Final = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A live table and its archive, with the same columns.

    `due` gives each `owner` (a tag, a hall) that has rows to move; `chosen` the ids of `most` of them, oldest first.
    Both take `before`, which `before` makes of a moment.
    """

    live: type[Model]
    archive: type[Model]
    due: str
    chosen: str
    before: Callable[[datetime], int | str]


EVENTS: Final = Shelf(
    Event,
    ArchivedEvent,
    due="""
        SELECT tag AS owner FROM fences
        WHERE (SELECT MIN(at) FROM events WHERE events.tag = fences.tag) < {before}
          AND (SELECT MIN(at) FROM events WHERE events.tag = fences.tag)
            < (SELECT MAX(at) FROM events WHERE events.tag = fences.tag)
    """,
    # The newest of all stays: a rebuild reads the highest version from it.
    chosen="""
        SELECT id FROM events WHERE tag = {owner} AND at < {before}
           AND id <> (SELECT id FROM events WHERE tag = {owner} ORDER BY epoch DESC, version DESC LIMIT 1)
         ORDER BY at LIMIT {most}
    """,
    before=to_ms,
)


class Archive:
    """Moves what is older than `days`, a chunk a step. That a step broke off, or two ran at once, harms nothing.

    While the line `rests`, a step moves more.
    """

    def __init__(self, shelves: Sequence[Shelf], days: int, clock: Clock, rests: Callable[[], Awaitable[bool]]) -> None:
        self._shelves = shelves
        self._days = days
        self._clock = clock
        self._rests = rests
        self._due: list[tuple[Shelf, str]] = []
        self._look_at = 0.0
        self._moved = 0

    async def step(self) -> None:
        """Move one chunk, several by night. Once an hour, and when it is new, look for what has grown old."""
        before = self._clock() - timedelta(days=self._days)
        if not self._due and self._days and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_S
            self._due = [(shelf, owner) for shelf in self._shelves for owner in await due(shelf, before)]
        for _chunk in range(AT_REST):
            await self._move_a_chunk(before)
            if not self._due or not await self._rests():
                break
        if self._moved and not self._due:
            log.info("days_archived", extra={"rows": self._moved})
            self._moved = 0

    async def _move_a_chunk(self, before: datetime) -> None:
        left = CHUNK
        while self._due and left > 0:
            shelf, owner = self._due[-1]
            moved = await move(shelf, owner, before, left)
            self._moved += moved
            left -= max(moved, 1)
            if left > 0:
                self._due.pop()


async def due(shelf: Shelf, before: datetime) -> list[str]:
    """Whose rows of before that moment are to be moved."""
    statement, arguments = marks(connection(), shelf.due, {"before": shelf.before(before)})
    return [row["owner"] for row in await connection().execute_query_dict(statement, arguments)]


async def move(shelf: Shelf, owner: str, before: datetime, most: int) -> int:
    """Move the oldest rows in one transaction; how many. A crash before its commit leaves them where they were."""

    async def work(client: BaseDBAsyncClient) -> int:
        values = {"owner": owner, "before": shelf.before(before), "most": most}
        statement, arguments = marks(client, shelf.chosen, values)
        # Locked, so that whoever moves the same rows at the same time waits, and then finds them gone.
        lock = " FOR UPDATE" if is_postgres(client) else ""
        ids = [row["id"] for row in await client.execute_query_dict(statement + lock, arguments)]
        if ids:
            columns = tuple(shelf.live._meta.fields_db_projection.values())
            await move_rows(client, (shelf.live._meta.db_table, shelf.archive._meta.db_table), columns, ids)
        return len(ids)

    return await transaction(work)
