"""What Redis and SQL have of a hall is told side by side, and no number below a floor is given."""

from booking.inspection import read_kept, read_loaded
from booking.models import NumberFloor
from o2o.kernel.models import Fence
from tests.booking.halls import Process
from tests.servers import RedisServer


async def test_a_hall_that_nobody_asked_for_is_not_loaded(one: Process) -> None:
    assert await read_loaded(one.line._redis.read, ["heping"]) == {}


async def test_a_loaded_hall_is_told_with_its_numbers(one: Process) -> None:
    row = await one.take()
    await one.take(service="bill")
    await one.close()

    loaded = (await read_loaded(one.line._redis.read, ["heping"]))["heping"]

    assert loaded.current
    assert (loaded.day, loaded.head_count, loaded.numbers) == (row.day, 2, {"A": 1, "B": 1})
    assert (loaded.epoch, loaded.version) == (await read_kept(["heping"]))["heping"]
    assert loaded.waits_since is None


async def test_what_an_old_server_left_is_not_current(one: Process, redis: RedisServer) -> None:
    await one.take()
    await redis.save()
    await redis.kill()
    await redis.start()

    assert not (await read_loaded(one.line._redis.read, ["heping"]))["heping"].current


async def test_a_process_that_has_never_seen_a_hall_begins_its_epoch_anew(two: list[Process]) -> None:
    await two[0].take()
    before = (await Fence.get(tag="hall:heping")).epoch

    assert await two[1].line.desk(two[1].hall).rebuild() == before + 1
    assert (await two[0].take()).number == "A002"


async def test_numbers_go_on_above_a_floor(one: Process) -> None:
    row = await one.take()
    await NumberFloor.create(hall="heping", day=row.day, prefix="A", serial=40)
    await NumberFloor.create(hall="heping", day=row.day, prefix="B", serial=7)
    await one.line.desk(one.hall).rebuild()

    assert (await one.take()).number == "A041"
    assert (await one.take(service="bill")).number == "B008"


async def test_a_floor_below_what_was_given_changes_nothing(one: Process) -> None:
    for _ in range(3):
        row = await one.take()
    await NumberFloor.create(hall="heping", day=row.day, prefix="A", serial=2)
    await one.line.desk(one.hall).rebuild()

    assert (await one.take()).number == "A004"
