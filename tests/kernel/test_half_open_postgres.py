"""Connections to PostgreSQL that went half open are known by their sessions, which are ended; who works is let be."""

import asyncio
from contextlib import nullcontext
from pathlib import Path

import asyncpg
import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError

from o2o.kernel.database import open_database, transaction
from o2o.kernel.half_open_postgres import IDLE
from o2o.kernel.models import Fence
from o2o.kernel.postgres import CONNECTIONS, SESSION
from tests.faults.proxy import before_postgres
from tests.kernel.test_database import TAG, count_up
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgres


def wait_for_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as a busy machine needs to let go of them."""
    monkeypatch.setattr("o2o.kernel.postgres.COMMAND_S", 60)
    for limit in ("lock_timeout", "statement_timeout"):
        monkeypatch.setitem(SESSION, limit, "60s")


@pytest.mark.parametrize("expired", [True, False])
async def test_of_many_connections_that_went_half_open_only_one_is_waited_for(
    mortal_postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expired: bool
) -> None:
    """The control: unless they are all made anew, the next one is waited for too."""
    monkeypatch.setattr("o2o.kernel.postgres.COMMAND_S", 3)
    monkeypatch.setattr("o2o.kernel.postgres.ACQUIRE_S", 30)
    if not expired:
        monkeypatch.setattr(asyncpg.Pool, "expire_connections", lambda _pool: asyncio.sleep(0))
    way, url = before_postgres(mortal_postgres.url("postgres"), tmp_path)

    async def look(client: BaseDBAsyncClient) -> None:
        await client.execute_query("SELECT pg_sleep(0.1)")

    async with way.laid(), open_database(url):
        await asyncio.gather(*(transaction(look) for _ in range(CONNECTIONS)))
        way.swallow()
        with pytest.raises(OperationalError):
            await transaction(look)

        with nullcontext() if expired else pytest.raises(OperationalError):
            await transaction(look)
        way.reset()


@pytest.mark.parametrize("watched", [True, False])
async def test_a_connection_that_went_half_open_is_known_by_its_session_which_is_ended(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watched: bool
) -> None:
    """It has locked the fence. The control: unless its session is looked at, another one waits for the lock in vain."""
    if watched:
        wait_for_locks(monkeypatch)
    else:
        monkeypatch.setattr("o2o.kernel.half_open_postgres.WAITED_S", 60)
    way, url = before_postgres(database, tmp_path)
    locked = asyncio.Event()

    async def work(client: BaseDBAsyncClient) -> None:
        await client.execute_query("SELECT epoch FROM fences FOR UPDATE")
        way.swallow()
        locked.set()
        await client.execute_query("SELECT epoch FROM fences")

    async with way.laid(), open_database(url):
        await Fence.create(tag=TAG, epoch=0)
        swallowed = asyncio.create_task(transaction(work))
        await locked.wait()

        with nullcontext() if watched else pytest.raises(OperationalError):
            await transaction(count_up)  # PostgreSQL lets nobody wait longer than 3 s for a lock.
        with pytest.raises(OperationalError):
            await swallowed
        way.reset()


@pytest.mark.parametrize(("statement", "lost"), [("SELECT 17", True), ("SELECT pg_sleep(2)", False)])
async def test_a_session_that_was_told_half_of_it_is_idle(database: str, statement: str, lost: bool) -> None:
    """PostgreSQL calls it active: asyncpg has a statement parsed, and then says with which values it is meant."""
    asked, asks = await asyncpg.connect(database), await asyncpg.connect(database)
    try:
        prepared = await asked.prepare(statement)
        under_way = None if lost else asyncio.create_task(prepared.fetch())
        await asyncio.sleep(1)

        found = await asks.fetch(IDLE, [asked.get_server_pid()])

        assert [row["pid"] for row in found] == ([asked.get_server_pid()] if lost else [])
        if under_way:
            await under_way
    finally:
        asked.terminate()
        asks.terminate()


async def test_who_was_silent_is_not_asked_to_go(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """asyncpg closes a connection that is given back after its pool was told to make its own anew, and waits for it."""
    monkeypatch.setattr("o2o.kernel.postgres.COMMAND_S", 1)
    monkeypatch.setattr("o2o.kernel.half_open_postgres.WAITED_S", 60)
    asked = []
    close = asyncpg.Connection.close

    async def counted(connection: asyncpg.Connection, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as asyncpg's
        asked.append(connection)
        await close(connection, timeout=timeout)

    way, url = before_postgres(database, tmp_path)
    async with way.laid(), open_database(url) as client:
        await client.execute_query("SELECT 1")
        monkeypatch.setattr(asyncpg.Connection, "close", counted)
        way.swallow()
        silent = asyncio.create_task(client.execute_query("SELECT 17"))
        await asyncio.sleep(0.1)
        await client._pool.expire_connections()

        with pytest.raises(OperationalError):
            await silent
        assert asked == []
        monkeypatch.undo()
        way.reset()


async def test_a_statement_that_takes_its_time_is_let_be(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_locks(monkeypatch)
    locked = asyncio.Event()

    async def work(client: BaseDBAsyncClient) -> None:
        await client.execute_query("SELECT epoch FROM fences FOR UPDATE")
        locked.set()
        await client.execute_query("SELECT pg_sleep(2.5)")

    async with open_database(database) as client:
        await Fence.create(tag=TAG, epoch=0)
        slowly = asyncio.create_task(transaction(work))
        await locked.wait()
        await asyncio.gather(transaction(count_up), client.execute_query("SELECT pg_sleep(2)"), slowly)

        assert (await Fence.get(tag=TAG)).epoch == 1
