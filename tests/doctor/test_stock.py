"""A place whose stock Redis and SQL count differently is named."""

import msgspec
import pytest
from redis.asyncio import Redis

from o2o.doctor.finding import Verdict
from o2o.doctor.stock import examine_stock
from o2o.kernel.clock import system_clock
from o2o.kernel.settings import read_settings
from tests.doctor.conftest import Installation
from tests.halls.stock.rooms import SKU, places, process
from tests.servers import RedisServer

LEVELS = "{place:heping}:levels"


@pytest.fixture(autouse=True)
async def stock(installation: Installation, redis: RedisServer) -> None:
    """Five have come, by a process that has ended."""
    installation.environ["O2O_REDIS_URL"] = redis.url
    async with places(installation.environ["O2O_DATABASE_URL"]) as clock:
        clock.now = system_clock()
        async with process(redis.url, installation.folder, clock) as one:
            await one.receive(5)


async def found(installation: Installation) -> list[tuple[str, Verdict, str]]:
    settings = read_settings(installation.environ)
    return [(one.name, one.verdict, one.said) async for one in examine_stock(settings)]


async def test_stock_that_both_count_alike_is_fine(installation: Installation) -> None:
    said = "1 places with stock; Redis and SQL agree about each"

    assert await found(installation) == [("stock", Verdict.FINE, said)]


async def test_stock_that_is_counted_differently_is_wrong(installation: Installation, redis_client: Redis) -> None:
    row = msgspec.json.decode(await redis_client.hget(LEVELS, SKU) or b"") | {"on_hand": 6}
    await redis_client.hset(LEVELS, SKU, msgspec.json.encode(row))

    said = f"heping: {SKU} is 6 here, 0 allocated, 0 held in Redis, 5 here, 0 allocated, 0 held in SQL"
    assert await found(installation) == [("stock.differ", Verdict.WRONG, said)]
