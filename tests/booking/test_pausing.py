"""A hall that stops at once, and goes on."""

import pytest

from booking.errors import HallPausedError, ServiceClosedError
from booking.schemas import Pause
from booking.service.pausing import pause
from halls.pause import Words
from o2o.kernel.models import Event
from tests.booking.halls import Process
from tests.refusals import refused
from tests.servers import RedisServer

FIRE = Words(zh="请先离开大厅", en="Please leave the hall")


async def test_while_issuing_is_paused_nobody_gets_a_number_and_calls_go_on(one: Process) -> None:
    await one.open()
    await one.take()
    await one.pause(issuing=True, calling=False)

    async with refused(one, HallPausedError):
        await one.take()
    assert (await one.called()).number == "A001"


async def test_while_calling_is_paused_nobody_is_called_and_numbers_are_given(one: Process) -> None:
    await one.open()
    await one.pause(issuing=False, calling=True)
    row = await one.take()

    async with refused(one, HallPausedError):
        await one.call()
    async with refused(one, HallPausedError):
        await one.call(ticket=row.id)


async def test_who_is_refused_is_told_the_managers_words(one: Process) -> None:
    await pause(one.line, one.hall, Pause(issuing=True, calling=True, message=FIRE), one.attempt())

    async with refused(one, HallPausedError, words={"zh-CN": FIRE.zh, "en": FIRE.en}):
        await one.take()


async def test_everybody_sees_it_until_it_is_over(one: Process) -> None:
    await one.pause()
    (load,) = await one.line.loads([one.hall])
    seen = (await one.picture()).pause
    await one.pause(issuing=False, calling=False)

    assert load.pause is not None
    assert seen is not None
    assert ((await one.picture()).pause, (await one.line.loads([one.hall]))[0].pause) == (None, None)
    assert [event.name for event in await Event.filter(name__startswith="hall.").order_by("version")] == [
        "hall.paused",
        "hall.resumed",
    ]


async def test_going_on_where_nothing_is_paused_changes_nothing(one: Process) -> None:
    await one.take()
    before = await one.trace()
    await one.pause(issuing=False, calling=False)

    assert await one.trace() == before


async def test_it_outlives_redis(one: Process, redis: RedisServer) -> None:
    await one.pause()
    await redis.kill()
    await redis.start()

    with pytest.raises(HallPausedError):
        await one.take()


async def test_a_closed_service_gives_no_numbers_and_serves_who_waits(one: Process) -> None:
    await one.open()
    await one.take()
    closed = [
        {"id": "sim", "prefix": "A", "name": "SIM", "open": False},
        {"id": "bill", "prefix": "B", "name": "Bills"},
    ]
    await one.configure(services=closed)

    async with refused(one, ServiceClosedError):
        await one.take()
    assert (await one.called()).number == "A001"
