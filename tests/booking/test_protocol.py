"""The protocol between Redis and SQL, rule by rule, each with the fault that it is for. Controls: test_controls.py."""

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis

from booking import jobs
from booking.errors import CounterClosedError
from booking.models import TicketRecord
from booking.queries import contact_of
from booking.schemas import CallTicket, TakeNumber
from o2o.kernel.errors import IdempotencyKeyReusedError, UnavailableError
from o2o.kernel.journal import Command, Decision, Known
from o2o.kernel.ledger import PROBE_S
from o2o.kernel.models import Event, Fence
from tests.altering import alter
from tests.booking.halls import Process, events_in_sql, in_a_row, numbers_in_sql, process
from tests.faults.proxy import before_redis
from tests.servers import RedisServer
from tests.serving import MovableClock


async def decided_but_not_committed(one: Process, service: str = "sim", class_: object = "standard") -> str:
    """What a process leaves that dies between Redis' decision and SQL's commit; the ticket's id."""
    args = {"id": f"orphan-{service}", "service": service, "class": class_}
    command = Command(
        op=f"orphan-{service}", verb="issue", body="", actor="anonymous", received=0, args={**args, "channel": "web"}
    )
    desk = one.line.desk(one.hall)
    decision = await one.line.store(one.hall).decide(Known(desk._epoch, desk._committed, desk._committed), [command])
    assert isinstance(decision, Decision)
    return str(args["id"])


class TestCommands:
    async def test_what_was_answered_is_in_sql(self, one: Process) -> None:
        taken = [(await one.take()).number for _ in range(3)]

        assert taken == await numbers_in_sql() == in_a_row(3)

    async def test_a_repeat_is_answered_the_same_and_does_nothing(self, two: list[Process]) -> None:
        first = await two[0].take("the same key")

        assert await two[1].take("the same key") == first
        assert await events_in_sql("ticket.issued") == 1

    async def test_a_phone_number_is_kept_apart_from_what_is_never_erased(self, one: Process) -> None:
        row = await one.take("the same key", phone="13800138000")
        event = await Event.get(ticket=row.id)

        assert await contact_of(row.id)
        assert "contact" not in event.data
        assert await one.take("the same key", phone="13800138000") == row

    async def test_keys_of_days_ago_sent_again_and_again_end_one_epoch(self, one: Process) -> None:
        keys = [f"the same key {n}" for n in range(3)]
        rows = [await one.take(key) for key in keys]
        one.clock.advance(days=2)
        await one.take()
        epoch = (await Fence.get(tag="hall:heping")).epoch

        assert [await one.take(key) for key in keys * 2] == rows * 2
        assert (await Fence.get(tag="hall:heping")).epoch == epoch + 1
        with pytest.raises(IdempotencyKeyReusedError):
            await one.arrivals.take_number("heping", TakeNumber("sim"), one.attempt(keys[0], "", body="other"))

    async def test_repeats_in_flight_at_once_are_one_ticket(self, two: list[Process]) -> None:
        rows = await asyncio.gather(*(two[n % 2].take("the same key") for n in range(20)))

        assert {row.id for row in rows} == {rows[0].id}
        assert await numbers_in_sql() == ["A001"]

    async def test_the_same_key_with_another_body_is_refused(self, one: Process) -> None:
        await one.calling.open_counter("heping-1", one.attempt("the same key", body="one"))

        with pytest.raises(IdempotencyKeyReusedError):
            await one.calling.open_counter("heping-1", one.attempt("the same key", body="two"))

    async def test_a_refusal_is_judged_anew_when_it_is_asked_again(self, one: Process) -> None:
        await one.take()
        with pytest.raises(CounterClosedError):
            await one.call(key="the same key")
        await one.open()
        one.clock.advance(seconds=1)

        row = await one.call(key="the same key")

        assert row is not None
        assert row.number == "A001"

    async def test_nobody_waits_is_a_success_and_given_again(self, one: Process) -> None:
        await one.open()
        assert await one.call(key="the same key") is None
        await one.take()
        one.clock.advance(hours=10)

        assert await one.call(key="the same key") is None
        assert (await one.called()).number == "A001"

    async def test_a_repeated_opening_opens_nothing_that_was_closed_since(self, one: Process) -> None:
        await one.open()
        await one.calling.open_counter("heping-1", one.attempt("the same key"))
        await one.calling.close_counter("heping-1", one.attempt())

        await one.calling.open_counter("heping-1", one.attempt("the same key"))

        assert await events_in_sql("counter.opened") == 1

    async def test_a_slow_first_attempt_cannot_undo_the_refusal_of_its_repeat(self, two: list[Process]) -> None:
        slow = two[0].attempt("the same key")
        two[0].clock.advance(seconds=1)
        with pytest.raises(CounterClosedError):
            await two[1].call(key="the same key")
        await two[1].open()
        await two[1].take()

        with pytest.raises(CounterClosedError):
            await two[0].calling.call("heping-1", CallTicket(), slow)

        assert await events_in_sql("ticket.called") == 0

    async def test_what_was_done_before_closing_time_is_answered_after_it(self, one: Process) -> None:
        await one.configure(hours={"mon": [["09:00", "12:00"]]})
        one.clock.advance(hours=1, minutes=59)
        first = await one.take("the same key")
        one.clock.advance(minutes=2)

        assert await one.take("the same key") == first


