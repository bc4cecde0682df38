"""Two hosts are one service: one picture, one leader, and one after the other is restarted while people come."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from halls.stock.queries import level
from o2o.kernel.database import open_database
from o2o.kernel.models import Event
from orders.models import OrderRecord
from tests.deploy.hosts import HALL, SETTLED_S, Display, Host, People, sign_in, two_hosts
from tests.installation import PATIENCE_S
from tests.nodes import RedisCluster, redis_cluster
from tests.servers import RedisServer, redis_server

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
NO_SECOND_HOST = {"error non_idempotent;": "off;"}


async def leaders(hosts: list[Host]) -> int:
    return sum([await host.leads() for host in hosts])


async def same_pictures(displays: list[Display]) -> None:
    """Wait until each shows the same calls, which it does once it has connected again."""
    async with asyncio.timeout(PATIENCE_S):
        while displays[0].picture() is None or displays[0].picture() != displays[1].picture():
            await asyncio.sleep(0.05)


async def restarted(hosts: list[Host], people: People) -> None:
    """One after the other; the second one only when nginx asks the first again."""
    for host in hosts:
        await host.stop()
        await people.until(3)
        await host.start()
        if host is not hosts[-1]:
            await asyncio.sleep(SETTLED_S)
            await people.until(3)


@pytest.fixture(params=["one server", "a cluster"])
async def lines(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RedisServer | RedisCluster]:
    """What Redis is: one server, or a cluster of three masters with a replica each."""
    together = request.param == "a cluster"
    async with redis_cluster(tmp_path / "cluster") if together else redis_server(tmp_path / "redis") as redis:
        yield redis


async def test_a_rolling_restart_fails_nobody_and_both_hosts_show_the_same(
    tmp_path: Path, lines: RedisServer | RedisCluster
) -> None:
    async with two_hosts(tmp_path, lines) as (front, hosts):
        displays = [Display(host) for host in hosts]
        async with hosts[0].installation.client() as client:
            token = await sign_in(client, "clerk5")
        async with displays[0].on(token), displays[1].on(token):
            assert await leaders(hosts) == 1
            async with People(front).coming() as people:
                await people.until(5)
                await restarted(hosts, people)
                await people.until(5)
            await same_pictures(displays)
            picture = displays[0].picture()
            assert await leaders(hosts) == 1
        url = hosts[0].installation.environ["O2O_DATABASE_URL"]

    assert people.failed == []
    assert picture
    assert picture["calls"]
    assert all(display.snapshots for display in displays)
    async with open_database(url):
        names = {"ticket.issued": people.given, "ticket.completed": people.served}
        for name, said in names.items():
            rows = await Event.filter(tag=f"hall:{HALL}", name=name).values_list("ticket", flat=True)
            assert Counter(rows) == Counter(said)
        ended = await OrderRecord.all().values_list("id", "state")
        assert Counter(ended) == Counter((order, "cancelled") for order in people.ordered)
        shelf = await level(HALL, "sim-5g")
        assert (shelf.allocated, shelf.held) == (0, 0)


async def test_control_a_restart_without_another_host_to_ask_fails_somebody(tmp_path: Path, redis: RedisServer) -> None:
    async with two_hosts(tmp_path, redis, NO_SECOND_HOST) as (front, hosts), People(front).coming() as people:
        await people.until(3)
        await hosts[0].stop()
        async with asyncio.timeout(PATIENCE_S):
            while not people.failed:
                await asyncio.sleep(0.02)

    assert "503" in people.failed[0]
