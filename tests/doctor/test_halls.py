"""A hall whose Redis and SQL disagree, that waits for somebody, or that nobody loads, is named."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from booking.picture import CHANNEL
from o2o.doctor.finding import Verdict
from o2o.doctor.halls import examine_halls
from o2o.kernel.clock import system_clock
from o2o.kernel.database import open_database
from o2o.kernel.models import Fence
from o2o.kernel.settings import read_settings
from tests.booking.halls import Process, hall, process
from tests.doctor.conftest import Installation
from tests.servers import RedisServer

MIND, WRONG = Verdict.MIND, Verdict.WRONG


@pytest.fixture(autouse=True)
def shared_redis(installation: Installation, redis: RedisServer) -> None:
    installation.environ["O2O_REDIS_URL"] = redis.url


async def ills(installation: Installation, redis: Redis | None = None) -> dict[str, Verdict]:
    found = [one async for one in examine_halls(read_settings(installation.environ), system_clock)]
    return {one.name: one.verdict for one in found if one.verdict is not Verdict.FINE}


@asynccontextmanager
async def taking(installation: Installation) -> AsyncIterator[Process]:
    """Somebody has taken a number, by a process that goes when the block ends."""
    async with hall(installation.environ["O2O_DATABASE_URL"]) as clock:
        clock.now = system_clock()
        async with process(installation.environ["O2O_REDIS_URL"], installation.folder, clock) as one:
            await one.take()
            await one.close()
            yield one


async def test_an_installation_without_a_hall_is_told_how_to_make_one(installation: Installation) -> None:
    assert await ills(installation) == {"halls.none": MIND}


async def test_a_hall_that_redis_and_sql_agree_about_is_fine(installation: Installation) -> None:
    async with taking(installation):
        pass

    assert await ills(installation) == {}


async def test_a_hall_that_is_not_loaded_is_fine_where_nobody_serves_and_minded_where_somebody_does(
    installation: Installation, redis_client: Redis
) -> None:
    async with hall(installation.environ["O2O_DATABASE_URL"]):
        pass
    assert await ills(installation) == {}

    async with redis_client.pubsub() as somebody:
        await listening(somebody)
        assert await ills(installation) == {"halls.leader": WRONG, "halls.unloaded": MIND}
        await redis_client.set("{o2o:time}:leader", "somebody")
        assert await ills(installation) == {"halls.unloaded": MIND}


async def test_heads_that_are_counted_differently_are_wrong(installation: Installation, redis_client: Redis) -> None:
    async with taking(installation):
        pass
    await redis_client.hincrby("{hall:heping}:meta", "head_count", 1)

    assert await ills(installation) == {"halls.differ": WRONG}


async def test_sql_that_knows_more_than_redis_is_wrong(installation: Installation, redis_client: Redis) -> None:
    async with taking(installation):
        pass
    await redis_client.hset("{hall:heping}:meta", "version", 0)

    assert await ills(installation) == {"halls.differ": WRONG}


async def test_sql_that_was_put_back_by_hand_is_wrong(installation: Installation) -> None:
    async with taking(installation):
        pass
    async with open_database(installation.environ["O2O_DATABASE_URL"]):
        await Fence.all().update(epoch=1)

    assert await ills(installation) == {"halls.differ": WRONG}


async def test_a_hall_of_an_ended_epoch_is_left_to_the_next_who_asks(installation: Installation) -> None:
    async with taking(installation):
        pass
    async with open_database(installation.environ["O2O_DATABASE_URL"]):
        await Fence.all().update(epoch=99)

    assert await ills(installation) == {}


async def test_changes_that_nobody_commits_are_wrong(installation: Installation, redis_client: Redis) -> None:
    async with taking(installation) as one:
        loaded = await redis_client.hgetall("{hall:heping}:meta")
    version = int(loaded[b"version"]) + 1
    at = int((system_clock() - timedelta(minutes=1)).timestamp() * 1000)
    left = {"op": "x", "ordinal": 0, "epoch": int(loaded[b"epoch"]), "version": version, "at": at, "body": ""}
    entry = json.dumps({**left, "name": "ticket.left", "actor": "customer", "rows": {}, "facts": {}})
    await redis_client.xadd("{hall:heping}:journal", {"entry": entry}, id=f"{version}-0")
    await redis_client.hset("{hall:heping}:meta", "version", version)

    assert await ills(installation) == {"halls.orphans": WRONG}
    assert one.hall.id == "heping"


async def listening(somebody: PubSub) -> None:
    """As every process that serves does."""
    await somebody.subscribe(CHANNEL)
    await somebody.get_message(timeout=60)
