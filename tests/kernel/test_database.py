"""Transactions that neither a cancelled caller nor another process can break (traps of Tortoise on SQLite)."""

import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction  # noqa: TID251 - the control is what is forbidden

from o2o.kernel.database import migrate, open_database, transaction
from o2o.kernel.models import Fence

Work = Callable[[BaseDBAsyncClient], Awaitable[object]]


@pytest.fixture
async def url(tmp_path: Path) -> str:
    url = f"sqlite://{tmp_path / 'o2o.db'}"
    await migrate(url)
    return url


@pytest.fixture
async def database(url: str) -> AsyncIterator[BaseDBAsyncClient]:
    async with open_database(url) as client:
        await Fence.create(tag="hall:heping", epoch=0)
        yield client


async def count_up(client: BaseDBAsyncClient) -> None:
    rows = await client.execute_query_dict("SELECT epoch FROM fences")
    await asyncio.sleep(0)
    await client.execute_query("UPDATE fences SET epoch = ?", [rows[0]["epoch"] + 1])


async def bare_transaction(work: Work) -> None:
    async with in_transaction() as client:
        await work(client)


async def cancel_at_random(transact: Callable[[Work], Awaitable[object]], times: int) -> None:
    for n in range(times):
        task = asyncio.ensure_future(transact(count_up))
        for _ in range(1 + n % 8):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await asyncio.wait_for(task, 1)


class TestCancelledTransactions:
    async def test_400_cancelled_callers_leave_no_lock_and_no_half_change(self, database: BaseDBAsyncClient) -> None:
        await cancel_at_random(transaction, 400)

        async with asyncio.timeout(5):
            await transaction(count_up)

        assert (await Fence.get(tag="hall:heping")).epoch == 401

    async def test_without_the_shield_the_lock_is_lost(self, database: BaseDBAsyncClient) -> None:
        await cancel_at_random(bare_transaction, 40)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await bare_transaction(count_up)

    async def test_an_error_rolls_back_and_reaches_the_caller(self, database: BaseDBAsyncClient) -> None:
        async def fail(client: BaseDBAsyncClient) -> None:
            await count_up(client)
            raise LookupError("no")

        with pytest.raises(LookupError):
            await transaction(fail)

        assert (await Fence.get(tag="hall:heping")).epoch == 0


class TestALockedDatabase:
    async def test_a_transaction_that_could_not_begin_is_in_nobodys_way(
        self, url: str, database: BaseDBAsyncClient
    ) -> None:
        await database.execute_query("PRAGMA busy_timeout = 50")
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite://"), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(OperationalError):
                await transaction(count_up)

        async with asyncio.timeout(5):
            await transaction(count_up)

        assert (await Fence.get(tag="hall:heping")).epoch == 1


COUNT_MANY = """
import asyncio, sys
from tests.kernel.test_database import count_many
asyncio.run(count_many(sys.argv[1]))
"""


async def count_many(url: str) -> None:
    """In a process of its own: read and write 60 times."""
    async with open_database(url):
        for _ in range(60):
            await transaction(count_up)


def epoch_in(url: str) -> int:
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite://"))) as file:
        return int(file.execute("SELECT epoch FROM fences").fetchone()[0])


class TestSeveralProcesses:
    @pytest.fixture
    async def shared(self, url: str) -> str:
        async with open_database(url):
            await Fence.create(tag="hall:heping", epoch=0)
        return url

    async def test_none_of_180_transactions_of_three_fails(self, shared: str) -> None:
        running = [await asyncio.create_subprocess_exec(sys.executable, "-c", COUNT_MANY, shared) for _ in range(3)]

        assert [await process.wait() for process in running] == [0, 0, 0]
        assert epoch_in(shared) == 180

    def test_a_deferred_begin_that_reads_and_then_writes_fails_at_once(self, url: str) -> None:
        """However long the busy timeout: the snapshot that was read is not the latest any more."""
        path = url.removeprefix("sqlite://")
        with contextlib.closing(sqlite3.connect(path, 60)) as one, contextlib.closing(sqlite3.connect(path)) as other:
            one.execute("BEGIN")
            one.execute("SELECT * FROM fences").fetchall()
            other.execute("INSERT INTO fences (tag, epoch) VALUES ('hall:heping', 1)")
            other.commit()

            with pytest.raises(sqlite3.OperationalError, match="database is locked"):
                one.execute("INSERT INTO fences (tag, epoch) VALUES ('hall:nankai', 1)")
