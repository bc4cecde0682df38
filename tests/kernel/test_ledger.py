"""Group commit: one transaction for all who wait, and one hall's trouble is no other's."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from booking.models import TABLES, TicketRecord
from o2o.kernel import statements
from o2o.kernel.database import open_database
from o2o.kernel.errors import UnavailableError
from o2o.kernel.journal import Entry
from o2o.kernel.ledger import FencedError, Ledger, OvertakenError, RefusedError, stored_event
from o2o.kernel.models import Event, Fence
from tests.altering import alter

HALLS = ("heping", "nankai", "hexi")


def change(hall: str, version: int, *, op: str = "", state: str = "waiting", serial: int = 0) -> tuple[Entry, bytes]:
    row = {
        "id": f"{hall}-{serial or version}", "hall": hall, "day": "2026-11-23", "number": "A001", "prefix": "A",
        "serial": serial or version, "service": "sim", "class": "standard", "channel": "web", "state": state,
        "turn": 1, "created_at": 0, "calls": 0, "epoch": 1, "version": version,
    }  # fmt: skip
    entry = Entry(
        op=op or f"{hall}-{version}", ordinal=0, epoch=1, version=version, at=0, name="ticket.issued",
        actor="anonymous", body="", rows={"ticket": row},
    )  # fmt: skip
    return entry, msgspec.json.encode(entry)


@pytest.fixture
async def ledger(database: str) -> AsyncIterator[Ledger]:
    async with open_database(database):
        await Fence.bulk_create([Fence(tag=f"hall:{hall}", epoch=1) for hall in HALLS])
        yield Ledger(TABLES)


class TestCommit:
    async def test_what_waits_is_written_in_few_transactions(self, ledger: Ledger) -> None:
        commits = [ledger.commit(f"hall:{hall}", 1, [change(hall, 1), change(hall, 2)]) for hall in HALLS]
        await asyncio.gather(*commits)

        assert await Event.all().count() == await TicketRecord.all().count() == 6

    async def test_a_change_of_an_ended_epoch_is_fenced_and_others_are_not(self, ledger: Ledger) -> None:
        await Fence.filter(tag="hall:heping").update(epoch=2)
        results = await asyncio.gather(
            *(ledger.commit(f"hall:{hall}", 1, [change(hall, 1)]) for hall in HALLS), return_exceptions=True
        )

        assert [type(result) for result in results] == [FencedError, type(None), type(None)]
        assert await TicketRecord.filter(hall="heping").count() == 0

    async def test_one_halls_contradiction_is_no_others(self, ledger: Ledger) -> None:
        await ledger.commit("hall:heping", 1, [change("heping", 1, op="taken")])
        results = await asyncio.gather(
            ledger.commit("hall:heping", 1, [change("heping", 2, op="taken")]),
            ledger.commit("hall:nankai", 1, [change("nankai", 1)]),
            return_exceptions=True,
        )

        assert [type(result) for result in results] == [RefusedError, type(None)]
        assert await TicketRecord.filter(hall="heping").count() == 1

    async def test_one_halls_unwritable_row_is_no_others_and_sql_is_not_called_away(self, ledger: Ledger) -> None:
        results = await asyncio.gather(
            ledger.commit("hall:heping", 1, [change("heping", 1, state="unheard of")]),
            ledger.commit("hall:nankai", 1, [change("nankai", 1)]),
            return_exceptions=True,
        )
        await ledger.ensure_up()

        assert [type(result) for result in results] == [RefusedError, type(None)]

    async def test_the_same_change_again_is_no_refusal(self, ledger: Ledger) -> None:
        await ledger.commit("hall:heping", 1, [change("heping", 1)])
        await ledger.commit("hall:heping", 1, [change("heping", 1), change("heping", 2)])

        assert await Event.filter(tag="hall:heping").count() == 2

    async def test_an_older_version_never_replaces_a_newer_row(self, ledger: Ledger) -> None:
        await ledger.commit("hall:heping", 1, [change("heping", 5, state="called", serial=1)])
        await ledger.commit("hall:heping", 1, [change("heping", 4, state="waiting", serial=1)])

        assert (await TicketRecord.get(id="heping-1")).state == "called"

    async def test_what_comes_after_another_is_written_only_if_that_one_is(self, ledger: Ledger) -> None:
        await ledger.commit("hall:heping", 1, [change("heping", 1, op="taken")])
        first = ledger.put("hall:heping", 1, [change("heping", 2, op="taken")])
        second = ledger.put("hall:heping", 1, [change("heping", 3)], first)
        await asyncio.wait({first.done})
        third = ledger.put("hall:heping", 1, [change("heping", 4)], second)
        good = ledger.put("hall:nankai", 1, [change("nankai", 1)])
        await asyncio.wait({second.done, third.done, good.done})

        assert isinstance(first.done.exception(), RefusedError)
        assert isinstance(second.done.exception(), OvertakenError)
        assert isinstance(third.done.exception(), OvertakenError)
        assert {row.id for row in await TicketRecord.all()} == {"heping-1", "nankai-1"}

    async def test_sql_that_is_away_is_said_and_asked_again(self, ledger: Ledger) -> None:
        await alter("ALTER TABLE fences RENAME TO fences_away")
        results = await asyncio.gather(
            *(ledger.commit(f"hall:{hall}", 1, [change(hall, 1)]) for hall in HALLS), return_exceptions=True
        )
        with pytest.raises(UnavailableError):
            await ledger.ensure_up()

        assert {type(result) for result in results} == {UnavailableError}

    @pytest.mark.sqlite
    async def test_sql_that_only_answers_is_away_too(self, ledger: Ledger) -> None:
        """As on a full disk: people who were told 503 would stand in the line as soon as there is room."""
        await alter("ALTER TABLE events RENAME TO events_away")
        full = "SELECT RAISE(ABORT, 'database or disk is full');"
        await alter(f"CREATE TRIGGER full BEFORE INSERT ON fences BEGIN {full} END")
        with pytest.raises(UnavailableError):
            await ledger.commit("hall:heping", 1, [change("heping", 1)])
        with pytest.raises(UnavailableError):
            await ledger.ensure_up()

        await alter("ALTER TABLE events_away RENAME TO events")
        await alter("DROP TRIGGER full")
        await ledger.commit("hall:heping", 1, [change("heping", 1)])
        await ledger.ensure_up()
        assert await Event.all().count() == 1

    async def test_the_stored_answer_is_the_entry_as_the_script_wrote_it(self, ledger: Ledger) -> None:
        written = change("heping", 1)
        await ledger.commit("hall:heping", 1, [written])

        assert await stored_event("heping-1") == written[1]
        assert await stored_event("unheard of") is None


@pytest.mark.postgres  # SQLite has one writer at a time.
class TestSeveralProcessesThatCarryTheSame:
    async def carry(self, versions: range) -> None:
        """Each commits what it decided and what was not known as committed, as scripts return it, all at once."""
        ledgers = [Ledger(TABLES) for _ in range(4)]
        for last in versions:
            changes = [change("heping", version) for version in range(max(1, last - 3), last + 1)]
            await asyncio.gather(*(one.commit("hall:heping", 1, changes) for one in ledgers))

    async def test_are_never_refused(self, ledger: Ledger) -> None:
        await self.carry(range(1, 50))

        assert await Event.filter(tag="hall:heping").count() == await TicketRecord.all().count() == 49

    async def test_are_refused_where_they_do_it_at_the_same_time(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock = statements.lock_fences
        monkeypatch.setattr(statements, "lock_fences", lambda client, tags, *, alone: lock(client, tags, alone=False))

        with pytest.raises(RefusedError):
            await self.carry(range(1, 10_000))
