"""Days gone by move out of the live tables whole and once, whoever dies meanwhile, and nobody misses them."""

import asyncio
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from booking.archive import TICKETS
from booking.models import ArchivedTicket, TicketRecord
from booking.queries import HallSnapshot, read_snapshot
from booking.service import line
from booking.states import LIVE
from o2o.kernel import archive
from o2o.kernel.archive import EVENTS, Archive, due, move
from o2o.kernel.clock import to_ms
from o2o.kernel.database import connection
from o2o.kernel.models import ArchivedEvent, Event
from tests.booking.halls import Process

DAYS = 35
SHELVES = (TICKETS, EVENTS)
ROOT = Path(__file__).parents[2]


async def visited(one: Process) -> None:
    """Days with tickets in every kind of end, and a newest one with somebody who waits."""
    await one.open()
    for _day in range(3):
        for _ in range(3):
            await one.take()
        await one.serve()
        await one.next_day()
    await one.take()
    await one.close()


async def snapshot(one: Process, now: datetime) -> HallSnapshot:
    """What a rebuild would load, in one order; but for the keys of the last day, which no clock that is right moves."""
    day = one.hall.business_day(now).isoformat()
    found = await read_snapshot(connection(), "heping", day, to_ms(now))
    for rows in (found.tickets, found.counters, found.calls):
        rows.sort(key=lambda row: str(row["id"]))
    return replace(found, operations=[])


async def everything() -> list[dict[str, Any]]:
    """Every ticket and event, from both tables each; what is in both comes twice."""
    tables = (TicketRecord, ArchivedTicket, Event, ArchivedEvent)
    return [row for table in tables for row in await table.all().order_by("id").values()]


