"""Brings what was committed home from SQLite's log into its file, beside the commits.

SQLite itself does so within a commit, when the log has grown long enough: whoever waits for that commit waits 25 ms and
more, and who comes meanwhile waits behind it (docs/decisions/0088).
"""

import asyncio
import contextlib
import logging
import sqlite3
from typing import Final

PAUSE_S: Final = 0.5

log = logging.getLogger(__name__)


class Homecoming:
    """A moment after a commit, what is in the log by then goes home; nobody waits for it.

    It reads and writes beside readers and writers, as far as they let it: what is left goes next time, at the latest
    within a commit (`wal_autocheckpoint`). Once all is at home SQLite begins its log anew, and so it stays short.
    """

    def __init__(self, database: str) -> None:
        self._database = database
        self._running: asyncio.Task[None] | None = None

    def soon(self) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        try:
            await asyncio.sleep(PAUSE_S)
            await asyncio.to_thread(bring_home, self._database)
        except sqlite3.Error as error:  # A full disk, say: the next commit tells who waits for it.
            log.warning("log_not_brought_home", extra={"error": str(error)})
        finally:
            self._running = None


def bring_home(database: str) -> None:
    """Once, as far as it goes without waiting. Raises sqlite3.Error."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as aside:
        aside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
