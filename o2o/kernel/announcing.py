"""Announcing what a desk has committed, without keeping the answers waiting."""

import asyncio
import logging
from typing import Any, Final, NamedTuple

from redis.exceptions import RedisError

from o2o.kernel.deciding import Store

ANNOUNCED_S: Final = 1.0  # A page is shown a moment old rather than not at all.

log = logging.getLogger(__name__)


class Upto(NamedTuple):
    """Everything up to this version of this epoch."""

    epoch: int
    version: int


class Announcer:
    """One announcement of a tag at a time, each up to what was committed when it began."""

    def __init__(self, store: Store[Any]) -> None:
        self._store = store
        self._wanted: Upto | None = None
        self.running: asyncio.Task[None] | None = None

    def soon(self, upto: Upto) -> None:
        self._wanted = upto
        if self.running is None:
            self.running = asyncio.create_task(self._run())

    async def done(self) -> None:
        """Wait until what was committed here is announced, for a moment at most: who has done something looks at it."""
        if self.running:
            await asyncio.wait({self.running}, timeout=ANNOUNCED_S)

    async def _run(self) -> None:
        try:
            announced: Upto | None = None
            while announced != self._wanted and self._wanted:
                announced = self._wanted
                await self._store.announce(*announced)
        except (RedisError, OSError) as error:  # The next batch or the worker's sweep announces it.
            log.warning("announcement_failed", extra={"tag": self._store.tag, "error": repr(error)})
        finally:
            self.running = None
