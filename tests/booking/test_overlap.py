"""A batch is decided while the one before is committed; when that one can't be, it is decided again."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from typing_extensions import override

from booking.store import hall_key
from o2o.kernel.desk import Desk
from o2o.kernel.errors import UnavailableError
from o2o.kernel.journal import Known
from o2o.kernel.ledger import Ledger, Share
from tests.booking.guards import without_unique_keys
from tests.booking.halls import Process, in_a_row, numbers_in_sql

PATIENCE_S = 30


class SlowLedger(Ledger):
    """Keeps what it is given waiting until `go`, and refuses the first then when it `fails`."""

    def __init__(self, ledger: Ledger, *, fails: bool) -> None:
        super().__init__(ledger._tables)
        self.go = asyncio.Event()
        self.sizes: list[int] = []
        self._fails = fails

    @override
    async def _write(self, group: list[Share], *, carried: bool) -> None:
        first = not self.go.is_set()
        self.sizes += (len(share.entries) for share in group)
        await self.go.wait()
        if first and self._fails:
            group[0].done.set_exception(UnavailableError("away", retry_after=1))
        else:
            await super()._write(group, carried=carried)


class BelievingLedger(SlowLedger):
    """Takes every change for one of the epoch that its desk has come to."""

    desk: Desk[Any]

    @override
    async def _write(self, group: list[Share], *, carried: bool) -> None:
        await self.go.wait()
        for share in group:
            share.epoch = self.desk._epoch
        await super()._write(group, carried=carried)


async def version(redis: Redis) -> int:
    return int(await redis.hget(hall_key("heping", "meta"), "version") or 0)


async def two_at_once(one: Process, redis: Redis, *, fails: bool) -> list[str | None]:
    """The numbers of two who came while the first one's commit had to wait; None for whom nothing is known."""
    await one.take()
    one.line.desk(one.hall)._ledger = ledger = SlowLedger(one.ledger, fails=fails)
    first = asyncio.create_task(one.take())
    async with asyncio.timeout(PATIENCE_S):
        while await version(redis) < 2:
            await asyncio.sleep(0.01)
        second = asyncio.create_task(one.take())
        while await version(redis) < 3:
            await asyncio.sleep(0.01)
    assert await numbers_in_sql() == in_a_row(1)
    ledger.go.set()
    answers = await asyncio.gather(first, second, return_exceptions=True)
    return [None if isinstance(answer, BaseException) else answer.number for answer in answers]


async def test_the_next_is_decided_while_the_first_is_committed(one: Process, redis_client: Redis) -> None:
    assert await two_at_once(one, redis_client, fails=False) == ["A002", "A003"]
    assert await numbers_in_sql() == in_a_row(3)


async def test_what_was_not_committed_is_carried_by_the_next(one: Process, redis_client: Redis) -> None:
    assert await two_at_once(one, redis_client, fails=True) == [None, "A003"]
    assert await numbers_in_sql() == in_a_row(3)


async def test_what_lies_at_the_ledger_behind_it_is_not_written_without_it(one: Process, redis_client: Redis) -> None:
    await one.take()
    one.line.desk(one.hall)._ledger = ledger = SlowLedger(one.ledger, fails=True)
    takes = []
    async with asyncio.timeout(PATIENCE_S):
        for later in range(1, 5):
            takes.append(asyncio.create_task(one.take()))
            while await version(redis_client) < min(1 + later, 3):
                await asyncio.sleep(0.01)
    ledger.go.set()
    answers = await asyncio.gather(*takes, return_exceptions=True)

    assert isinstance(answers[0], UnavailableError)
    assert [answer.number for answer in answers[1:] if not isinstance(answer, BaseException)] == in_a_row(5)[2:]
    assert await numbers_in_sql() == in_a_row(5)


async def test_those_who_come_together_are_parted_so_that_no_stage_rests(one: Process) -> None:
    await one.take()
    one.line.desk(one.hall)._ledger = ledger = SlowLedger(one.ledger, fails=False)
    ledger.go.set()
    await asyncio.gather(*(one.take() for _ in range(30)))

    assert (max(ledger.sizes), sum(ledger.sizes)) == (15, 30)


