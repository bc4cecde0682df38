"""What a killed process leaves is settled though nobody asks again, and what time brings is always somebody's work."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from httpx2 import AsyncClient, HTTPError
from redis.asyncio import Redis

from tests.faults.checker import events
from tests.faults.supervisor import until, workers
from tests.installation import COMMAND, Installation
from tests.servers import RedisServer
from tests.stack import stack

pytestmark = pytest.mark.slow


@pytest.fixture
def installed(tmp_path: Path, redis: RedisServer) -> Installation:
    folder = tmp_path / "data"
    return Installation(folder, **{**stack.demo(folder), "O2O_WORKERS": "2", "O2O_REDIS_URL": redis.url})


async def take(client: AsyncClient) -> None:
    """As somebody who gives up when there is no answer."""
    with suppress(HTTPError):
        key = {"idempotency-key": "asked-just-this-once"}
        await client.post("/api/v1/halls/nankai/tickets", json={"service": "sim"}, headers=key)


@pytest.mark.postgres
async def test_what_two_killed_processes_had_decided_is_committed_though_nobody_asks_again(
    installed: Installation, redis_client: Redis
) -> None:
    url = installed.environ["O2O_DATABASE_URL"]
    async with installed.serving() as process, installed.client() as client:
        session = await asyncpg.connect(url)
        await session.execute("BEGIN; LOCK TABLE events IN EXCLUSIVE MODE")
        asking = asyncio.create_task(take(client))
        async with asyncio.timeout(60):
            while not await redis_client.exists("{hall:nankai}:journal"):
                await asyncio.sleep(0.01)
        for worker in workers(process):
            os.kill(worker, signal.SIGKILL)
        await session.close()
        await asking

        async with asyncio.timeout(60):
            while not (issued := [event for event in await events(url) if event["name"] == "ticket.issued"]):
                await asyncio.sleep(0.2)

        assert len(issued) == 1


@asynccontextmanager
async def time_worker(installed: Installation, name: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, Path]]:
    """An `o2o worker`, and its log."""
    log = installed.folder / f"{name}.log"
    with log.open("w") as file:
        process = await asyncio.create_subprocess_exec(*COMMAND, "worker", env=installed.environ, stderr=file)
    try:
        yield process, log
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def leads(log: Path) -> bool:
    said = log.read_text()
    return said.rfind('"lead_taken"') > said.rfind('"lead_lost"')


async def test_a_worker_leads_before_those_who_serve_and_another_takes_over(installed: Installation) -> None:
    async with installed.serving():
        await until(lambda: leads(installed.log))
        async with time_worker(installed, "first") as (first, log):
            await until(lambda: leads(log))
            await until(lambda: not leads(installed.log))

            async with time_worker(installed, "second") as (_second, other):
                first.kill()
                await until(lambda: leads(other))

        await until(lambda: leads(installed.log))
        assert not leads(other)
