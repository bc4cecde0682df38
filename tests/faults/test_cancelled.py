"""Callers go away at random points: afterwards the pools are full, no lock is held, and what was begun is whole."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from redis.asyncio import BlockingConnectionPool, Redis
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContextPooled

from o2o.app import routes
from o2o.kernel import database
from o2o.kernel.database import connection, transaction
from o2o.kernel.postgres import CONNECTIONS, BoundedClient
from tests.booking.halls import events_in_sql, numbers_in_sql
from tests.faults.operations import Recorder
from tests.faults.report import Account
from tests.serving import Service, add_halls, add_people, serve, with_key
from tests.stack import stack

pytestmark = pytest.mark.slow
TOGETHER = 10
MOST_STEPS = 120
"""Of the loop, before a request is cancelled; the longest of them takes about so many."""
ENOUGH_S = 60


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes(), O2O_RATE_LIMITS="off") as service:
        await add_halls(service, "heping", "nankai")
        await add_people("manager")
        yield service


async def cancelled(request: Awaitable[Response], steps: int) -> None:
    task = asyncio.ensure_future(request)
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=ENOUGH_S)


def requests(customer: AsyncClient, manager: AsyncClient) -> list[Callable[[str], Awaitable[Response]]]:
    """Each kind of way through the service: the line, a write beside it, reads from Redis and SQL."""
    key = {"name": "a program", "role": "clerk", "scope": "heping"}
    return [
        lambda name: customer.post("/api/v1/halls/nankai/tickets", json={"service": "sim"}, headers=with_key(name)),
        lambda name: manager.post("/api/v1/keys", json=key, headers=with_key(name)),
        lambda name: customer.post("/api/v1/displays", json={}, headers=with_key(name)),
        lambda _name: customer.get("/api/v1/halls"),
        lambda _name: manager.get("/api/v1/keys"),
    ]


async def cancel_many(service: Service, account: Account, quick: int, whole: int) -> None:
    customer, manager = service.client(), await service.signed_in("manager")
    kinds = requests(customer, manager)
    for n in account.times(quick // TOGETHER, whole // TOGETHER):
        asked = [kinds[random.randrange(len(kinds))](f"request-{n}-{m}".ljust(16, "0")) for m in range(TOGETHER)]
        await asyncio.gather(*(cancelled(one, random.randrange(MOST_STEPS)) for one in asked))


async def look(client: BaseDBAsyncClient) -> None:
    await client.execute_query("SELECT epoch FROM fences LIMIT 1")


async def pools_are_full(service: Service) -> bool:
    """Twice as many transactions as there are connections all get their turn, and Redis's are all back."""
    try:
        async with asyncio.timeout(ENOUGH_S):
            await asyncio.gather(*(transaction(look) for _ in range(2 * CONNECTIONS)))
            while any(in_use(client) for client in redis_clients(service)):
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
    return True


def redis_clients(service: Service) -> list[Redis]:
    pairs = [state["redis"] for state in service.states]
    return [client for pair in pairs for client in (pair.read, pair.mutate)]


def in_use(client: Redis) -> int:
    pool = client.connection_pool
    assert isinstance(pool, BlockingConnectionPool)
    return len(pool._in_use_connections)


async def test_requests_cancelled_at_random_points(service: Service, account: Account) -> None:
    await cancel_many(service, account, 400, 5_000)

    assert await pools_are_full(service)
    kinds = requests(service.client(), await service.signed_in("manager"))
    answers = [await ask("after-all".ljust(16, "0")) for ask in kinds]
    assert {answer.status_code for answer in answers} <= {200, 201}
    if stack.database == "postgres":
        held = "SELECT count(*) AS n FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        assert (await connection().execute_query_dict(held))[0]["n"] == 0
    numbers = await numbers_in_sql()
    assert len(numbers) == len(set(numbers)) == await events_in_sql("ticket.issued")
    account.disturbances *= TOGETHER
    account.note(Recorder(), [])


async def test_control_without_a_task_of_their_own_transactions_hold_what_they_took(
    service: Service, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ENOUGH_S", 5)
    bare = SimpleNamespace(create_task=asyncio.create_task, shield=lambda task: task)
    monkeypatch.setattr(database, "asyncio", bare)
    monkeypatch.setattr(
        BoundedClient,
        "_in_transaction",
        lambda self: TransactionContextPooled(TransactionWrapper(self), self._pool_init_lock),
    )
    for _ in range(80):
        await cancel_many(service, account, 100, 100)
        if not await pools_are_full(service):
            break
    else:
        pytest.fail("8,000 requests were cancelled, and nothing was lost")
    await let_go(connection())


async def let_go(client: Any) -> None:
    """Give back what was lost, so that the service can end."""
    if stack.database == "postgres":
        client._pool.terminate()
    else:
        await client._connection.rollback()
        if client._lock.locked():
            client._lock.release()
