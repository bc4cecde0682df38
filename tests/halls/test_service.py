import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tortoise.backends.base.client import BaseDBAsyncClient

from halls.errors import CounterNotFoundError, CounterTakenError, HallNotFoundError, HallUnreadableError
from halls.hall import Hall
from halls.models import CounterRecord, HallRecord
from halls.schemas import HallInput
from halls.service import LIST_AGE_S, Directory, put_hall, write_hall
from o2o.kernel.database import open_database, transaction
from o2o.kernel.errors import InvalidError
from o2o.kernel.models import Deed, Fence
from tests.halls.documents import hall_input
from tests.serving import START


@pytest.fixture
async def directory(database: str) -> AsyncIterator[Directory]:
    async with open_database(database):
        yield Directory()


async def put(directory: Directory, hall_id: str = "heping", **changes: Any) -> tuple[Hall, bool]:
    return await put_hall(directory, hall_id, hall_input(**changes), now=START, actor="staff:hq")


async def test_a_new_hall_is_in_sql_with_fences_of_epoch_one_for_its_line_and_its_stock(directory: Directory) -> None:
    hall, created = await put(directory)

    assert (created, hall.rev) == (True, 1)
    made = Fence.all().order_by("tag").values_list("tag", "epoch")
    assert await made == [("hall:heping", 1), ("place:heping", 1)]
    assert await CounterRecord.all().order_by("id").values_list("id", "hall_id") == [
        ("heping-1", "heping"),
        ("heping-2", "heping"),
    ]


async def test_another_process_reads_the_hall_as_it_was_put(directory: Directory) -> None:
    hall, _created = await put(directory, hours={"mon": [("09:00", "17:30")]}, rules={"requeue_places": 1})

    assert await Directory().get("heping") == hall


@pytest.mark.parametrize("shared", [False, pytest.param(True, marks=pytest.mark.sqlite)])
async def test_a_transaction_reads_a_hall_that_others_wait_to_read(directory: Directory, shared: bool) -> None:
    """The control: on SQLite a reading that is shared waits for the transaction that waits for it."""
    await put(directory)
    read = directory.refresh if shared else directory.reread

    async def work(_client: BaseDBAsyncClient) -> bool:
        waits = asyncio.create_task(directory.refresh("heping"), context=Context())
        for _ in range(10):
            await asyncio.sleep(0)  # It has begun.
        others.append(waits)
        try:
            return bool(await asyncio.wait_for(read("heping"), 1 if shared else 60))
        except TimeoutError:
            return False

    others: list[asyncio.Task[Hall]] = []
    assert await transaction(work) is not shared
    await asyncio.wait(others)


async def test_a_change_raises_the_revision_and_leaves_the_fences(directory: Directory) -> None:
    await put(directory)

    hall, created = await put(directory, capacity=5, counters=[{"id": "heping-9", "name": "9"}])

    assert (created, hall.rev, hall.capacity) == (False, 2, 5)
    assert (await directory.get("heping")) == hall
    assert await Fence.all().values_list("epoch") == [(1,), (1,)]
    assert await CounterRecord.all().values_list("id") == [("heping-9",)]


async def test_a_process_knows_within_seconds_which_halls_are_in_a_province(directory: Directory) -> None:
    seconds = [0.0]
    other = Directory(lambda: seconds[0])
    await put(directory, province="tianjin")
    assert await other.in_province("tianjin") == {"heping"}

    await put(directory, province="hebei")
    seconds[0] += LIST_AGE_S + 1

    assert await other.in_province("tianjin") == frozenset()
    assert await other.in_province("hebei") == {"heping"}


async def test_the_audit_says_who_changed_what(directory: Directory) -> None:
    await put(directory, capacity=5)
    await put(directory, capacity=9)
    await put(directory, capacity=9)

    made, edited = await Deed.all().order_by("id")
    assert (made.name, made.tag, made.actor, made.subject) == ("hall.made", "hall:heping", "staff:hq", "heping")
    assert (edited.name, edited.before, edited.after) == ("hall.edited", '{"capacity":5}', '{"capacity":9}')


async def test_the_same_document_again_changes_nothing(directory: Directory) -> None:
    await put(directory)
    later = START + timedelta(hours=1)

    hall, created = await put_hall(directory, "heping", hall_input(), now=later, actor="staff:hq")

    assert (created, hall.rev) == (False, 1)
    record = await HallRecord.get(id="heping")
    assert record.changed_at == record.created_at


