"""A phone number and a name are kept sealed, and erased after their days: no table, key or log line tells them."""

import logging

import pytest
from redis.asyncio import Redis

from booking.archive import TICKETS
from booking.jobs import erasing
from booking.queries import contact_of
from o2o.kernel.archive import move
from o2o.kernel.errors import UnavailableError
from tests.altering import alter
from tests.booking.halls import Process
from tests.booking.redis_contents import everything_in
from tests.booking.sql_contents import everything_in_sql

PHONE = "13800138000"


async def drive(one: Process) -> str:
    await one.open()
    row = await one.take(phone=PHONE, name="王小明")
    await one.call()
    await one.act("no_show", row)
    await one.requeue(row)
    return row.id


async def test_redis_knows_no_phone_number_and_no_name(one: Process, redis_client: Redis) -> None:
    await drive(one)

    kept = await everything_in(redis_client)

    assert "A001" in kept
    assert PHONE not in kept
    assert "王小明" not in kept


async def test_no_table_holds_them_in_clear(one: Process) -> None:
    await drive(one)

    dump = await everything_in_sql()

    assert "A001" in dump
    assert PHONE not in dump
    assert "王小明" not in dump


async def test_the_sealed_contact_opens_to_both(one: Process) -> None:
    sealed = await contact_of(await drive(one))

    assert sealed is not None
    assert one.arrivals._signer.open(sealed) == '{"phone":"+8613800138000","name":"王小明"}'


async def test_no_log_line_tells_them(one: Process, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await drive(one)
    await alter("ALTER TABLE events RENAME TO events_away")
    with pytest.raises(UnavailableError):
        await one.take(phone="13900139000")

    assert "commit_failed" in caplog.text
    assert PHONE not in caplog.text
    assert "13900139000" not in caplog.text
    assert "王小明" not in caplog.text


@pytest.mark.parametrize("archived", [False, True])
async def test_they_are_erased_once_the_ticket_has_been_over_for_its_days(one: Process, *, archived: bool) -> None:
    over = await one.leave(await one.take(phone=PHONE, name="王小明"))
    await one.next_day()
    waits = await one.take(phone="13900139000")
    if archived:
        assert await move(TICKETS, "heping", one.clock(), 10) == 1
    job = erasing(30, one.clock)
    one.clock.advance(days=29)

    assert (await job.step(), await contact_of(over.id) is None) == (0, False)
    one.clock.advance(days=30)
    assert (await job.step(), await contact_of(over.id)) == (1, None)
    assert await contact_of(waits.id)
    assert (await one.row(over)).holder == over.holder
