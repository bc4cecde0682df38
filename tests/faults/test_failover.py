"""Redis is several servers: a slot moves, a master dies, a master is cut off; what it held goes on elsewhere.

Of the master that is cut off the service knows nothing at first: it still answers, and takes what is lost with it. What
comes of it where another server is taken for the same one: tests/booking/test_controls.py.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.people import nankai
from tests.faults.report import Account
from tests.installation import Installation
from tests.nodes import RedisCluster, Watched, follows, redis_cluster, until_true, watched
from tests.stack import stack

pytestmark = [pytest.mark.slow, pytest.mark.once]

META = "{hall:nankai}:meta"
CUT_OFF_S = 3.0


def installation(folder: Path, url: str) -> Installation:
    return Installation(folder, **{**stack.demo(folder), "O2O_WORKERS": "2", "O2O_REDIS_URL": url})


class TestACluster:
    @pytest.fixture
    async def cluster(self, tmp_path: Path) -> AsyncIterator[RedisCluster]:
        async with redis_cluster(tmp_path / "cluster") as cluster:
            yield cluster

    @pytest.fixture
    def installed(self, tmp_path: Path, cluster: RedisCluster) -> Installation:
        return installation(tmp_path / "data", cluster.url)

    async def test_a_slot_moved(self, installed: Installation, cluster: RedisCluster, account: Account) -> None:
        hall = nankai(installed, patient=False)
        async with installed.serving(), hall.open():
            for _ in account.times(1, 50):
                await account.disturb(hall, lambda: cluster.move(META, pause_s=0.01))

        assert await account.balance(hall) == []
        assert hall.served

    async def test_a_master_killed(self, installed: Installation, cluster: RedisCluster, account: Account) -> None:
        hall = nankai(installed, patient=False)
        async with installed.serving(), hall.open():
            for _ in account.times(1, 20):
                killed = await cluster.master_of(META)
                await account.disturb(hall, lambda: gone_to_its_replica(cluster))
                await killed.start()
                await until_true(lambda killed=killed: follows(killed))  # type: ignore[misc]

        assert await account.balance(hall) == []
        assert hall.served


class TestSentinels:
    @pytest.fixture
    async def servers(self, tmp_path: Path) -> AsyncIterator[Watched]:
        async with watched(tmp_path / "redis") as servers:
            yield servers

    @pytest.fixture
    def installed(self, tmp_path: Path, servers: Watched) -> Installation:
        return installation(tmp_path / "data", servers.url)

    async def test_a_master_cut_off_and_back_again(
        self, installed: Installation, servers: Watched, account: Account
    ) -> None:
        hall = nankai(installed, patient=False)
        async with installed.serving(), hall.open():
            for n in account.times(1, 10):
                if n:
                    await joined_again(servers)
                await account.disturb(hall, lambda: cut_off(servers))

        assert await account.balance(hall) == []
        assert hall.served


async def gone_to_its_replica(cluster: RedisCluster) -> None:
    killed = await cluster.master_of(META)
    killed.kill()
    async with asyncio.timeout(60):
        while await cluster.master_of(META) is killed:
            await asyncio.sleep(0.05)


async def cut_off(servers: Watched) -> None:
    """From its replica and the sentinels, not from the service; until there is another, three seconds at least."""
    before = await servers.master()
    await servers.cut_off(before)
    await asyncio.sleep(CUT_OFF_S)
    async with asyncio.timeout(60):
        while await servers.master() is before:
            await asyncio.sleep(0.05)


async def joined_again(servers: Watched) -> None:
    """The one that was cut off is the replica of the other."""
    master = await servers.master()
    other = next(server for server in servers.servers if server is not master)
    await servers.join_again(other)
    await until_true(lambda: follows(other))
