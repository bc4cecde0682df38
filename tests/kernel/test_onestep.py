"""A commit in one statement: all of it or nothing."""

from collections.abc import AsyncIterator, Sequence

import pytest
from tortoise.exceptions import IntegrityError

from booking.models import TABLES, TicketRecord
from o2o.kernel import statements
from o2o.kernel.database import open_database
from o2o.kernel.journal import Entry
from o2o.kernel.ledger import Ledger
from o2o.kernel.models import Event, Fence
from o2o.kernel.onestep import write_in_one_step
from o2o.kernel.statements import Rows
from tests.kernel.test_ledger import change

TAG, OTHER = "hall:heping", "hall:nankai"


@pytest.fixture(autouse=True)
async def fences(database: str) -> AsyncIterator[None]:
    async with open_database(database):
        await Fence.bulk_create([Fence(tag=tag, epoch=1) for tag in (TAG, OTHER)])
        yield


def rows_of(changes: Sequence[tuple[Entry, bytes]]) -> list[Rows]:
    tickets = [entry.rows["ticket"] for entry, _raw in changes]
    events = statements.events_inserted([(TAG, *one) for one in changes])
    return [events, statements.upserted(TABLES["ticket"], tickets)]


async def written() -> tuple[int, int]:
    return await Event.all().count(), await TicketRecord.all().count()


async def test_it_is_written_while_every_fence_holds() -> None:
    assert await write_in_one_step([(TAG, 1), (OTHER, 1)], rows_of([change("heping", 1), change("heping", 2)]))

    assert await written() == (2, 2)


@pytest.mark.parametrize("wanted", [[(TAG, 2)], [(TAG, 1), (OTHER, 2)], [(TAG, 1), (TAG, 2)], [("hall:unknown", 1)]])
async def test_nothing_is_written_where_one_does_not(wanted: list[tuple[str, int]]) -> None:
    assert not await write_in_one_step(wanted, rows_of([change("heping", 1)]))

    assert await written() == (0, 0)


async def test_without_rows_only_the_fences_are_looked_at() -> None:
    assert await write_in_one_step([(TAG, 1)], [])
    assert not await write_in_one_step([(TAG, 2)], [])


async def test_a_row_that_contradicts_takes_all_with_it() -> None:
    await write_in_one_step([(TAG, 1)], rows_of([change("heping", 1, op="taken")]))

    with pytest.raises(IntegrityError):
        await write_in_one_step([(TAG, 1)], rows_of([change("heping", 2), change("heping", 3, op="taken")]))

    assert await written() == (1, 1)


async def test_every_value_comes_back_as_it_was_given() -> None:
    entry, raw = change("heping", 1)
    entry.rows["ticket"].update(turn=45_296_123.001, number="和'\"\\001", called_at=2**52, goods=None)

    await write_in_one_step([(TAG, 1)], rows_of([(entry, raw)]))

    row = await TicketRecord.get(id="heping-1")
    assert (row.turn, row.number, row.called_at, row.goods) == (45_296_123.001, "和'\"\\001", 2**52, None)
    assert (await Event.get(op="heping-1")).data.encode() == raw


async def test_however_many_they_are_they_are_committed() -> None:
    """More values than a statement may carry as parameters."""
    many = 2_500
    await Ledger(TABLES).commit(TAG, 1, [change("heping", version) for version in range(1, many + 1)])

    assert await written() == (many, many)
