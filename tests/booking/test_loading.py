"""An epoch that one process has begun and still loads is ended by nobody else: they wait for it, but not for ever."""

import asyncio
from collections.abc import Sequence

import pytest
from redis.asyncio import Redis
from typing_extensions import override

from booking.queries import HallSnapshot
from booking.store import HallStore
from o2o.kernel import asking, desk
from o2o.kernel.errors import UnavailableError
from o2o.kernel.journal import Command, Decision, Known, Stale
from o2o.kernel.models import Fence
from tests.booking.halls import Process, in_a_row, numbers_in_sql

PATIENCE_S = 60


class SlowToLoad(HallStore):
    """Loads only when it may `go`."""

    def __init__(self, store: HallStore) -> None:
        vars(self).update(vars(store))
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    @override
    async def load(self, epoch: int, server: str, snapshot: HallSnapshot) -> bool:
        self.begun.set()
        await self.go.wait()
        return await super().load(epoch, server, snapshot)


class Counted(HallStore):
    def __init__(self, store: HallStore) -> None:
        vars(self).update(vars(store))
        self.asked = 0

    @override
    async def decide(self, known: Known, commands: Sequence[Command]) -> Decision | Stale:
        self.asked += 1
        return await super().decide(known, commands)


async def two_after_a_loss(two: list[Process], redis: Redis) -> list[str]:
    """The numbers of two, of whom the second came to another process while the first one's was loading the hall."""
    here, elsewhere = two
    await here.take()
    await elsewhere.take()
    loading = SlowToLoad(here.line.store(here.hall))
    asking = Counted(elsewhere.line.store(elsewhere.hall))
    here.line.desk(here.hall)._store = loading
    elsewhere.line.desk(elsewhere.hall)._store = asking
    await redis.flushall()
    first = asyncio.create_task(here.take())
    await loading.begun.wait()
    second = asyncio.create_task(elsewhere.take())
    async with asyncio.timeout(PATIENCE_S):
        while asking.asked < 5 and not second.done():
            await asyncio.sleep(0.01)
    loading.go.set()
    return sorted([(await first).number, (await second).number])


async def epoch() -> int:
    return int((await Fence.get(tag="hall:heping")).epoch)


async def test_the_others_wait_for_who_has_begun(
    two: list[Process], redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "LOADING_S", PATIENCE_S)

    assert await two_after_a_loss(two, redis_client) == in_a_row(4)[2:]
    assert await numbers_in_sql() == in_a_row(4)
    assert await epoch() == 3


async def test_control_who_does_not_wait_ends_what_was_just_begun(
    two: list[Process], redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does who has waited long enough for a process that has died over it: nobody is kept from being served."""
    monkeypatch.setattr(desk, "LOADING_S", 0.0)

    assert await two_after_a_loss(two, redis_client) == in_a_row(4)[2:]
    assert await epoch() > 3


async def test_an_epoch_that_has_ended_meanwhile_is_not_waited_for(
    two: list[Process], redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis is emptied again, and another process was quicker to begin the next one and to load it."""
    monkeypatch.setattr(desk, "LOADING_S", PATIENCE_S)
    here, elsewhere = two
    for process in two:
        await process.take()
    here.line.desk(here.hall)._store = loading = SlowToLoad(here.line.store(here.hall))
    elsewhere.line.desk(elsewhere.hall)._store = asking = Counted(elsewhere.line.store(elsewhere.hall))
    await redis_client.flushall()
    first = asyncio.create_task(here.take())
    await loading.begun.wait()
    second = asyncio.create_task(elsewhere.take())
    async with asyncio.timeout(PATIENCE_S / 2):
        while asking.asked < 3:
            await asyncio.sleep(0.01)
        await desk.Desk(here.line.store(here.hall), here.ledger).sweep()
        loading.go.set()

        assert sorted([(await first).number, (await second).number]) == in_a_row(4)[2:]


async def test_who_has_waited_long_enough_is_told_to_come_back(
    one: Process, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one.take()
    one.line.desk(one.hall)._store = loading = SlowToLoad(one.line.store(one.hall))
    await redis_client.flushall()
    with monkeypatch.context() as limited:
        limited.setattr(asking, "ANSWER_S", 0.01)
        with pytest.raises(UnavailableError) as told:
            await one.take("the same key")

    loading.go.set()

    assert told.value.details == {"retry_after": 1}
    assert (await one.take("the same key")).number == "A002"
    assert await numbers_in_sql() == in_a_row(2)
