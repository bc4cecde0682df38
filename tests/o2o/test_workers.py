"""Several processes serve on one port: they share Redis and figures, and one that dies is replaced."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
import uvicorn
from redis.asyncio import Redis

from o2o.workers import Worker
from tests.faults.guards import Guard, without
from tests.faults.people import Crowd
from tests.faults.supervisor import all_there, descendants, gone, kill_one_of, runs, until, workers
from tests.installation import Installation
from tests.servers import redis_server
from tests.stack import stack

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    folder = tmp_path / "data"
    return Installation(folder, **{**stack.demo(folder), "O2O_WORKERS": "2"})


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

    async def test_is_replaced_while_another_says_nothing(self, installed: Installation) -> None:
        assert await replaced_beside_a_mute_one(installed, 60)

    async def test_control_is_not_by_a_parent_that_waits_for_an_answer(self, installed: Installation) -> None:
        without(installed, Guard("o2o/workers.py", "self._line.poll()", "self._line.poll(patience_s)"))
        assert not await replaced_beside_a_mute_one(installed, 8)

    async def test_is_replaced_by_one_that_needs_no_imports(self, installed: Installation) -> None:
        async with installed.serving() as process:
            before = workers(process)
            kill_one_of(process)
            await until(lambda: len(workers(process) | before) == 3)
            (new,) = workers(process) - before
            await installed.until_ready(process)

            assert seconds_of(new) < 1


async def replaced_beside_a_mute_one(installed: Installation, patience_s: float) -> bool:
    """Whether one of two is replaced in that time while the other one stands still."""
    async with installed.serving() as process:
        before = workers(process)
        mute, dead = sorted(before)  # The parent asks the older one first.
        os.kill(mute, signal.SIGSTOP)
        await asyncio.sleep(1)  # It has been asked by then.
        os.kill(dead, signal.SIGKILL)
        try:
            await until(lambda: len(workers(process) | before) == 3, patience_s)
        except TimeoutError:
            process.kill()  # It would hear nothing else for a minute.
            return False
        finally:
            os.kill(mute, signal.SIGCONT)
    return True


def seconds_of(process: int) -> float:
    """How much of a processor it has used."""
    ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def test_one_that_says_nothing_is_not_well_and_neither_is_a_dead_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        worker = Worker(uvicorn.Config("o2o.app:create_app_from_environment", factory=True), bound)
        assert worker.is_well(60)
        assert not worker.is_well(0)
        worker.kill()
        assert not worker.is_well(60)


class TestRenewal:
    async def test_replaces_all_and_nobody_is_refused(self, installed: Installation) -> None:
        async with installed.serving() as process:
            before = workers(process)
            async with Crowd(installed).coming() as crowd:
                await crowd.more(20)
                process.send_signal(signal.SIGHUP)
                await until(lambda: len(workers(process)) == 2 and not workers(process) & before)
                await crowd.more(20)

        assert crowd.refused == []


class TestTheEnd:
    async def test_in_order_leaves_no_process_behind(self, installed: Installation) -> None:
        async with installed.serving() as process:
            started = descendants(process.pid)

        assert len(started) >= 3
        await gone(*started)
        assert "error" not in installed.log.read_text()

    async def test_of_a_parent_that_is_killed_is_the_end_of_all(self, installed: Installation) -> None:
        async with installed.serving() as process:
            started = descendants(process.pid)
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
                started = descendants(process.pid)

            await gone(*started)

        assert not any(runs(process) for process in started)

    async def test_a_process_that_can_not_begin_ends_the_service(self, installed: Installation) -> None:
        installed.environ["O2O_REDIS_URL"] = f"unix://{installed.folder}/redis.sock"
        async with redis_server(installed.folder) as redis, Redis.from_url(redis.url) as client:
            await client.config_set("maxmemory-policy", "allkeys-lru")
            without(installed, Guard("o2o/demo.py", "await ensure_ready(settings)", "pass"))

            said = await asyncio.to_thread(installed.run, "demo", code=2)

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
