"""How often codes are scanned: counted in memory, added to SQL every few seconds.

Nobody who scans waits for a count or is refused for one (it fails open): counting touches neither Redis nor SQL. What a
process had not written yet when it was killed is lost, some seconds of scans.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.background import background
from o2o.kernel.database import transaction
from o2o.kernel.statements import add_up
from qr.states import Agent, Source

WRITE_S: Final = 10.0
KEY: Final = ("code", "day", "source", "agent")
COLUMNS: Final = (*KEY, "hall", "count")

log = logging.getLogger(__name__)


class Scan(NamedTuple):
    """One scan of a printed code; `code` is the id of its row, `day` the hall's own."""

    code: str
    day: date
    source: Source
    agent: Agent
    hall: str


class Scans:
    """This process's count since it last wrote."""

    def __init__(self) -> None:
        self._counted: Counter[Scan] = Counter()

    def count(self, scan: Scan) -> None:
        self._counted[scan] += 1

    async def write(self) -> None:
        """Add what was counted to SQL; while SQL is away it is kept."""
        counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            await transaction(lambda client: _add(client, counted))
        except Exception:
            log.exception("scans_not_written")
            self._counted.update(counted)


@asynccontextmanager
async def open_scans() -> AsyncIterator[Scans]:
    """A count that is written every few seconds while the block runs, and at its end."""
    scans = Scans()
    try:
        async with background(_keep_writing(scans)):
            yield scans
    finally:
        await scans.write()


async def _keep_writing(scans: Scans) -> None:
    while True:
        await asyncio.sleep(WRITE_S)
        await scans.write()


async def _add(client: BaseDBAsyncClient, counted: Counter[Scan]) -> None:
    # In one order in every process, so that no two wait for each other's rows.
    rows = [
        (scan.code, scan.day.isoformat(), scan.source.value, scan.agent.value, scan.hall, count)
        for scan, count in sorted(counted.items())
    ]
    await add_up(client, "scans", KEY, COLUMNS, rows)
