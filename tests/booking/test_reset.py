"""After midnight every live ticket of yesterday ends as `reset`, in chunks and once; nobody of today is touched."""

import asyncio

import pytest
from redis.asyncio import Redis

from booking import jobs
from booking.errors import WrongStateError
from booking.models import TicketRecord
from booking.service import days
from booking.service.days import reset_yesterday
from booking.states import LIVE, Action
from o2o.kernel.models import Event
from tests.booking.halls import Process, events_in_sql
from tests.booking.redis_contents import everything_in
from tests.booking.test_days import MIDNIGHT
from tests.refusals import refused
from tests.servers import RedisServer


async def test_every_live_ticket_of_yesterday_ends_in_chunks(one: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "CHUNK", 4)
    await asyncio.gather(*(one.take() for _ in range(10)))

    await one.next_day()

    assert await TicketRecord.filter(state="reset").count() == 10
    assert len(set(await Event.filter(name="ticket.reset").values_list("op", flat=True))) == 3


async def test_called_and_served_ones_too_and_their_counters_are_free(one: Process) -> None:
    await one.open("heping-1", "heping-2")
    await one.take()
    await one.take()
    await one.do(Action.START, await one.called("heping-1"))
    await one.called("heping-2")

    await one.next_day()

    assert await TicketRecord.filter(state="reset").count() == 2
    counters = (await one.picture()).counters.values()
    assert [(counter.open, counter.ticket) for counter in counters] == [(True, None), (True, None)]


async def test_nobody_of_yesterday_is_called_before_it(one: Process) -> None:
    await one.open()
    row = await one.take()
    one.clock.advance(days=1)
    await one.take()

    async with refused(one, WrongStateError, state="reset"):
        await one.call(ticket=row.id)


async def test_nobody_of_yesterday_is_called_again_before_it(one: Process) -> None:
    await one.open()
    await one.take()
    row = await one.called()
    one.clock.advance(days=1)
    await one.take()

    async with refused(one, WrongStateError, state="reset"):
        await one.act("recall", row)


async def test_ended_ones_keep_their_end(one: Process) -> None:
    for state in ("completed", "left", "no_show"):
        await one.ticket_in(state)

    await one.next_day()

    ends = [row.state for row in await TicketRecord.all().order_by("serial")]
    assert ends == ["completed", "left", "no_show"]


async def test_nobody_of_today_is_touched(one: Process) -> None:
    await one.take()
    one.clock.now = MIDNIGHT
    today = await one.take()

    await reset_yesterday(one.line, one.hall)

    assert await one.row(today) == today
    assert (await one.picture()).head_count == 1


async def test_it_ends_what_many_days_without_anybody_left(one: Process) -> None:
    await one.take()
    one.clock.advance(days=40)

    await reset_yesterday(one.line, one.hall)

    assert await TicketRecord.filter(state__in=LIVE).count() == 0


async def test_it_is_done_once_whoever_else_does_it(two: list[Process]) -> None:
    for _ in range(20):
        await two[0].take()
    two[0].clock.now = MIDNIGHT

    await asyncio.gather(*(jobs.settle(one.line) for one in two))

    assert await events_in_sql("ticket.reset") == 20


async def test_redis_keeps_nothing_of_yesterdays_people(one: Process, redis_client: Redis) -> None:
    rows = [await one.ticket_in(state) for state in ("no_show", "left", "waiting")]
    await one.next_day()
    await one.take()
    await one.line.close()
    await redis_client.delete("{hall:heping}:feed", *await redis_client.keys("*:line:2026-11-23:*"))

    kept = await everything_in(redis_client)

    assert [row.id for row in rows if row.id in kept] == []


async def test_while_redis_is_away_it_waits(one: Process, redis: RedisServer) -> None:
    await one.take()
    one.clock.now = MIDNIGHT
    await redis.kill()
    await jobs.settle(one.line)
    await redis.start()

    await jobs.settle(one.line)

    assert await TicketRecord.filter(state="reset").count() == 1
