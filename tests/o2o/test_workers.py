"""Several processes serve on one port: they share Redis and figures, and one that dies is replaced."""

import asyncio
from pathlib import Path

import pytest
import uvicorn
from redis.asyncio import Redis
from uvicorn.supervisors.multiprocess import Process

from o2o.workers import hear_of_their_end
from tests.faults.supervisor import all_there, children, gone, kill_one_of, runs, until, workers
from tests.installation import Installation
from tests.servers import redis_server
from tests.stack import stack

pytestmark = pytest.mark.slow


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    folder = tmp_path / "data"
    return Installation(folder, **{**stack.environ(folder), "O2O_WORKERS": "2"})


async def figures(installed: Installation) -> dict[str, float]:
    async with installed.client() as client:
        text = (await client.get("/metrics")).text
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


class TestOneThatDies:
    async def test_is_replaced_and_said(self, installed: Installation) -> None:
        async with installed.serving() as process:
            before = workers(process)
            kill_one_of(process)
            await until(lambda: len(workers(process) | before) == 3)

        assert len(before) == 2
        assert '"event":"worker_ended"' in installed.log.read_text()


@pytest.mark.parametrize("told", [True, False])
def test_the_death_of_a_process_that_begins_is_heard_at_once(told: bool) -> None:
    """The control: uvicorn's own parent hears nothing, and waits for as long as it would for a slow one."""
    process = Process(uvicorn.Config("o2o.app:create_app_from_environment", factory=True), [])
    process.start()
    if told:
        hear_of_their_end([process])
    process.process.kill()
    process.join()

    assert process.parent_conn.poll() is told
    process.kill()


class TestTheEnd:
    async def test_in_order_leaves_no_process_behind(self, installed: Installation) -> None:
        async with installed.serving() as process:
            started = children(process)

        assert len(started) >= 3
        await gone(*started)
        assert "error" not in installed.log.read_text()

    async def test_of_a_parent_that_is_killed_is_the_end_of_all(self, installed: Installation) -> None:
        async with installed.serving() as process:
            started = children(process)
            process.kill()
            await gone(*started)

            async with installed.serving() as again:
                assert len(workers(again)) == 2

    async def test_is_not_kept_up_by_a_process_that_waits_for_redis(self, installed: Installation) -> None:
        async with redis_server(installed.folder / "redis") as redis:
            installed.environ["O2O_REDIS_URL"] = redis.url
            async with installed.serving() as process:
                await redis.kill()
                kill_one_of(process)
                await until(lambda: '"event":"backend_away"' in installed.log.read_text())
                started = children(process)

            await gone(*started)

        assert not any(runs(process) for process in started)

    async def test_a_process_that_can_not_begin_ends_the_service(self, installed: Installation) -> None:
        installed.run("migrate")
        installed.environ["O2O_REDIS_URL"] = f"unix://{installed.folder}/redis.sock"
        async with redis_server(installed.folder) as redis, Redis.from_url(redis.url) as client:
            await client.config_set("maxmemory-policy", "allkeys-lru")

            said = await asyncio.to_thread(installed.run, "serve", code=2)

        assert "noeviction" in said
        assert "could not begin to serve" in said


class TestFigures:
    async def test_those_of_all_processes_are_added_up(self, installed: Installation) -> None:
        async with installed.serving(), installed.client() as client:
            for _ in range(20):
                await client.get("/healthz", headers={"connection": "close"})

            found = await figures(installed)

        assert found['o2o_http_requests_total{method="GET",route="/healthz",status="200"}'] == 20
        assert found["o2o_leads"] == 1

    async def test_what_a_dead_process_counted_stays_counted(self, installed: Installation) -> None:
        async with installed.serving() as process, installed.client() as client:
            for _ in range(20):
                await client.get("/healthz", headers={"connection": "close"})
            kill_one_of(process)
            await all_there(process)
            await installed.until_ready(process)

            found = await figures(installed)

        assert found['o2o_http_requests_total{method="GET",route="/healthz",status="200"}'] == 20