async def test_a_counter_of_another_hall_is_refused_and_nothing_is_written(directory: Directory) -> None:
    await put(directory)
    counters = [{"id": "nankai-1", "name": "1"}, {"id": "heping-2", "name": "2"}]

    with pytest.raises(CounterTakenError) as refusal:
        await put(directory, "nankai", counters=counters)

    assert refusal.value.details == {"counter": "heping-2", "field": "counters[1].id"}
    assert await HallRecord.all().values_list("id") == [("heping",)]
    assert await Fence.all().count() == 2
    assert await CounterRecord.filter(id="nankai-1").count() == 0


async def test_a_bad_document_is_refused_and_nothing_is_written(directory: Directory) -> None:
    with pytest.raises(InvalidError):
        await put(directory, time_zone="Mars/Olympus")

    assert await HallRecord.all().count() == 0
    assert await Fence.all().count() == 0


async def test_writers_at_the_same_moment_make_one_hall_and_a_revision_each(directory: Directory) -> None:
    answers = await asyncio.gather(*(put(directory, capacity=n) for n in range(8)))

    assert sorted(hall.rev for hall, _created in answers) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert sum(created for _hall, created in answers) == 1
    assert (await directory.get("heping")).rev == 8


async def test_an_edit_sees_the_document_and_its_revision(directory: Directory) -> None:
    await put(directory, capacity=5)
    seen: list[tuple[int | None, int]] = []

    def one_more(before: HallInput | None, rev: int) -> HallInput:
        assert before is not None
        seen.append((before.capacity, rev))
        return replace(before, capacity=(before.capacity or 0) + 1)

    for _time in range(2):
        hall, _created = await write_hall(directory, "heping", one_more, now=START, actor="staff:hq")

    assert seen == [(5, 1), (6, 2)]
    assert (hall.capacity, hall.rev) == (7, 3)


async def test_an_unknown_hall_and_an_unknown_counter_are_not_found(directory: Directory) -> None:
    await put(directory)

    with pytest.raises(HallNotFoundError):
        await directory.get("nankai")
    with pytest.raises(CounterNotFoundError):
        await directory.hall_of_counter("nankai-1")


async def test_a_counter_is_found_in_a_process_that_has_not_seen_its_hall(directory: Directory) -> None:
    await put(directory)

    assert (await Directory().hall_of_counter("heping-2")).id == "heping"
    assert (await directory.hall_of_counter("heping-2")).id == "heping"


async def test_a_process_sees_anothers_change_when_it_refreshes(directory: Directory) -> None:
    other = Directory()
    await put(directory)
    await other.get("heping")
    await put(directory, capacity=5)

    assert (await other.get("heping")).rev == 1
    assert (await other.refresh("heping")).rev == 2
    assert (await other.get("heping")).rev == 2


async def test_an_older_revision_never_replaces_a_newer_one(directory: Directory) -> None:
    first, _created = await put(directory)
    second, _created = await put(directory, capacity=5)

    assert directory.keep(first) is second


async def test_the_list_is_read_again_when_it_is_too_old(directory: Directory) -> None:
    seconds = [0.0]
    other = Directory(lambda: seconds[0])
    assert list(await other.all()) == []
    await put(directory)

    seconds[0] = LIST_AGE_S
    assert list(await other.all()) == []
    seconds[0] = LIST_AGE_S + 0.1
    assert [hall.id for hall in await other.all()] == ["heping"]


async def test_the_list_has_halls_as_others_changed_them(directory: Directory) -> None:
    other = Directory(iter(range(0, 1000, 10)).__next__)
    await put(directory)
    await other.all()
    await put(directory, capacity=5)

    assert [hall.capacity for hall in await other.all()] == [5]


async def test_a_hall_that_this_release_cannot_read_keeps_nobody_from_the_others(directory: Directory) -> None:
    """A later one wrote it, and was taken back."""
    for hall in ("heping", "nankai"):
        await put(directory, hall, counters=[])
    record = await HallRecord.get(id="nankai")
    record.document, record.rev = record.document | {"parking": "free"}, 2
    await record.save()

    there, new = await directory.all(), Directory()

    assert {hall.id: hall.rev for hall in there} == {"heping": 1, "nankai": 1}
    assert [hall.id for hall in await new.all()] == ["heping"]
    with pytest.raises(HallUnreadableError):
        await new.get("nankai")


async def test_a_counter_is_found_in_the_hall_that_has_it_now(directory: Directory) -> None:
    await put(directory, "heping", counters=[{"id": "c1", "name": "1"}])
    await put(directory, "heping", counters=[])
    await put(directory, "nankai", counters=[{"id": "c1", "name": "1"}])

    assert (await directory.hall_of_counter("c1")).id == "nankai"
    await put(directory, "nankai", counters=[])
    with pytest.raises(CounterNotFoundError):
        await directory.hall_of_counter("c1")