async def test_who_comes_alone_waits_for_company_or_for_those_under_way(one: Process, redis_client: Redis) -> None:
    await one.take()
    one.line.desk(one.hall)._ledger = ledger = SlowLedger(one.ledger, fails=False)
    takes = [asyncio.create_task(one.take()) for _ in range(4)]
    async with asyncio.timeout(PATIENCE_S):
        while not ledger.sizes:
            await asyncio.sleep(0.01)
        takes += [asyncio.create_task(one.take()) for _ in range(3)]
        for _turn in range(100):
            await asyncio.sleep(0)
        assert await version(redis_client) == 1 + 4
        takes.append(asyncio.create_task(one.take()))
        while await version(redis_client) < 1 + 4 + 4:
            await asyncio.sleep(0.01)
    takes.append(asyncio.create_task(one.take()))
    ledger.go.set()

    assert sorted(ticket.number for ticket in await asyncio.gather(*takes)) == in_a_row(10)[1:]
    assert ledger.sizes == [4, 4, 1]


async def test_without_a_look_back_sql_would_miss_it(
    one: Process, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "_holds", lambda _desk, _known: True)

    assert await two_at_once(one, redis_client, fails=True) == [None, "A003"]
    assert await numbers_in_sql() == ["A001", "A003"]


async def test_what_was_decided_in_an_epoch_that_has_ended_is_decided_again(one: Process, redis_client: Redis) -> None:
    await one.take()
    one.line.desk(one.hall)._ledger = ledger = SlowLedger(one.ledger, fails=False)
    first = asyncio.create_task(one.take())
    async with asyncio.timeout(PATIENCE_S):
        while await version(redis_client) < 2:
            await asyncio.sleep(0.01)
    await redis_client.flushall()
    second = asyncio.create_task(one.take())
    ledger.go.set()

    assert {(await first).number, (await second).number} == {"A002", "A003"}
    assert await numbers_in_sql() == in_a_row(3)


async def across_an_epoch(two: list[Process], redis: Redis, *, believing: bool = False) -> list[str]:
    """The numbers of two who were decided before Redis was lost, the second one early, and of one who came after it."""
    here, elsewhere = two
    await here.take()
    desk = here.line.desk(here.hall)
    desk._ledger = ledger = SlowLedger(here.ledger, fails=False)
    if believing:
        desk._ledger = ledger = BelievingLedger(here.ledger, fails=False)
        ledger.desk = desk
    first = asyncio.create_task(here.take())
    async with asyncio.timeout(PATIENCE_S):
        while await version(redis) < 2:
            await asyncio.sleep(0.01)
        second = asyncio.create_task(here.take())
        while await version(redis) < 3:
            await asyncio.sleep(0.01)
    await redis.flushall()
    third = await elsewhere.take()
    ledger.go.set()
    return [(await first).number, (await second).number, third.number]


def in_any_epoch(desk: Desk[Any], known: Known) -> bool:
    """`Desk._holds` without `early_epoch`, the model's name for its first half."""
    return known.seen <= desk._committed


async def test_what_was_decided_early_is_given_to_nobody_in_the_next_epoch(
    two: list[Process], redis_client: Redis
) -> None:
    await without_unique_keys()

    assert sorted(await across_an_epoch(two, redis_client)) == in_a_row(4)[1:]


async def test_the_fence_refuses_it_where_nobody_looks_at_its_epoch(
    two: list[Process], redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why the model finds nothing without `early_epoch`: each change comes to the fence with the epoch it is of."""
    monkeypatch.setattr(Desk, "_holds", in_any_epoch)
    await without_unique_keys()

    assert sorted(await across_an_epoch(two, redis_client)) == in_a_row(4)[1:]


async def test_without_either_two_have_the_same_number(
    two: list[Process], redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "_holds", in_any_epoch)
    await without_unique_keys()

    numbers = await across_an_epoch(two, redis_client, believing=True)

    assert len(set(numbers)) < len(numbers)
