"""The business day turns over at the hall's own midnight, once, whoever is under way; nobody of yesterday is left."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from booking.errors import HallFullError, PutBackTooLateError
from booking.models import TicketRecord
from booking.schemas import TicketRow
from booking.service.days import reset_yesterday
from booking.states import LIVE, Action
from o2o.kernel.models import Event
from tests.booking.halls import Process, in_a_row, numbers_in_sql, process
from tests.refusals import refused
from tests.servers import RedisServer
from tests.serving import MovableClock

MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""Where Tianjin's 24 November begins."""


async def days_begun() -> list[str]:
    rows = await Event.filter(tag="hall:heping", actor="clock", name="hall.changed").order_by("version")
    return [row.op.split(":")[2] for row in rows if row.op.startswith("day:")]


class TestTheTurn:
    async def test_the_first_request_after_midnight_begins_the_day(self, one: Process) -> None:
        one.clock.now = MIDNIGHT - timedelta(milliseconds=1)
        last = await one.take()
        one.clock.now = MIDNIGHT
        first = await one.take()

        assert [(last.day, last.number), (first.day, first.number)] == [("2026-11-23", "A001"), ("2026-11-24", "A001")]
        assert await days_begun() == ["2026-11-24"]

    async def test_at_the_turn_nobody_is_a_head_and_nobody_waits(self, one: Process) -> None:
        await one.configure(capacity=2)
        for _ in range(2):
            await one.take()
        await one.open()
        one.clock.now = MIDNIGHT

        assert await one.call() is None
        picture = await one.picture()
        assert (picture.day, picture.head_count, picture.waiting, picture.calls) == ("2026-11-24", 0, {}, [])
        assert [(await one.take()).number for _ in range(2)] == in_a_row(2)

    async def test_it_costs_the_same_however_many_wait(self, one: Process, redis_client: Redis) -> None:
        await asyncio.gather(*(one.take() for _ in range(600)))
        one.clock.now = MIDNIGHT
        await redis_client.config_resetstat()

        await one.take()
        await one.line.close()

        commands = await redis_client.info("commandstats")
        assert sum(stat["calls"] for name, stat in commands.items() if "hdel" in name or "zrem" in name) < 10

    async def test_a_hall_whose_day_starts_later_is_still_in_yesterday(self, one: Process) -> None:
        await one.configure(day_starts="04:00")
        one.clock.now = MIDNIGHT + timedelta(hours=3, minutes=59)
        night = await one.take()
        one.clock.advance(minutes=1)

        assert night.day == "2026-11-23"
        assert (await one.take()).day == "2026-11-24"

    async def test_a_repeat_over_midnight_is_the_same_ticket(self, one: Process) -> None:
        one.clock.now = MIDNIGHT - timedelta(seconds=1)
        first = await one.take("the same key")
        one.clock.now = MIDNIGHT + timedelta(seconds=1)

        assert await one.take("the same key") == first

    async def test_requests_in_flight_fall_on_either_side_and_none_between(self, two: list[Process]) -> None:
        two[0].clock.now = MIDNIGHT - timedelta(milliseconds=1)
        rows = [await one.take() for one in two]
        under_way = [asyncio.create_task(after(n / 2000, two[n % 2])) for n in range(200)]
        await asyncio.sleep(0.05)
        two[0].clock.now = MIDNIGHT
        rows += await asyncio.gather(*under_way)

        yesterday = sorted(row.number for row in rows if row.day == "2026-11-23")
        today = sorted(row.number for row in rows if row.day == "2026-11-24")
        assert (yesterday, today) == (in_a_row(len(yesterday)), in_a_row(202 - len(yesterday)))
        assert 2 < len(yesterday) < 202
        assert await days_begun() == ["2026-11-24"]


class TestYesterdaysTicket:
    async def test_who_is_being_served_at_midnight_may_be_finished(self, one: Process) -> None:
        row = await one.ticket_in("serving")
        one.clock.now = MIDNIGHT

        assert (await one.do(Action.COMPLETE, row)).state == "completed"
        assert (await one.picture()).head_count == 0

    async def test_a_called_one_is_not_put_into_todays_line(self, one: Process) -> None:
        row = await one.ticket_in("called")
        one.clock.now = MIDNIGHT
        await one.take()

        async with refused(one, PutBackTooLateError):
            await one.requeue(row)

    async def test_leaving_it_takes_no_head_from_today(self, one: Process) -> None:
        await one.configure(capacity=1)
        row = await one.take()
        one.clock.now = MIDNIGHT
        await one.take()

        await one.leave(row)

        assert (await one.picture()).head_count == 1
        assert (await one.line.loads([one.hall]))[0].head_count == 1
        async with refused(one, HallFullError):
            await one.take()


