"""Jobs run at their pace, one at a time, and a failure of one is not the end of it."""

import asyncio
import logging
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from tortoise.exceptions import OperationalError

from o2o.kernel.errors import UnavailableError
from o2o.kernel.leader import Leadership
from o2o.worker import Job, all_jobs, run_jobs
from tests.serving import serve


async def test_the_jobs_of_every_package_run(tmp_path: Path) -> None:
    async with serve(tmp_path, []) as service:
        ran = []
        for job in all_jobs(service.state):
            await job.work()
            ran.append(job.name)

    assert {"settle", "settle_stock", "follow_tickets", "archive", "send_messages"} <= set(ran)


@pytest.fixture
async def leader(redis_client: Redis) -> Leadership:
    leadership = Leadership(redis_client, worker=True)
    assert await leadership.seek()
    return leadership


async def test_a_job_that_fails_is_logged_and_runs_again(caplog: pytest.LogCaptureFixture, leader: Leadership) -> None:
    runs: list[int] = []
    twice = asyncio.Event()

    async def fail() -> None:
        runs.append(1)
        if len(runs) > 1:
            twice.set()
        raise RuntimeError("no")

    with caplog.at_level(logging.ERROR, "o2o.worker"):
        async with run_jobs([Job("failing", 0.05, fail)], leader), asyncio.timeout(60):
            await twice.wait()

    assert {record.getMessage() for record in caplog.records} == {"job_failed"}


@pytest.mark.parametrize(
    "error", [OperationalError("no"), RedisConnectionError("no"), UnavailableError("", retry_after=1)]
)
async def test_what_is_away_is_said_once_until_it_is_back(
    caplog: pytest.LogCaptureFixture, leader: Leadership, error: Exception
) -> None:
    runs: list[int] = []
    enough = asyncio.Event()

    async def away_but_for_the_third_run() -> None:
        runs.append(1)
        if len(runs) > 5:
            enough.set()
        if len(runs) != 3:
            raise error

    with caplog.at_level(logging.WARNING, "o2o.worker"):
        async with run_jobs([Job("waiting", 0.05, away_but_for_the_third_run)], leader), asyncio.timeout(60):
            await enough.wait()

    assert [record.getMessage() for record in caplog.records] == ["job_put_off"] * 2
    assert [record.exc_info for record in caplog.records] == [None, None]


async def test_a_slow_job_never_runs_beside_itself(leader: Leadership) -> None:
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.2)
        running -= 1

    async with run_jobs([Job("slow", 0.02, work)], leader):
        await asyncio.sleep(0.5)

    assert most == 1


async def test_who_does_not_lead_runs_nothing(redis_client: Redis, leader: Leadership) -> None:
    runs: list[int] = []
    other = Leadership(redis_client, worker=True)

    async def work() -> None:
        runs.append(1)

    async with run_jobs([Job("somebody else's", 0.02, work)], other):
        await asyncio.sleep(0.3)

    assert not await other.seek()
    assert runs == []


async def test_a_job_that_is_under_way_at_the_end_finishes(leader: Leadership) -> None:
    finished: list[int] = []
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.2)
        finished.append(1)

    async with run_jobs([Job("slow", 0.02, work)], leader), asyncio.timeout(60):
        await begun.wait()

    assert finished == [1]
