"""What Tortoise's SQLite backend does wrong, and ours does not."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction  # noqa: TID251 - the control is what is forbidden

from o2o.kernel.database import at_once, open_database, transaction
from o2o.kernel.models import Fence
from tests.kernel.test_database import TAG, Work, cancel_at_random, count_up

pytestmark = pytest.mark.sqlite


@pytest.fixture
async def client(database: str) -> AsyncIterator[BaseDBAsyncClient]:
    async with open_database(database) as client:
        await Fence.create(tag=TAG, epoch=0)
        yield client


async def test_work_that_is_done_at_once_waits_for_nothing_else(client: BaseDBAsyncClient) -> None:
    with pytest.raises(RuntimeError, match="waited for something else"):
        await at_once(count_up)

    assert (await Fence.get(tag=TAG)).epoch == 0


async def bare_transaction(work: Work) -> None:
    async with in_transaction() as client:
        await work(client)


async def test_without_the_shield_the_lock_is_lost(client: BaseDBAsyncClient) -> None:
    await cancel_at_random(bare_transaction, 40)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await bare_transaction(count_up)


async def test_a_transaction_that_could_not_begin_is_in_nobodys_way(database: str, client: BaseDBAsyncClient) -> None:
    await client.execute_query("PRAGMA busy_timeout = 50")
    with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite://"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OperationalError):
            await transaction(count_up)

    async with asyncio.timeout(60):
        await transaction(count_up)

    assert (await Fence.get(tag=TAG)).epoch == 1


def test_a_deferred_begin_that_reads_and_then_writes_fails_at_once(database: str) -> None:
    """However long the busy timeout: the snapshot that was read is not the latest any more."""
    path = database.removeprefix("sqlite://")
    with contextlib.closing(sqlite3.connect(path, 60)) as one, contextlib.closing(sqlite3.connect(path)) as other:
        one.execute("BEGIN")
        one.execute("SELECT * FROM fences").fetchall()
        other.execute("INSERT INTO fences (tag, epoch) VALUES ('hall:heping', 1)")
        other.commit()

        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            one.execute("INSERT INTO fences (tag, epoch) VALUES ('hall:nankai', 1)")
