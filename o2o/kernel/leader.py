"""Which of the processes over one Redis does what time brings.

One leads; the others ask every second, and one of them leads within seconds of the leader's death. `o2o worker` goes
before processes that serve: where one runs, they need not. Nothing rests on there being one only: jobs may run twice.
While Redis is away nobody leads, and there is nothing to do either.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from prometheus_client import Gauge
from redis.asyncio import Redis
from redis.exceptions import RedisError

from o2o.kernel.background import background
from o2o.kernel.scripts import Script

KEYS: Final = ("{o2o:time}:leader", "{o2o:time}:worker")
LASTS_S: Final = 5.0
PULSE_S: Final = 1.0

log = logging.getLogger(__name__)
_leads = Gauge("o2o_leads", "1 for the process that does what time brings", multiprocess_mode="livesum")
_LEAD: Final = Script(Path(__file__).parent / "lua" / "lead.lua")


class Leadership:
    """This process's part in it. `worker`: it is an `o2o worker`."""

    def __init__(self, redis: Redis, *, worker: bool) -> None:
        self._redis = redis
        self._worker = worker
        self._me = secrets.token_hex(8)
        self._until = 0.0

    @property
    def leads(self) -> bool:
        """Judged by this machine's own seconds: one that was frozen has lost the lead before it can run another job."""
        return time.monotonic() < self._until

    async def seek(self) -> bool:
        """Take the lead if it is free, keep it if it is ours."""
        led, asked = self.leads, time.monotonic()
        try:
            leads = await self._ask(int(LASTS_S * 1000))
        except (RedisError, OSError):
            leads = False
        self._until = asked + LASTS_S if leads else 0.0
        if leads is not led:
            log.info("lead_taken" if leads else "lead_lost", extra={"worker": self._worker})
        _leads.set(leads)
        return leads

    async def give_up(self) -> None:
        """Let another process lead at once. One whose lead has run out meanwhile says so too."""
        if self._until:
            log.info("lead_lost", extra={"worker": self._worker})
        self._until = 0.0
        with suppress(RedisError, OSError):
            await self._ask(0)

    async def _ask(self, lasts_ms: int) -> bool:
        return bool(await _LEAD(self._redis, KEYS, [self._me, "1" if self._worker else "", lasts_ms]))


async def somebody_leads(redis: Redis) -> bool:
    """Whether one has led within the last seconds. Raises RedisError."""
    return bool(await redis.exists(KEYS[0]))


@asynccontextmanager
async def standing_by(redis: Redis, *, worker: bool) -> AsyncIterator[Leadership]:
    """While the block runs, this process leads, or is ready to."""
    leadership = Leadership(redis, worker=worker)
    await leadership.seek()
    try:
        async with background(_keep_seeking(leadership)):
            yield leadership
    finally:
        await leadership.give_up()


async def _keep_seeking(leadership: Leadership) -> None:
    while True:
        await asyncio.sleep(PULSE_S)
        await leadership.seek()
