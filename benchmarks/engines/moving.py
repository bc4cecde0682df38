"""The archive job: how fast it could move, and what it costs who comes while it moves as fast as it may."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from tempfile import NamedTemporaryFile
from time import monotonic, perf_counter
from typing import Final

from benchmarks.engines.pasts import Pair
from benchmarks.past import LIVE_DAYS
from booking.archive import TICKETS
from o2o.kernel.archive import CHUNK, EVENTS, Shelf, due, move
from o2o.kernel.claim import embedded_url
from o2o.kernel.clock import system_clock, to_ms
from o2o.kernel.database import connection, open_database

PACE_S: Final = 3.0
LEADS_WITHIN_S: Final = 30.0
LOOKED_S: Final = 2.0
_LEFT: Final = "SELECT count(*) AS rows FROM events WHERE at < "


async def paces(pair: Pair) -> tuple[float, float]:
    """Tickets and events that one process moves in a second when nobody else wants anything."""
    async with open_database(pair.url):
        return await _pace(TICKETS), await _pace(EVENTS)


async def _pace(shelf: Shelf) -> float:
    before, moved, begun = _before(), 0, perf_counter()
    for owner in await due(shelf, before):
        while perf_counter() - begun < PACE_S and (rows := await move(shelf, owner, before, CHUNK)):
            moved += rows
    return moved / (perf_counter() - begun)


@asynccontextmanager
async def worker(pair: Pair, days: int) -> AsyncIterator[None]:
    """While the block runs, an `o2o worker` does what time brings, and moves what is older than so many days."""
    redis = embedded_url(pair.full.service.data)
    assert redis, "the service has no embedded Redis"
    settings = {
        "O2O_DATA_DIR": str(pair.full.service.data),
        "O2O_DATABASE_URL": pair.url,
        "O2O_REDIS_URL": redis,
        "O2O_ARCHIVE_DAYS": str(days),
    }
    with NamedTemporaryFile(prefix="o2o-worker-") as log:
        command = (sys.executable, "-m", "o2o.cli", "worker")
        process = await asyncio.create_subprocess_exec(*command, env=os.environ | settings, stderr=log)
        try:
            await _until_it_leads(log.name)
            yield
        finally:
            process.terminate()
            await process.wait()


async def left(pair: Pair) -> int:
    """Events that wait to be moved."""
    async with open_database(pair.url):
        (row,) = await connection().execute_query_dict(f"{_LEFT}{to_ms(_before())}")
        return int(row["rows"])


async def _until_it_leads(log: str) -> None:
    deadline = monotonic() + LEADS_WITHIN_S
    while "lead_taken" not in await asyncio.to_thread(_said, log):
        assert monotonic() < deadline, "the worker does not lead"
        await asyncio.sleep(LOOKED_S / 10)
    await asyncio.sleep(LOOKED_S)  # It looks first for what there is to move.


def _said(log: str) -> str:
    with open(log) as lines:  # noqa: PTH123 - a name, which only this reads
        return lines.read()


def _before() -> datetime:
    return system_clock() - timedelta(days=LIVE_DAYS)
