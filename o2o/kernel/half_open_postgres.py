"""Connections to PostgreSQL that carry nothing any more, found out by asking over a new one what their sessions do.

A statement may take its time, and a lock too: then its session is active. One that has been idle for a while, as
PostgreSQL sees it, although its statement is waited for here, has not heard it, or its answer is lost
(docs/decisions/0071). One that has been told what to do and not to do it is active, and waits for its client. It is
ended there as well: it may hold a hall's fence.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Final

import asyncpg

from o2o.kernel.background import end

LOOK_S: Final = 0.25
WAITED_S: Final = 1.0
ANSWER_S: Final = 2.0
IDLE: Final = """
    SELECT pid FROM pg_stat_activity
    WHERE pid = ANY($1::int[]) AND (state <> 'active' OR wait_event = 'ClientRead')
      AND state_change < clock_timestamp() - interval '500 ms'
"""
AWAY: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)

log = logging.getLogger(__name__)


class Watch:
    """`connect` makes a connection beside the pool's; `expire` has the pool make its own anew."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], expire: Callable[[], Awaitable[None]]) -> None:
        self._connect = connect
        self._expire = expire
        self._waiting: dict[Any, float] = {}
        self._watching: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._watching = asyncio.create_task(self._watch())

    async def end(self) -> None:
        await end([self._watching])

    @contextmanager
    def asking(self, connection: Any) -> Iterator[None]:
        """While the block runs, the connection's answer is waited for."""
        self._waiting[connection] = monotonic()
        try:
            yield
        finally:
            self._waiting.pop(connection, None)

    def _since(self, moment: float) -> dict[Any, float]:
        return {connection: since for connection, since in self._waiting.items() if since < moment}

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if waiting := self._since(monotonic() - WAITED_S):
                with suppress(*AWAY):  # It is PostgreSQL that is silent, or away: the usual limits hold.
                    async with asyncio.timeout(ANSWER_S):
                        await self._look_into(waiting)

    async def _look_into(self, waiting: dict[Any, float]) -> None:
        sessions = {connection.get_server_pid(): connection for connection in waiting}
        fresh = await self._connect()
        try:
            idle = {row["pid"] for row in await fresh.fetch(IDLE, list(sessions))}
            lost = {pid: one for pid, one in sessions.items() if pid in idle and self._waits(one, waiting[one])}
            if lost:
                log.warning("sql_half_open", extra={"connections": len(lost)})
                await self._expire()
                for connection in lost.values():
                    connection.terminate()
                await fresh.fetch("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", list(lost))
        finally:
            fresh.terminate()

    def _waits(self, connection: Any, since: float) -> bool:
        """Whether it is the same statement still."""
        return self._waiting.get(connection) == since
