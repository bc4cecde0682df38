"""What time brings to stock."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from halls.stock import jobs
from halls.stock.queries import hold_row, serials_at
from halls.stock.states import HOLD_MS
from halls.stock.store import BUSY, UNSETTLED_MS
from o2o.kernel.database import connection
from o2o.kernel.errors import ConflictError, UnavailableError
from o2o.kernel.ledger import Ledger, Share
from o2o.kernel.models import Event
from tests.asked import asked_from_now_on
from tests.halls.stock.rooms import SKU, Process


@asynccontextmanager
async def nothing_arrives(one: Process, place: str) -> AsyncIterator[None]:
    """What is done in the block breaks off when something is to arrive there: SQL does not take it."""
    await one.receive(1, place, sku="phone-x200-white")
    await connection().execute_script(f"CREATE UNIQUE INDEX no_more ON stock_movements (place) WHERE place = '{place}'")
    with pytest.raises(ConflictError):
        yield
    await connection().execute_script("DROP INDEX no_more")


async def dies_before(one: Process, monkeypatch: pytest.MonkeyPatch, work: Callable[[], Awaitable[Any]]) -> None:
    """What Redis decided in `work` is never committed by this process."""

    async def die(_ledger: Ledger, group: list[Share]) -> None:
        for share in group:
            share.done.set_exception(UnavailableError("dead", retry_after=1))

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "_settle", die)
        with pytest.raises(UnavailableError):
            await work()


async def test_a_hold_that_has_ended_is_let_go_although_nobody_asks(one: Process) -> None:
    await one.receive(1)
    hold = await one.hold()
    await jobs.settle(one.stock)
    assert await one.counts() == (1, 0, 1)

    one.clock.advance(milliseconds=HOLD_MS)
    await jobs.settle(one.stock)

    ended = await hold_row(hold.id)
    assert ended is not None
    assert (ended.state, await one.counts()) == ("expired", (1, 0, 0))
    assert await Event.filter(actor="clock", name="stock.expired").count() == 1


async def test_what_a_dead_process_had_decided_is_committed(
    two: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    await two[0].receive(5)
    await dies_before(two[0], monkeypatch, lambda: two[0].hold(2))
    two[1].clock.advance(milliseconds=UNSETTLED_MS + 1)

    await jobs.settle(two[1].stock)

    assert await two[1].counts() == (5, 0, 2)


async def test_a_place_that_redis_has_lost_is_loaded_anew(one: Process) -> None:
    await one.receive(5)
    await one.forget()
    await one.redis.mutate.zadd(BUSY, {"heping": 1})

    await jobs.settle(one.stock)

    assert await one.redis.read.exists("{place:heping}:levels")
    assert await one.counts() == (5, 0, 0)


async def test_a_place_where_nothing_was_done_for_a_while_is_not_looked_at(one: Process) -> None:
    await one.receive(5)
    await one.stock.desks.close()
    assert await one.redis.read.zcard(BUSY) == 1

    one.clock.advance(minutes=1)
    await jobs.settle(one.stock)

    assert await one.redis.read.zcard(BUSY) == 0


@pytest.mark.parametrize("serials", [(), ("S1", "S2")])
async def test_what_was_sent_arrives_although_the_transfer_broke_off(
    two: list[Process], serials: tuple[str, ...]
) -> None:
    await two[0].receive(2, "heping", *serials)
    async with nothing_arrives(two[0], "nankai"):
        await two[0].stock.transfer("heping", "nankai", SKU, 2, two[0].attempt(), reason="shelf", serials=serials)
    assert (await two[1].counts(), await two[1].counts("nankai")) == ((0, 0, 0), (0, 0, 0))

    two[1].clock.advance(seconds=6)
    for _ in range(2):
        await jobs.Transfers(two[1].stock).step()

    assert (await two[1].counts("nankai"), await serials_at("nankai", SKU)) == ((2, 0, 0), list(serials))


async def test_what_came_back_arrives_elsewhere_although_the_return_broke_off(two: list[Process]) -> None:
    await two[0].receive(2)
    sold = await two[0].sell(2)
    async with nothing_arrives(two[0], "tianjin"):
        await two[0].stock.take_back(
            sold.id, two[0].attempt(secrets.token_hex(8)), place="tianjin", saleable=True, reason="late"
        )

    two[1].clock.advance(seconds=6)
    await jobs.Transfers(two[1].stock).step()

    assert (await two[1].counts(), await two[1].counts("tianjin")) == ((0, 0, 0), (2, 0, 0))


async def test_what_was_sent_is_looked_at_while_it_is_new_and_once_an_hour(
    one: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfers, asked = jobs.Transfers(one.stock), asked_from_now_on(monkeypatch)
    for seconds in (0, 5, 3600):
        one.clock.advance(seconds=seconds)
        await transfers.step()

    lengths = [until - since for since, until in (one.values for one in asked if "AS sent" in one.statement)]  # type: ignore[operator]
    week = jobs.LOST_MS - jobs.LATE_MS
    assert lengths == [week, jobs.COMMITTED_MS + 5_000, week]


async def test_what_can_not_arrive_yet_is_tried_until_it_has(one: Process) -> None:
    await one.receive(2)
    async with nothing_arrives(one, "nankai"):
        await one.stock.transfer("heping", "nankai", SKU, 2, one.attempt(), reason="shelf", serials=())
    transfers, client = jobs.Transfers(one.stock), connection()
    await client.execute_script("CREATE UNIQUE INDEX no_more ON stock_movements (place) WHERE place = 'nankai'")
    for _time in range(2):
        one.clock.advance(minutes=20)
        await transfers.step()
    assert await one.counts("nankai") == (0, 0, 0)
    await client.execute_script("DROP INDEX no_more")

    await transfers.step()

    assert await one.counts("nankai") == (2, 0, 0)


async def test_a_place_that_redis_counts_wrong_is_loaded_anew(one: Process, caplog: pytest.LogCaptureFixture) -> None:
    await one.receive(5)
    await one.stock.desks.close()
    key = "{place:heping}:levels"
    row = msgspec.json.decode(await one.redis.read.hget(key, SKU) or b"") | {"held": 3}
    await one.redis.mutate.hset(key, SKU, msgspec.json.encode(row))

    await jobs.Comparison(one.stock).step()

    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["stock_differs"]
    assert await one.counts() == (5, 0, 0)
