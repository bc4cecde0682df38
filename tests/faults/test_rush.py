"""Four hundred buyers for a hundred units over three places, while Redis is emptied and a worker is killed with -9.

Exactly a hundred get it; stock, allocations, orders and money agree. Without the guard the same checker finds more.
"""

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from o2o.kernel.database import open_database
from tests.faults.buyers import Sale
from tests.faults.checker import repeated
from tests.faults.guards import Guard, without
from tests.faults.report import Account
from tests.faults.sold import found_wrong
from tests.faults.supervisor import all_there, workers
from tests.halls.stock.guards import NO_GUARD
from tests.halls.stock.test_races import without_sql_s_checks
from tests.installation import Installation
from tests.servers import RedisServer
from tests.stack import stack

pytestmark = pytest.mark.slow

ENOUGH = Guard("halls/stock/lua/hold.lua", *NO_GUARD)


@pytest.fixture
def sale(installed: Installation) -> Sale:
    """One process on SQLite, which is begun again; two on PostgreSQL, of which one is killed."""
    installed.environ["O2O_WORKERS"] = str(stack.workers)
    return Sale(installed)


async def test_400_buyers_of_100_with_redis_emptied_and_a_worker_killed(
    sale: Sale, redis: RedisServer, account: Account
) -> None:
    async with AsyncExitStack() as opened, sale.installed.client() as client:
        process = await opened.enter_async_context(sale.installed.serving())
        hq = await sale.open(client)
        async with asyncio.TaskGroup() as group:
            group.create_task(sale.to_all(client, hq))
            await sale.until(25)
            await emptied(redis)
            await sale.until(50)
            moment = time.monotonic()
            await one_killed(process, opened, sale.installed)
            await sale.until(75)
            await emptied(redis)
        account.disturbances, account.silent_s = 3, [sale.recorder.silence_after(moment)]
        found = await repeated(client, sale.recorder)
        found += await found_wrong(sale, redis.url)

    account.note(sale.recorder, found)
    assert found == []
    assert len(sale.placed) == 100
    assert sale.recorder.unknowns > 0


@pytest.mark.once
async def test_control_without_the_guard_more_are_sold_than_there_are(sale: Sale, redis: RedisServer) -> None:
    without(sale.installed, ENOUGH)
    async with open_database(sale.installed.environ["O2O_DATABASE_URL"]):
        await without_sql_s_checks()
    async with sale.installed.serving(), sale.installed.client() as client:
        await sale.open(client)
        buying = asyncio.create_task(sale.to_all(client, None))
        await sale.until(101)
        buying.cancel()
        found = await found_wrong(sale, redis.url)

    assert [wrong for wrong in found if wrong.kind == "doubled" and " sold in " in wrong.what]


async def emptied(redis: RedisServer) -> None:
    async with Redis.from_url(redis.url) as client:
        await client.flushall()


async def one_killed(process: Process, opened: AsyncExitStack, installed: Installation) -> None:
    """The busier of two, which its parent replaces; or the only one, which is begun again here."""
    if stack.workers > 1:
        await all_there(process)
        os.kill(max(workers(process), key=open_files), signal.SIGKILL)
        return
    process.kill()
    await opened.enter_async_context(installed.serving("serve"))


def open_files(process: int) -> int:
    """How many; a connection is one."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))
