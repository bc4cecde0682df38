"""Stock over a Redis Cluster: its places are shared out among masters, of which one dies; their slots move."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from halls.models import StockAllocation
from halls.stock.demo import DEMO_STOCK
from o2o.kernel.models import Event
from tests.halls.stock.rooms import PLACES, Process, processes
from tests.halls.stock.test_races import UNITS, assert_all_is_sold_and_no_more, sell_to_all
from tests.nodes import RedisCluster, redis_cluster
from tests.serving import MovableClock

pytestmark = pytest.mark.slow
AT_ONCE = 12


def key_of(place: str) -> str:
    return f"{{place:{place}}}:levels"


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[RedisCluster]:
    async with redis_cluster(tmp_path / "cluster") as cluster:
        yield cluster


@pytest.fixture
async def stocked(cluster: RedisCluster, tmp_path: Path, clock: MovableClock) -> AsyncIterator[list[Process]]:
    async with processes(2, cluster.url, tmp_path, clock) as two:
        for place, units in UNITS.items():
            await two[0].receive(units, place)
        yield two


async def until_sold(count: int) -> None:
    while await StockAllocation.filter(state="handed_over").count() < count:
        await asyncio.sleep(0)


async def test_the_demos_places_are_on_several_masters(cluster: RedisCluster) -> None:
    masters = [await cluster.master_of(key_of(place)) for place in DEMO_STOCK]

    assert len(set(masters)) > 1


async def test_400_buyers_get_exactly_the_100_while_the_slot_of_each_place_moves(
    stocked: list[Process], cluster: RedisCluster
) -> None:
    async def move() -> None:
        for sold, place in zip((10, 40, 70), PLACES, strict=True):
            await until_sold(sold)
            before = await cluster.master_of(key_of(place))
            assert await cluster.move(key_of(place), pause_s=0.01) is not before

    bought, _moved = await asyncio.gather(sell_to_all(stocked, AT_ONCE), move())

    await assert_all_is_sold_and_no_more(bought)


async def test_400_buyers_get_exactly_the_100_although_a_places_master_dies(
    stocked: list[Process], cluster: RedisCluster
) -> None:
    async def kill() -> None:
        await until_sold(20)
        (await cluster.master_of(key_of("heping"))).kill()

    bought, _killed = await asyncio.gather(sell_to_all(stocked, AT_ONCE), kill())

    await assert_all_is_sold_and_no_more(bought)
    epochs = await Event.filter(tag="place:heping").distinct().values_list("epoch", flat=True)
    assert len(epochs) > 1
