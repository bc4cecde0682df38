"""The demo's stock: a product here, one nearby, one that is only sent, and one nowhere."""

from pathlib import Path

from halls.service import Directory
from halls.stock.demo import DEMO_STOCK, load_demo_stock, missing
from halls.stock.places import Places
from halls.stock.queries import serials_at
from o2o.kernel.redis import open_redis
from tests.halls.stock.rooms import Process, levels_of
from tests.servers import RedisServer
from tests.serving import MovableClock


async def test_each_place_gets_what_scripts_count_on_and_once(
    one: Process, redis: RedisServer, tmp_path: Path, clock: MovableClock
) -> None:
    async with open_redis(redis.url, tmp_path) as pair:
        for _ in range(2):
            await load_demo_stock(Places(Directory()), pair, clock)

    assert await missing() == []
    assert (await serials_at("heping", "phone-x200-black"))[0] == "X200-B-HEPING-001"
    had = {sku: {level.place: level.available for level in await levels_of(sku)} for sku in PRODUCTS}
    assert had == {
        "phone-x200-black": {"heping": 5, "nankai": 3, "tianjin": 20},
        "phone-x200-white": {"nankai": 3},
        "router-ax3000": {"tianjin": 40},
        "watch-s3": {},
    }


PRODUCTS = ("phone-x200-black", "phone-x200-white", "router-ax3000", "watch-s3")


async def test_what_was_sold_stays_sold(one: Process, redis: RedisServer, tmp_path: Path, clock: MovableClock) -> None:
    async with open_redis(redis.url, tmp_path) as pair:
        await load_demo_stock(Places(Directory()), pair, clock)
        await one.sell(2)
        await load_demo_stock(Places(Directory()), pair, clock)

    assert await one.counts() == (DEMO_STOCK["heping"]["phone-x200-black"] - 2, 0, 0)
