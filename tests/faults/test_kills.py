"""A process, Redis or SQL is killed again and again while people take numbers and clerks serve.

Nothing is lost and nothing done twice; each guard has its control (an old dump's: tests/booking/test_controls.py).
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest
from _pytest.mark.structures import ParameterSet
from redis.asyncio import Redis

from tests.faults.guards import (
    NUMBERS_OF_SQL,
    OPERATION_IDS,
    SCRIPTS_SENT_ANEW,
    disturbed_until_wrong,
    without,
    without_the_last_line,
)
from tests.faults.operations import Known, Recorder
from tests.faults.people import Hall, nankai
from tests.faults.report import Account
from tests.faults.supervisor import all_there, kill_one_of, workers
from tests.installation import Installation
from tests.postgres import PostgresServer
from tests.servers import RedisServer

pytestmark = pytest.mark.slow

Disturbance = Callable[[Hall, RedisServer], Awaitable[object]]


class TestAWorker:
    async def test_one_of_two_workers_killed(self, installed: Installation, account: Account) -> None:
        hall = nankai(installed, patient=False)
        async with installed.serving() as process, hall.open():
            for _ in account.times(2, 50):
                await account.disturb(hall, lambda: one_of_two_killed(process))

        assert await account.balance(hall) == []
        assert hall.served

    @pytest.mark.thorough
    async def test_both_workers_killed(self, installed: Installation, account: Account) -> None:
        hall = nankai(installed, patient=False)
        async with installed.serving() as process, hall.open():
            for _ in account.times(1, 10):
                await account.disturb(hall, lambda: both_killed(process))

        assert await account.balance(hall) == []

    @pytest.mark.once
    async def test_control_without_operation_ids_things_are_done_twice(self, installed: Installation) -> None:
        await without_the_last_line(installed, OPERATION_IDS)
        hall = nankai(installed, people=12)
        async with installed.serving() as process, hall.open():
            found = await disturbed_until_wrong(hall, lambda: one_of_two_killed(process))

        assert found


async def one_of_two_killed(process: asyncio.subprocess.Process) -> None:
    await all_there(process)
    kill_one_of(process)


async def both_killed(process: asyncio.subprocess.Process) -> None:
    await all_there(process)
    for worker in workers(process):
        os.kill(worker, signal.SIGKILL)


async def killed(hall: Hall, redis: RedisServer) -> None:
    await redis.kill()
    await asyncio.sleep(0.2)
    await redis.start()


async def an_old_dump_put_back(hall: Hall, redis: RedisServer) -> None:
    await redis.save()
    await hall.crowd.more(20)
    await redis.kill()
    await redis.start()


async def flushed(hall: Hall, redis: RedisServer) -> None:
    async with Redis.from_url(redis.url) as client:
        await client.flushall()


async def scripts_flushed(hall: Hall, redis: RedisServer) -> None:
    async with Redis.from_url(redis.url) as client:
        await client.script_flush()


def seldom(disturbance: Disturbance) -> ParameterSet:
    """Only in `make faults`."""
    return pytest.param(disturbance, marks=pytest.mark.thorough)


class TestRedis:
    @pytest.mark.parametrize("disturbance", [killed, flushed, *map(seldom, (an_old_dump_put_back, scripts_flushed))])
    async def test_redis(
        self, installed: Installation, redis: RedisServer, account: Account, disturbance: Disturbance
    ) -> None:
        hall = nankai(installed, patient=False)
        async with installed.serving(), hall.open():
            for _ in account.times(1, 20):
                await account.disturb(hall, lambda: disturbance(hall, redis))

        assert await account.balance(hall) == []
        assert hall.served

    @pytest.mark.once
    @pytest.mark.parametrize("disturbance", [seldom(killed), flushed])
    async def test_control_rebuilt_without_sqls_numbers_it_gives_them_twice(
        self, installed: Installation, redis: RedisServer, disturbance: Disturbance
    ) -> None:
        await without_the_last_line(installed, NUMBERS_OF_SQL)
        hall = nankai(installed)
        async with installed.serving(), hall.open():
            found = await disturbed_until_wrong(hall, lambda: disturbance(hall, redis))

        assert "doubled" in {wrong.kind for wrong in found}

    @pytest.mark.thorough
    async def test_control_without_sending_scripts_anew_nobody_is_served(
        self, installed: Installation, redis: RedisServer
    ) -> None:
        hall = nankai(installed)
        async with installed.serving(), hall.open():
            await hall.crowd.more(1)  # What a beginning needs is there from now on.
        without(installed, SCRIPTS_SENT_ANEW)
        wish = Recorder().invoke("/halls/nankai/tickets", {"service": "sim"})
        async with installed.serving(), installed.client() as client:
            await scripts_flushed(hall, redis)
            answers = [await wish.ask(client) for _ in range(5)]

        assert set(answers) == {Known.UNKNOWN}


@pytest.mark.postgres
class TestPostgres:
    async def test_postgresql_killed(self, installed: Installation, server: PostgresServer, account: Account) -> None:
        hall = nankai(installed, patient=False)
        async with installed.serving(), hall.open():
            for _ in account.times(1, 20):
                await account.disturb(hall, lambda: sql_killed(server))

        assert await account.balance(hall) == []
        assert hall.served

    @pytest.mark.thorough
    async def test_control_that_does_not_wait_for_the_disk_loses_what_was_answered(
        self, installed: Installation, server: PostgresServer
    ) -> None:
        hall = nankai(installed)
        hall.asks_again = False  # What SQL has lost and Redis knows is unknown for ever.
        async with installed.serving(), hall.open():
            for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'"):
                server.execute(f"ALTER SYSTEM SET {setting}")
            found = await disturbed_until_wrong(hall, lambda: sql_killed(server))

        assert "lost" in {wrong.kind for wrong in found}


async def sql_killed(server: PostgresServer) -> None:
    server.kill()
    await asyncio.sleep(0.5)
    await asyncio.to_thread(server.start)