def same(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> bool:
    return Counter(map(repr, before)) == Counter(map(repr, after))


def mover_of(one: Process, days: int = DAYS, *, rests: bool = False) -> Archive:
    async def line_rests() -> bool:
        return rests

    return Archive(SHELVES, days, one.clock, line_rests)


async def archived(one: Process) -> None:
    await mover_of(one).step()


class TestWhatMoves:
    async def test_days_gone_by_move_and_the_newest_day_and_event_stay(self, one: Process) -> None:
        await visited(one)
        newest = await Event.all().order_by("-version").first()
        one.clock.advance(days=DAYS + 4)

        await archived(one)

        assert newest
        assert [row.id for row in await Event.all()] == [newest.id]
        assert {row.day for row in await TicketRecord.all()} == {"2026-11-26"}
        assert Counter([row.day for row in await ArchivedTicket.all()]) == {
            "2026-11-23": 3,
            "2026-11-24": 3,
            "2026-11-25": 3,
        }

    async def test_what_is_not_old_stays(self, one: Process) -> None:
        await visited(one)
        before = await everything()
        one.clock.advance(days=DAYS - 4)

        await archived(one)

        assert await everything() == before
        assert await ArchivedTicket.all().count() == await ArchivedEvent.all().count() == 0

    async def test_who_is_still_in_the_line_stays_with_the_day(self, one: Process) -> None:
        row = await one.take()
        await one.take()
        await one.next_day()
        await one.close()
        await TicketRecord.filter(id=row.id).update(state="waiting")
        await TicketRecord.create(**{**await a_row(row.id), "id": "later", "day": "2026-12-01"})
        one.clock.advance(days=DAYS + 10)

        await archived(one)

        assert {row.id for row in await TicketRecord.filter(state__in=LIVE)} == {row.id, "later"}
        assert await ArchivedTicket.all().count() == 1

    async def test_never_is_never(self, one: Process) -> None:
        await visited(one)
        one.clock.advance(days=5000)

        await mover_of(one, days=0).step()

        assert await ArchivedEvent.all().count() == 0

    async def test_each_step_moves_a_chunk(self, one: Process, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "CHUNK", 4)
        await visited(one)
        before = await everything()
        one.clock.advance(days=DAYS + 4)
        mover = mover_of(one)
        moved = [0]

        while await Event.all().count() > 1 or await ArchivedTicket.all().count() < 9:
            await mover.step()
            moved.append(await ArchivedTicket.all().count() + await ArchivedEvent.all().count())

        assert all(0 < later - sooner <= 4 for sooner, later in pairwise(moved))
        assert same(before, await everything())

    async def test_by_night_a_step_moves_several(self, one: Process, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "CHUNK", 4)
        monkeypatch.setattr(archive, "AT_REST", 3)
        await visited(one)
        one.clock.advance(days=DAYS + 4)

        await mover_of(one, rests=True).step()

        assert await ArchivedTicket.all().count() + await ArchivedEvent.all().count() == 3 * 4

    async def test_a_line_of_few_halls_rests_when_nothing_has_begun_for_a_second(self, one: Process) -> None:
        await one.take()
        assert not await one.line.rests()

        one.clock.advance(seconds=1, milliseconds=1)

        assert await one.line.rests()

    async def test_of_a_thousand_halls_one_may_be_in_use(self, one: Process, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(line, "HALLS_PER_ONE_IN_USE", 2)
        await one.add_hall("hexi")
        await one.take()
        assert await one.line.rests()

        await one.take(hall="hexi")

        assert not await one.line.rests()


async def a_row(ticket: str) -> dict[str, Any]:
    row = await TicketRecord.get(id=ticket).values()
    return {**row, "serial": 7, "state": "waiting"}


class TestNobodyMissesIt:
    @pytest.mark.parametrize("days", [DAYS + 4, 0, -60])
    async def test_a_rebuild_reads_the_same_as_before_whatever_the_clock_says(self, days: int, one: Process) -> None:
        await visited(one)
        now = one.clock.now + timedelta(days=days)
        before = await snapshot(one, now)
        one.clock.advance(days=DAYS + 4)

        await archived(one)

        assert await ArchivedEvent.all().count()
        assert await snapshot(one, now) == before

    async def test_control_without_the_newest_event_versions_begin_anew(self, one: Process) -> None:
        await visited(one)
        before = await snapshot(one, one.clock.now)
        one.clock.advance(days=DAYS + 4)
        guard = EVENTS.chosen[EVENTS.chosen.index("AND id <>") : EVENTS.chosen.index("ORDER BY at LIMIT")]

        await move(replace(EVENTS, chosen=EVENTS.chosen.replace(guard, "")), "hall:heping", one.clock(), 1000)

        assert before.version > (await snapshot(one, one.clock.now)).version == 0

    async def test_control_without_the_newest_day_numbers_are_given_again(self, one: Process) -> None:
        await visited(one)
        before = await snapshot(one, one.clock.now)
        await TicketRecord.all().update(state="completed")
        guard = TICKETS.chosen[TICKETS.chosen.index("AND day < (") : TICKETS.chosen.index("ORDER BY day")]
        unguarded = replace(TICKETS, chosen=TICKETS.chosen.replace(guard, ""))

        await move(unguarded, "heping", one.clock() + timedelta(days=DAYS), 1000)

        assert (before.serials, (await snapshot(one, one.clock.now)).serials) == ({"A": 1}, {})

    async def test_the_line_goes_on_from_an_archive_and_a_lost_redis(self, one: Process) -> None:
        await visited(one)
        version = (await snapshot(one, one.clock.now)).version
        one.clock.advance(days=DAYS + 4)
        await archived(one)
        await one.line.store(one.hall)._redis.mutate.flushall()

        row = await one.take()

        assert (row.number, row.version > version) == ("A001", True)

    async def test_an_old_ticket_is_found(self, one: Process) -> None:
        row = await one.take()
        await one.next_day()
        await one.take()
        last = await one.row(row)
        one.clock.advance(days=DAYS + 4)

        await archived(one)

        assert not await TicketRecord.filter(id=row.id).exists()
        assert await one.row(row) == last
        assert await one.line.ticket(row.id) == last


class TestWhoeverDies:
    @pytest.mark.parametrize("dies_at", [1, 2, 3])
    async def test_killed_at_any_point_it_is_done_again(self, dies_at: int, one: Process, database: str) -> None:
        await visited(one)
        before = await everything()
        one.clock.advance(days=DAYS + 4)

        await killed(one, database, dies_at)

        assert same(before, await everything())
        await archived(one)
        assert same(before, await everything())
        assert await due(TICKETS, one.clock() - timedelta(days=DAYS)) == []
        assert await ArchivedTicket.all().count() == 9

    async def test_control_without_a_transaction_a_kill_leaves_rows_in_both(self, one: Process, database: str) -> None:
        await visited(one)
        before = await everything()
        one.clock.advance(days=DAYS + 4)

        await killed(one, database, 2, "bare")

        assert not same(before, await everything())

    async def test_two_that_move_at_once_lose_and_double_nothing(self, one: Process) -> None:
        await visited(one)
        before = await everything()
        moment = one.clock() + timedelta(days=4)

        pairs = [(shelf, owner) for shelf in SHELVES for owner in await due(shelf, moment)] * 4
        await asyncio.gather(*(move(shelf, owner, moment, 3) for shelf, owner in pairs))

        assert same(before, await everything())
        assert await ArchivedTicket.all().count() == 9


async def killed(one: Process, database: str, dies_at: int, guard: str = "guarded") -> None:
    moment = (one.clock() - timedelta(days=DAYS)).isoformat()
    command = [sys.executable, "-m", "tests.booking.dying_mover", database, moment, str(dies_at), guard]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == -9, ended.stderr