class TestOrphans:
    async def test_the_next_commit_carries_what_a_dead_process_left(self, two: list[Process]) -> None:
        await two[0].take()
        await decided_but_not_committed(two[0])

        assert (await two[1].take()).number == "A003"
        assert await TicketRecord.filter(id="orphan-sim").exists()

    async def test_the_sweep_commits_and_announces_what_nobody_carries(self, one: Process) -> None:
        await one.take()
        await decided_but_not_committed(one)
        one.clock.advance(seconds=3)

        await jobs.settle(one.line)
        await one.line.close()

        assert await TicketRecord.filter(id="orphan-sim").exists()
        picture = await one.line.store(one.hall).picture()
        assert picture is not None
        assert "orphan-sim" in picture.tickets

    async def test_what_redis_lost_is_rebuilt_although_nobody_asks(self, one: Process, redis_client: Redis) -> None:
        await one.take()
        await redis_client.flushall()

        await jobs.settle(one.line)

        assert (await one.line.loads([one.hall]))[0].waiting == {"sim": 1}

    async def test_a_settled_hall_is_left_alone(self, one: Process, redis_client: Redis) -> None:
        await one.take()
        await one.line.close()
        one.clock.advance(seconds=3)
        before = await redis_client.hgetall("{hall:heping}:meta")

        await jobs.settle(one.line)

        assert await redis_client.hgetall("{hall:heping}:meta") == before

    async def test_an_orphan_of_an_ended_epoch_is_dropped(self, one: Process, redis_client: Redis) -> None:
        await one.take()
        await decided_but_not_committed(one)
        await redis_client.flushall()

        assert (await one.take()).number == "A002"
        assert not await TicketRecord.filter(id="orphan-sim").exists()


class TestSqlAway:
    async def test_a_commit_that_failed_is_unknown_and_settled_by_its_key(self, one: Process) -> None:
        await one.take()
        await alter("ALTER TABLE events RENAME TO events_away")
        with pytest.raises(UnavailableError):
            await one.take("the same key")
        await alter("ALTER TABLE events_away RENAME TO events")
        await _until_sql_is_asked_again()

        assert (await one.take("the same key")).number == "A002"
        assert await numbers_in_sql() == in_a_row(2)

    async def test_commands_are_refused_before_redis_hears_of_them(self, one: Process, redis_client: Redis) -> None:
        await one.take()
        await alter("ALTER TABLE fences RENAME TO fences_away")
        with pytest.raises(UnavailableError):
            await one.take()
        before = await redis_client.hget("{hall:heping}:meta", "version")
        for _ in range(3):
            with pytest.raises(UnavailableError):
                await one.take()
        await _until_sql_is_asked_again()
        with pytest.raises(UnavailableError):
            await one.take()

        assert await redis_client.hget("{hall:heping}:meta", "version") == before

    async def test_a_change_that_sql_can_never_take_is_dropped_and_the_hall_goes_on(self, one: Process) -> None:
        await one.take()
        await decided_but_not_committed(one, class_={"no": "text"})

        assert (await one.take()).number == "A002"
        assert await numbers_in_sql() == in_a_row(2)


class TestLostReplies:
    async def test_a_cut_reply_is_unknown_and_its_repeat_does_nothing_twice(
        self, redis: RedisServer, tmp_path: Path, clock: MovableClock
    ) -> None:
        way, url = before_redis(redis.url, tmp_path)
        async with way.laid(), process(url, tmp_path, clock) as one:
            await one.take()
            way.cut_next_reply(b'"verb":"issue"')
            with pytest.raises(UnavailableError):
                await one.take("the same key")

            assert (await one.take("the same key")).number == "A002"
            assert way.cuts == 1
            assert await numbers_in_sql() == in_a_row(2)


class TestCancelledCallers:
    async def test_callers_that_go_away_leave_no_lock_and_no_half_change(self, one: Process) -> None:
        await one.take()
        for round_ in range(100):
            tasks = [asyncio.create_task(one.take()) for _ in range(8)]
            await asyncio.sleep(0.0005 * (round_ % 7))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        await one.take()

        numbers = await numbers_in_sql()
        assert len(numbers) == len(set(numbers)) == await events_in_sql("ticket.issued")


class TestFastClocks:
    async def test_a_new_day_begins_with_what_a_lost_epoch_left_of_it_gone(
        self, two: list[Process], redis_client: Redis
    ) -> None:
        one = two[0]
        await one.open()
        one.clock.advance(days=1)
        await decided_but_not_committed(one)
        one.clock.advance(days=-1)
        await redis_client.hset("{hall:heping}:meta", "server", "failed/over")
        await two[1].take()
        one.clock.advance(days=1)
        await two[1].take()

        assert (await two[1].called()).number == "A001"


async def _until_sql_is_asked_again() -> None:
    """A process that saw SQL fail asks it again after a second."""
    await asyncio.sleep(PROBE_S)
