"""Connections to Redis that carry nothing any more, found out by asking over a new one.

Redis does one thing after the other. While a new connection is answered and an older one still waits, the older one's
answer is lost: a firewall forgot the connection, or a host was cut off and is back. Nobody needs to wait for the whole
time limit then, nor for one limit after the other, a connection each (docs/decisions/0071).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any, Final
from weakref import WeakSet

from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from o2o.kernel.background import background

LOOK_S: Final = 0.25
WAITED_S: Final = 1.0
ANSWER_S: Final = 1.0
AWAY: Final = (RedisError, OSError, TimeoutError)

log = logging.getLogger(__name__)


class Watch:
    """Looks after `pools`, whose connections say since when they wait for a reply (o2o/kernel/packing.py)."""

    def __init__(self) -> None:
        self.pools: WeakSet[ConnectionPool] = WeakSet()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with background(self._watch()):
            yield

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for pool in list(self.pools):
                if waiting_since(pool, monotonic() - WAITED_S):
                    await self._look_into(pool)

    async def _look_into(self, pool: ConnectionPool) -> None:
        asked_at = monotonic()
        if not await _answers(pool):
            return  # It is the server that is silent, or busy: the usual limit holds.
        lost = waiting_since(pool, asked_at - WAITED_S)
        if not lost:
            return
        log.warning("redis_half_open", extra={"connections": len(lost)})
        for connection in lost:
            if connection.is_connected:
                connection._writer.transport.abort()  # noqa: SLF001 - who waits there must hear it, and disconnect
        await leave(self.pools, in_use=False)


async def leave(pools: Iterable[ConnectionPool], *, in_use: bool = True) -> None:
    """Close the connections of all pools; whoever does not say goodbye (TLS waits for it) is left all the same."""
    closing = [pool.disconnect(inuse_connections=in_use) for pool in list(pools)]
    await asyncio.gather(*closing, return_exceptions=True)


def waiting_since(pool: ConnectionPool, moment: float) -> list[Any]:
    """Connections that were asked something before the moment, and have not answered it."""
    used: Any = pool._in_use_connections  # noqa: SLF001 - redis-py says it nowhere else
    return [one for one in used if one.asked_at < moment]


async def _answers(pool: ConnectionPool) -> bool:
    """Whether the server answers a connection that is new."""
    fresh: Any = pool.make_connection()  # type: ignore[no-untyped-call]
    try:
        async with asyncio.timeout(ANSWER_S):
            await fresh.connect()
            await fresh.send_command("PING")
            return bool(await fresh.read_response())
    except AWAY:
        return False
    finally:
        with suppress(*AWAY):
            await fresh.disconnect(nowait=True)