class TestClocksThatDiffer:
    async def test_a_process_in_yesterday_works_in_the_lines_day(self, two: list[Process]) -> None:
        ahead, behind = two[0], behind_by(two[1], seconds=2)
        await ahead.open()
        ahead.clock.now = MIDNIGHT + timedelta(seconds=1)
        await ahead.take()

        row = await behind.take()

        assert (row.day, row.number) == ("2026-11-24", "A002")
        assert await days_begun() == ["2026-11-24"]

    async def test_not_even_its_rebuild_turns_the_day_back(self, two: list[Process], redis_client: Redis) -> None:
        ahead, behind = two[0], behind_by(two[1], seconds=2)
        ahead.clock.now = MIDNIGHT + timedelta(seconds=1)
        await ahead.open()
        await ahead.take()
        await redis_client.flushall()
        await behind.open("heping-2", clerk="staff:clerk2")

        assert await ahead.calls() == ["A001"]
        assert (await behind.take()).number == "A002"

    async def test_a_reset_by_it_ends_nobody_of_today(self, two: list[Process]) -> None:
        ahead, behind = two[0], behind_by(two[1], hours=30)
        ahead.clock.now = MIDNIGHT
        today = await ahead.take()

        await reset_yesterday(behind.line, behind.hall)

        assert await ahead.row(today) == today


class TestWhereClocksChange:
    @pytest.mark.parametrize(
        ("zone", "begins"),
        [
            ("Asia/Shanghai", "2027-03-27"),
            ("Europe/Berlin", "2027-03-27"),
            ("Europe/Berlin", "2027-10-30"),
            ("America/New_York", "2027-03-13"),
            ("America/Santiago", "2027-09-04"),  # Midnight is skipped.
            ("America/Havana", "2026-10-31"),  # Midnight comes twice.
            ("Australia/Lord_Howe", "2027-04-03"),  # Half an hour.
            ("Africa/Cairo", "2027-04-29"),
        ],
    )
    async def test_each_day_begins_once_and_numbers_with_it(self, one: Process, zone: str, begins: str) -> None:
        one.clock.now = datetime.fromisoformat(f"{begins}T12:00:00+00:00")
        await one.configure(time_zone=zone)
        taken: list[tuple[str, str]] = []
        for _ in range(100):
            row = await one.take()
            taken.append((row.day, row.number))
            one.clock.advance(minutes=30)

        assert taken == sorted(taken)
        assert len(set(taken)) == 100
        assert await days_begun() == sorted({day for day, _ in taken})[1:]


class TestAPictureRightAfter:
    async def test_board_and_sql_agree_whatever_is_under_way(self, one: Process) -> None:
        for state in ("no_show", "waiting", "serving"):
            await one.ticket_in(state)
        one.clock.now = MIDNIGHT
        await one.take()
        shown = await one.picture()
        assert (shown.head_count, shown.waiting, shown.absent) == (1, {"sim": 1}, [])

        await reset_yesterday(one.line, one.hall)

        shown = await one.picture()
        assert set(shown.tickets) == {row.id for row in await TicketRecord.filter(state__in=LIVE)}

    async def test_a_rebuild_shows_what_was_shown(self, one: Process, redis_client: Redis) -> None:
        await one.ticket_in("no_show")
        await one.take()
        one.clock.now = MIDNIGHT
        await one.ticket_in("no_show")
        await one.take()
        before = await one.picture()

        await redis_client.flushall()
        await one.open(clerk="staff:clerk2", take_over=True)

        after = await one.picture()
        assert (after.day, after.waiting, after.head_count) == (before.day, before.waiting, before.head_count)
        assert {row.number for row in after.absent} == {row.number for row in before.absent}


async def test_a_new_process_begins_in_the_lines_day(
    one: Process, redis: RedisServer, clock: MovableClock, tmp_path: Path
) -> None:
    await one.take()
    one.clock.now = MIDNIGHT
    await one.take()
    async with process(redis.url, tmp_path, clock) as new:
        assert (await new.take()).number == "A002"

    assert await numbers_in_sql() == ["A001", "A001", "A002"]


async def after(seconds: float, one: Process) -> TicketRow:
    await asyncio.sleep(seconds)
    return await one.take()


def behind_by(one: Process, **span: float) -> Process:
    """The process with a clock that is slow."""
    true = one.clock
    one.line.store(one.hall)._clock = lambda: true() - timedelta(**span)
    return one
