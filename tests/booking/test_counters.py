"""Counters open, close and change hands; every change of the line is an event: who, why, where, from and to."""

from booking.errors import CounterBusyError, CounterClosedError, CounterOccupiedError
from booking.schemas import Complete
from booking.states import Action
from halls.errors import CounterNotFoundError
from o2o.kernel.clock import to_ms
from o2o.kernel.models import Event
from tests.booking.halls import CLERK, Process, events_in_sql
from tests.refusals import refused

OTHER = "staff:clerk2"


class TestOpening:
    async def test_it_names_the_clerk_and_the_moment(self, one: Process) -> None:
        await one.open()

        counter = (await one.picture()).counters["heping-1"]

        assert (counter.open, counter.clerk, counter.since) == (True, CLERK, to_ms(one.clock()))

    async def test_another_clerk_is_told_that_somebody_has_it(self, one: Process) -> None:
        await one.open()

        async with refused(one, CounterOccupiedError):
            await one.open(clerk=OTHER)

    async def test_another_clerk_takes_it_over_with_its_ticket(self, one: Process) -> None:
        row = await one.ticket_in("called")

        await one.open(clerk=OTHER, take_over=True)

        counter = (await one.picture()).counters["heping-1"]
        assert (counter.clerk, counter.ticket) == (OTHER, row.id)

    async def test_opening_ones_own_open_counter_changes_nothing(self, one: Process) -> None:
        await one.open()
        before = await one.trace()

        await one.open()

        assert await one.trace() == before

    async def test_a_counter_that_is_not_there_cannot_be_opened(self, one: Process) -> None:
        await one.take()

        async with refused(one, CounterNotFoundError):
            await one.open("heping-99")

    async def test_an_emptied_redis_leaves_open_counters_open(self, one: Process) -> None:
        row = await one.ticket_in("called")
        await one.line.store(one.hall)._redis.mutate.flushall()
        await one.take()

        counter = (await one.picture()).counters["heping-1"]
        assert (counter.open, counter.clerk, counter.ticket) == (True, CLERK, row.id)


class TestClosing:
    async def test_a_closed_counter_calls_nobody(self, one: Process) -> None:
        await one.open()
        await one.take()
        await one.shut()

        async with refused(one, CounterClosedError):
            await one.call()

    async def test_one_that_was_never_opened_calls_nobody_either(self, one: Process) -> None:
        await one.take()

        async with refused(one, CounterClosedError):
            await one.call()

    async def test_a_busy_counter_cannot_be_closed(self, one: Process) -> None:
        row = await one.ticket_in("called")

        async with refused(one, CounterBusyError):
            await one.shut()
        await one.do(Action.START, row)
        async with refused(one, CounterBusyError):
            await one.shut()

    async def test_closing_a_closed_counter_changes_nothing(self, one: Process) -> None:
        await one.open()
        await one.shut()
        before = await one.trace()

        assert await one.shut() is None
        assert await one.trace() == before


class TestBeingBusy:
    async def test_a_counter_that_has_called_somebody_calls_no_other(self, one: Process) -> None:
        await one.ticket_in("called")
        other = await one.take()

        async with refused(one, CounterBusyError):
            await one.call()
        async with refused(one, CounterBusyError):
            await one.call(ticket=other.id)

    async def test_the_next_call_finishes_who_is_being_served(self, one: Process) -> None:
        served = await one.ticket_in("serving")
        await one.take()

        called = await one.called()

        assert called.number == "A002"
        assert (await one.row(served)).state == "completed"

    async def test_it_finishes_them_also_when_nobody_waits_and_says_so_again(self, one: Process) -> None:
        served = await one.ticket_in("serving")

        assert [await one.call(key="the clerk's one press") for _ in range(2)] == [None, None]
        assert (await one.row(served)).state == "completed"
        assert await events_in_sql("ticket.completed") == 1

    async def test_somebody_elses_counter_calls_nobody(self, one: Process) -> None:
        await one.open()
        await one.take()

        async with refused(one, CounterOccupiedError):
            await one.call(clerk=OTHER)

    async def test_what_it_has_ends_and_it_calls_again(self, one: Process) -> None:
        await one.open()
        for _ in range(5):
            await one.take()

        await one.leave(await one.called())
        await one.do(Action.NO_SHOW, await one.called())
        await one.do(Action.REQUEUE, await one.called())

        assert (await one.called()).number == "A004"


class TestEvents:
    async def test_each_change_says_who_did_what_why_where_from_and_to(self, one: Process) -> None:
        await one.open()
        row = await one.take()
        await one.called()
        await one.do(Action.RECALL, row)
        await one.requeue(row, "first")
        await one.called()
        await one.do(Action.START, row)
        await one.calling.complete(row.id, Complete("sim replaced"), one.attempt(actor=OTHER))
        await one.shut()

        assert await audit() == [
            ("counter.opened", CLERK, None, "heping-1", None, None),
            ("ticket.issued", "anonymous", None, None, None, "waiting"),
            ("ticket.called", CLERK, None, "heping-1", "waiting", "called"),
            ("ticket.recalled", CLERK, None, "heping-1", "called", "called"),
            ("ticket.requeued", CLERK, "first", "heping-1", "called", "waiting"),
            ("ticket.called", CLERK, None, "heping-1", "waiting", "called"),
            ("ticket.serving", CLERK, None, "heping-1", "called", "serving"),
            ("ticket.completed", OTHER, "sim replaced", "heping-1", "serving", "completed"),
            ("counter.closed", CLERK, None, "heping-1", None, None),
        ]

    async def test_so_does_each_way_out_of_the_line(self, one: Process) -> None:
        absent = await one.ticket_in("no_show")
        await one.requeue(absent, "last")
        await one.leave(absent)
        await one.take()
        await one.next_day()

        assert (await audit())[-5:] == [
            ("ticket.requeued", CLERK, "last", "heping-1", "no_show", "waiting"),
            ("ticket.left", "customer", None, None, "waiting", "left"),
            ("ticket.issued", "anonymous", None, None, None, "waiting"),
            ("hall.changed", "clock", None, None, None, None),
            ("ticket.reset", "clock", None, None, "waiting", "reset"),
        ]

    async def test_versions_rise_by_one_and_are_announced_in_their_order(self, one: Process) -> None:
        await one.ticket_in("completed")
        await one.ticket_in("left")
        await one.line.close()

        announced = [change.version for change in await one.line.store(one.hall).feed_since(0)]

        assert announced == [event.version for event in await Event.all().order_by("id")]
        assert announced == list(range(1, len(announced) + 1))


async def audit() -> list[tuple[object, ...]]:
    events = Event.filter(tag="hall:heping").order_by("version")
    return list(await events.values_list("name", "actor", "reason", "counter", "source", "target"))
