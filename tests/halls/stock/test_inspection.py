"""What Redis and SQL count differently is named, and nothing else."""

import msgspec

from halls.stock.inspection import Difference, differences, highest_epoch, places_with_stock
from tests.halls.stock.rooms import SKU, Process


async def test_a_place_that_both_count_alike_does_not_differ(one: Process) -> None:
    await one.receive(5)
    await one.hold(2)

    assert await places_with_stock() == ["heping"]
    assert await differences(one.redis.read, "heping") == []


async def test_a_count_that_redis_has_wrong_is_named_until_the_place_is_loaded_anew(one: Process) -> None:
    await one.receive(5)
    await one.stock.desks.close()
    raw = await one.redis.read.hget("{place:heping}:levels", SKU)
    row = msgspec.json.decode(raw or b"") | {"held": 1}
    await one.redis.mutate.hset("{place:heping}:levels", SKU, msgspec.json.encode(row))

    assert await differences(one.redis.read, "heping") == [Difference("heping", SKU, (5, 0, 1), (5, 0, 0))]

    await (await one.stock.desks.desk("heping")).rebuild()
    assert await differences(one.redis.read, "heping") == []


async def test_a_place_that_is_not_loaded_does_not_differ(one: Process) -> None:
    await one.receive(5)
    assert await highest_epoch(one.redis.mutate) > 0
    await one.forget()

    assert await differences(one.redis.read, "heping") == []
    assert await highest_epoch(one.redis.mutate) == 0
