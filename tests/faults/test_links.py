"""A link is cut at every point of a reply, half open, silent or slow: between client and service, to Redis, to SQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.faults.checker import certain, repeated
from tests.faults.guards import NOTHING_COMMITTED_TWICE, OPERATION_IDS, Guard, without, without_the_last_line
from tests.faults.operations import Known, Recorder, Who, signed_in
from tests.faults.people import Crowd, Hall, nankai
from tests.faults.proxy import Proxy, before_postgres, before_redis
from tests.faults.report import Account
from tests.installation import Installation
from tests.servers import RedisServer

pytestmark = pytest.mark.slow
SQL = pytest.param("sql", marks=pytest.mark.postgres)
SILENT_S = 35
"""Longer than any patience of the service, and than that of its clients."""
POINTS = 12
NEVER = ("WAITED_S: Final = 1.0", "WAITED_S: Final = 3600.0")
LIMITS = {
    "redis": (
        Guard("o2o/kernel/redis.py", "SOCKET_TIMEOUT_S: Final = 5", "SOCKET_TIMEOUT_S: Final = 3600"),
        Guard("o2o/kernel/half_open.py", *NEVER),
    ),
    "sql": (
        Guard("o2o/kernel/postgres.py", "COMMAND_S: Final = 6.0", "COMMAND_S: Final = 3600.0"),
        Guard("o2o/kernel/half_open_postgres.py", *NEVER),
    ),
}
IN_ALL = Guard("o2o/kernel/asking.py", "ANSWER_S: Final = 10.0", "ANSWER_S: Final = 3600.0")


@pytest.fixture
async def way(link: str, installed: Installation, redis: RedisServer, tmp_path: Path) -> AsyncIterator[Proxy]:
    """A proxy on the link that the test is about; one process serves, so that all goes over it."""
    installed.environ["O2O_WORKERS"] = "1"
    if link == "client":
        way = Proxy(("127.0.0.1", installed.port))
    elif link == "redis":
        way, installed.environ["O2O_REDIS_URL"] = before_redis(redis.url, tmp_path)
    else:
        way, installed.environ["O2O_DATABASE_URL"] = before_postgres(installed.environ["O2O_DATABASE_URL"], tmp_path)
    async with way.laid():
        if link == "client":
            installed.url = f"http://127.0.0.1:{way.port}"
        yield way


@dataclass
class Visits:
    """One person after the other takes a number, is called, and is served."""

    client: AsyncClient
    clerk: Who
    recorder: Recorder = field(default_factory=Recorder)

    @classmethod
    async def begin(cls, client: AsyncClient) -> "Visits":
        visits = cls(client, await signed_in(client, "clerk5"))
        await visits.done("/counters/nankai-1/opening", visits.clerk)
        return visits

    async def visit(self) -> None:
        taken = await self.done("/halls/nankai/tickets", service="sim")
        called = await self.done("/counters/nankai-1/calls", self.clerk)
        if taken and called:
            await self.done(f"/tickets/{called['id']}/start", self.clerk)
            await self.done(f"/tickets/{called['id']}/completion", self.clerk)

    async def done(self, path: str, who: Who | None = None, **body: str) -> Any:
        operation = self.recorder.invoke(path, body, *([who] if who else []))
        return operation.answer if await operation.ask_until_known(self.client) is Known.OK else None

    async def cut(self, way: Proxy, share: float) -> None:
        """A visit whose replies are cut once, at that share of all that passes in one."""
        before = way.passed
        await self.visit()
        way.cut_after(int((way.passed - before) * share))
        await self.visit()
        way.calm()


@pytest.mark.parametrize("link", ["client", "redis", SQL])
class TestCuts:
    async def test_replies_cut_at_every_point(
        self, installed: Installation, way: Proxy, account: Account, link: str
    ) -> None:
        async with installed.serving(), installed.client() as client:
            visits = await Visits.begin(client)
            await visits.visit()
            for n in account.times(POINTS, 500):
                await visits.cut(way, n / (500 if account.thorough else POINTS))
            hall = Hall(Crowd(installed, recorder=visits.recorder), [], await repeated(client, visits.recorder))

        assert way.cuts >= account.disturbances // 2
        assert await account.balance(hall) == []

    @pytest.mark.once
    async def test_control_without_what_knows_a_repeat_things_are_done_twice(
        self, installed: Installation, way: Proxy, link: str
    ) -> None:
        await without_the_last_line(installed, NOTHING_COMMITTED_TWICE if link == "sql" else OPERATION_IDS)
        async with installed.serving(), installed.client() as client:
            visits = await Visits.begin(client)
            await visits.visit()
            for n in range(60):
                await visits.cut(way, n % POINTS / POINTS)
                if found := await certain(installed.environ["O2O_DATABASE_URL"], visits.recorder):
                    break

        assert found


@pytest.mark.thorough
@pytest.mark.parametrize("link", ["redis", SQL])
class TestHalfOpen:
    async def test_connections_go_half_open(
        self, installed: Installation, way: Proxy, account: Account, link: str
    ) -> None:
        async def swallow() -> None:
            way.swallow()

        hall = nankai(installed, patient=False)
        async with installed.serving(), hall.open():
            for _ in account.times(1, 20):
                await account.disturb(hall, swallow)

        assert await account.balance(hall) == []

    async def test_control_without_a_look_and_a_limit_nobody_is_ever_told(
        self, installed: Installation, way: Proxy, link: str
    ) -> None:
        without(installed, *LIMITS[link], IN_ALL)
        async with installed.serving(), installed.client() as client:
            told = True
            try:
                for _ in range(10):
                    told = told and await answered_over_swallowed(way, client)
            finally:
                way.reset()  # Else it could not end either.

        assert not told


async def answered_over_swallowed(way: Proxy, client: AsyncClient) -> bool:
    """Whether somebody is told anything within twelve seconds; a way that is new may have been taken."""
    wish = Recorder().invoke("/halls/nankai/tickets", {"service": "sim"})
    way.swallow()
    try:
        await asyncio.wait_for(wish.ask(client), 12)
    except TimeoutError:
        return False
    return True


@pytest.mark.thorough
@pytest.mark.parametrize("link", ["client", "redis", SQL])
class TestSilence:
    async def test_a_black_hole(self, installed: Installation, way: Proxy, account: Account, link: str) -> None:
        async def silence() -> None:
            with way.silent():
                await asyncio.sleep(SILENT_S)

        hall = nankai(installed, patient=False)
        async with installed.serving(), hall.open():
            for _ in account.times(1, 3):
                await account.disturb(hall, silence)

        assert await account.balance(hall) == []
        assert hall.recorder.unknowns


@pytest.mark.thorough
@pytest.mark.parametrize("link", ["client", "redis", SQL])
class TestSlowness:
    async def test_bytes_come_one_by_one_and_late(self, installed: Installation, way: Proxy, link: str) -> None:
        async with installed.serving(), installed.client() as client:
            visits = await Visits.begin(client)
            way.slice = 1
            await visits.visit()
            way.calm()
            way.latency_s = 0.05
            await visits.visit()

        assert {operation.known for operation in visits.recorder.operations} == {Known.OK}
        assert visits.recorder.unknowns == 0
