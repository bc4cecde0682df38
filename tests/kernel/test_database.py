"""Transactions that a cancelled caller can't break, whichever the database is."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from o2o.kernel.database import at_once, open_database, transaction
from o2o.kernel.models import Fence
from o2o.kernel.postgres import CONNECTIONS
from o2o.kernel.statements import lock_fence, set_fence

Work = Callable[[BaseDBAsyncClient], Awaitable[object]]
TAG = "hall:heping"


@pytest.fixture
async def client(database: str) -> AsyncIterator[BaseDBAsyncClient]:
    async with open_database(database) as client:
        await Fence.create(tag=TAG, epoch=0)
        yield client


async def count_up(client: BaseDBAsyncClient) -> None:
    epoch = await lock_fence(client, TAG)
    await asyncio.sleep(0)
    await set_fence(client, TAG, epoch + 1)


async def cancel_at_random(transact: Callable[[Work], Awaitable[object]], times: int) -> None:
    for n in range(times):
        task = asyncio.ensure_future(transact(count_up))
        for _ in range(1 + n % 8):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await asyncio.wait_for(task, 1)


class TestCancelledTransactions:
    async def test_400_cancelled_callers_leave_no_lock_and_no_half_change(self, client: BaseDBAsyncClient) -> None:
        await cancel_at_random(transaction, 400)

        async with asyncio.timeout(30):
            await asyncio.gather(*(transaction(count_up) for _ in range(2 * CONNECTIONS)))
            while (await Fence.get(tag=TAG)).epoch < 400 + 2 * CONNECTIONS:
                await asyncio.sleep(0.05)  # What a cancelled caller had begun may be finished last.

        assert (await Fence.get(tag=TAG)).epoch == 400 + 2 * CONNECTIONS

    async def test_an_error_rolls_back_and_reaches_the_caller(self, client: BaseDBAsyncClient) -> None:
        async def fail(client: BaseDBAsyncClient) -> None:
            await count_up(client)
            raise LookupError("no")

        with pytest.raises(LookupError):
            await transaction(fail)

        assert (await Fence.get(tag=TAG)).epoch == 0


async def count_at_once(client: BaseDBAsyncClient) -> None:
    await set_fence(client, TAG, await lock_fence(client, TAG) + 1)


class TestAtOnce:
    """The ledger's transactions: nothing but statements, which SQLite runs in one go."""

    async def test_cancelled_callers_leave_no_lock_and_no_half_change(self, client: BaseDBAsyncClient) -> None:
        await cancel_at_random(lambda _work: at_once(count_at_once), 100)

        async with asyncio.timeout(30):
            await asyncio.gather(*(at_once(count_at_once) for _ in range(2 * CONNECTIONS)))
            while (await Fence.get(tag=TAG)).epoch < 100 + 2 * CONNECTIONS:
                await asyncio.sleep(0.05)

        assert (await Fence.get(tag=TAG)).epoch == 100 + 2 * CONNECTIONS

    async def test_an_error_rolls_back_and_reaches_the_caller(self, client: BaseDBAsyncClient) -> None:
        async def fail(client: BaseDBAsyncClient) -> None:
            await count_at_once(client)
            raise LookupError("no")

        with pytest.raises(LookupError):
            await at_once(fail)

        assert (await Fence.get(tag=TAG)).epoch == 0

    async def test_a_key_that_is_there_already_is_said_as_everywhere(self, client: BaseDBAsyncClient) -> None:
        async def double(client: BaseDBAsyncClient) -> None:
            await client.execute_query(f"INSERT INTO fences (tag, epoch) VALUES ('{TAG}', 1)")

        with pytest.raises(IntegrityError):
            await at_once(double)

        await at_once(count_at_once)
        assert (await Fence.get(tag=TAG)).epoch == 1


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


async def test_none_of_180_transactions_of_three_processes_fails(database: str) -> None:
    async with open_database(database):
        await Fence.create(tag=TAG, epoch=0)
    running = [await asyncio.create_subprocess_exec(sys.executable, "-c", COUNT_MANY, database) for _ in range(3)]

    assert [await process.wait() for process in running] == [0, 0, 0]
    async with open_database(database):
        assert (await Fence.get(tag=TAG)).epoch == 180
