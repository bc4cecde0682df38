"""What was done stays done in the audit and in the history: nothing is ever changed there, or taken out."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import BaseORMException

from o2o.kernel.audit import Difference, Done, changed, note
from o2o.kernel.database import connection, open_database, transaction
from o2o.kernel.models import ArchivedEvent, Deed, Event

DONE = Done("hall.edited", "staff:hq", 1, "heping")


@pytest.fixture(autouse=True)
async def opened(database: str) -> AsyncIterator[None]:
    async with open_database(database):
        yield


EVENT: dict[str, Any] = {
    "tag": "hall:heping", "epoch": 1, "version": 1, "op": "op", "ordinal": 0, "name": "hall.changed", "at": 1,
    "actor": "clock", "body": "", "data": "{}",
}  # fmt: skip


async def an_event() -> Event:
    return await Event.create(**EVENT)


async def test_a_deed_is_recorded_once_for_each_hall_whose_it_is() -> None:
    await note(connection(), DONE, ["hall:nankai", "hall:heping", "hall:heping"], Difference(None, {"capacity": 5}))

    rows = await Deed.all().order_by("id").values_list("tag", "name", "actor", "subject", "before", "after")
    assert rows == [
        ("hall:heping", "hall.edited", "staff:hq", "heping", None, '{"capacity":5}'),
        ("hall:nankai", "hall.edited", "staff:hq", "heping", None, '{"capacity":5}'),
    ]


def test_only_what_differs_is_told() -> None:
    assert changed({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 9, "d": 4}) == ({"b": 2, "c": 3}, {"b": 9, "d": 4})
    assert changed({"a": 1}, {"a": 1}) == (None, None)


@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'nobody'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["events", "archived_events", "audit"])
async def test_nothing_is_changed_or_taken_out(table: str, statement: str) -> None:
    await an_event()
    await ArchivedEvent.create(id=7, **EVENT)
    await note(connection(), DONE, ["hall:heping"])

    with pytest.raises(BaseORMException, match="append-only"):
        await connection().execute_query(statement.format(table))

    assert (await Event.get()).actor == (await ArchivedEvent.get()).actor == "clock"
    assert (await Deed.get()).actor == "staff:hq"


async def test_an_event_goes_when_the_archive_has_it_as_it_is() -> None:
    event = await an_event()
    await ArchivedEvent.create(id=event.id, **{**EVENT, "actor": "nobody"})
    with pytest.raises(BaseORMException, match="append-only"):
        await event.delete()

    other = await Event.create(**{**EVENT, "op": "another", "version": 2})
    await ArchivedEvent.create(id=other.id, **{**EVENT, "op": "another", "version": 2})
    await other.delete()

    assert [row.op for row in await Event.all()] == ["op"]


async def test_what_was_undone_is_not_told() -> None:
    async def work(client: BaseDBAsyncClient) -> None:
        await note(client, DONE, ["hall:heping"])
        raise LookupError

    with pytest.raises(LookupError):
        await transaction(work)

    assert await Deed.all().count() == 0
