"""The faults of test_protocol.py with a guard taken away: each shows that the fault is real and what the guard does.

SQL's unique keys are a second line of defence behind most guards, so that some controls take them away as well; beside
each stands the test that the guard alone holds without them.
"""

from pathlib import Path

import pytest
from redis.asyncio import Redis

from booking.errors import CounterClosedError
from booking.models import TicketRecord
from booking.schemas import CallTicket
from o2o.kernel.models import Event
from tests.booking.guards import (
    NO_IDENTITY,
    NO_MEMORY_OF_REFUSALS,
    NO_OPERATION_IDS,
    UnfencedLedger,
    altered,
    use,
    without_unique_keys,
)
from tests.booking.halls import Process, events_in_sql, in_a_row, numbers_in_sql, process
from tests.servers import RedisServer, redis_server
from tests.serving import MovableClock


async def an_old_dump_is_put_back(two: list[Process], redis: RedisServer) -> None:
    """The second process is a new one: it knows only what SQL and Redis tell it."""
    await two[0].take()
    await redis.save()
    await two[0].take()
    await redis.kill()
    await redis.start()
    await two[1].take_patiently()


async def a_cut_off_master_goes_on(one: Process, other: Process) -> None:
    for _ in range(3):
        await one.take()
        await other.take()


class TestIdentity:
    async def test_without_it_an_old_dump_gives_a_number_twice(self, two: list[Process], redis: RedisServer) -> None:
        await without_unique_keys()
        use(altered(*NO_IDENTITY), *two)

        await an_old_dump_is_put_back(two, redis)

        assert await numbers_in_sql() == ["A001", "A002", "A002"]

    async def test_with_it_alone_no_number_comes_twice(self, two: list[Process], redis: RedisServer) -> None:
        await without_unique_keys()

        await an_old_dump_is_put_back(two, redis)

        assert await numbers_in_sql() == in_a_row(3)


class TestOperationIds:
    async def test_without_them_a_repeat_takes_a_second_number(self, one: Process) -> None:
        await without_unique_keys()
        use(altered(*NO_OPERATION_IDS), one)

        await one.take("the same key")
        await one.take("the same key")

        assert await numbers_in_sql() == in_a_row(2)

    async def test_with_them_alone_it_does_not(self, one: Process) -> None:
        await without_unique_keys()

        await one.take("the same key")
        await one.take("the same key")

        assert await numbers_in_sql() == ["A001"]

    async def test_when_redis_forgot_them_sql_still_answers_with_the_first(self, one: Process) -> None:
        use(altered(*NO_OPERATION_IDS), one)
        first = await one.take("the same key")

        assert await one.take("the same key") == first
        assert await numbers_in_sql() == ["A001"]


class TestRefusals:
    async def test_without_a_memory_of_them_a_slow_attempt_calls_after_all(self, two: list[Process]) -> None:
        use(altered(*NO_MEMORY_OF_REFUSALS), *two)
        slow = two[0].attempt("the same key")
        two[0].clock.advance(seconds=1)
        with pytest.raises(CounterClosedError):
            await two[1].call(key="the same key")
        await two[1].open()
        await two[1].take()

        await two[0].calling.call("heping-1", CallTicket(), slow)

        assert await events_in_sql("ticket.called") == 1


class TestFence:
    async def test_without_it_a_cut_off_master_gives_numbers_twice(
        self, one: Process, tmp_path: Path, clock: MovableClock
    ) -> None:
        await without_unique_keys()
        async with redis_server(tmp_path / "new") as new, process(new.url, tmp_path, clock) as other:
            for each in (one, other):
                await each.take()
                each.line.desk(each.hall)._ledger = UnfencedLedger(each.ledger._tables)

            await a_cut_off_master_goes_on(one, other)

        numbers = await numbers_in_sql()
        assert len(set(numbers)) < len(numbers)

    async def test_with_it_alone_it_does_not(self, one: Process, tmp_path: Path, clock: MovableClock) -> None:
        await without_unique_keys()
        async with redis_server(tmp_path / "new") as new, process(new.url, tmp_path, clock) as other:
            await a_cut_off_master_goes_on(one, other)

        assert await numbers_in_sql() == in_a_row(6)


class TestHalfAScript:
    BREAKS = ("verbs.recall = function(args, command)", "verbs.recall = function(args, command)\n{}\n")
    WRITES_THEN_FAILS = "redis.call('HSET', META, 'head_count', 99) error('broken')"

    async def test_redis_keeps_what_a_failing_script_wrote(self, redis_client: Redis) -> None:
        with pytest.raises(Exception, match="broken"):
            await redis_client.eval("redis.call('SET', KEYS[1], 'half') error('broken')", 1, "key")

        assert await redis_client.get("key") == b"half"

    async def test_after_a_verb_that_broke_off_the_hall_is_rebuilt_from_sql(
        self, one: Process, redis_client: Redis
    ) -> None:
        row = await one.take()
        use(altered(self.BREAKS[0], self.BREAKS[1].format(self.WRITES_THEN_FAILS)), one)

        with pytest.raises(Exception, match="could not finish"):
            await one.act("recall", row)
        await one.take()

        assert await redis_client.hget("{hall:heping}:meta", "head_count") == b"2"
        assert await Event.filter(name="ticket.recalled").count() == 0
        assert await TicketRecord.all().count() == 2
