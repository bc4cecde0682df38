"""Sent elsewhere, parked, later, on to the next service, ended by staff."""

from typing import Any

import pytest

from booking.errors import AlreadyWaitingError, CounterClosedError, WrongStateError
from booking.schemas import Because, CallTicket, Complete, Transfer
from booking.states import Action
from o2o.kernel.errors import InvalidError
from o2o.kernel.models import Event
from tests.booking.halls import Process
from tests.refusals import refused

PHONE = "13900003333"


async def some(one: Process, count: int, service: str = "sim") -> None:
    for _ in range(count):
        await one.take(service=service)


class TestTransferring:
    async def test_by_age_a_person_is_where_they_would_have_been(self, one: Process) -> None:
        await some(one, 1, "bill")
        mine = await one.take()
        await some(one, 2, "bill")
        await one.transfer(mine, "age", service="bill")

        assert [row.number for row in await one.line_of("bill")] == ["B001", "A001", "B002", "B003"]

    @pytest.mark.parametrize(("position", "expected"), [("first", ["A002", "A001"]), ("last", ["A001", "A002"])])
    async def test_first_and_last_are_before_and_after_everybody(
        self, one: Process, position: str, expected: list[str]
    ) -> None:
        await one.open()
        await some(one, 2)
        rows = {row.number: row for row in await one.line_of("sim")}
        await one.transfer(await one.row_of(rows[expected[0] if position == "first" else "A002"].id), position)

        assert await one.calls() == expected

    async def test_from_a_counter_it_frees_the_counter(self, one: Process) -> None:
        row = await one.ticket_in("serving")
        moved = await one.transfer(row, "last", service="bill")

        assert (moved.state, moved.service, moved.number, moved.counter) == ("waiting", "bill", "A001", None)
        assert (await one.picture()).counters["heping-1"].ticket is None

    async def test_to_one_counter_no_other_calls_it(self, one: Process) -> None:
        await one.open("heping-1", "heping-2")
        await one.transfer(await one.take(), "first", counter="heping-2")

        assert await one.call("heping-1") is None
        assert (await one.called("heping-2")).number == "A001"

    async def test_a_closed_counter_would_never_call_it(self, one: Process) -> None:
        row = await one.take()

        async with refused(one, CounterClosedError):
            await one.transfer(row, "first", counter="heping-2")

    async def test_one_that_serves_only_who_is_sent_there_calls_them(self, one: Process) -> None:
        desk = {"id": "heping-1", "name": "1", "services": []}
        await one.configure(counters=[desk, {"id": "heping-2", "name": "2"}])
        await one.open("heping-1", "heping-2")
        rows = [await one.take() for _ in range(3)]
        await one.transfer(rows[2], "first", counter="heping-1")

        assert (await one.order()).of_counter("heping-1")[0].number == "A003"
        assert await one.ahead_in_sql(rows[0].day) == {
            row.id: ahead for row, ahead in zip(rows, (0, 1, 0), strict=True)
        }
        assert await one.calls("heping-1") == ["A003"]
        assert await one.calls("heping-2") == ["A001", "A002"]

    async def test_when_the_counter_closes_any_other_calls_it(self, one: Process) -> None:
        await one.open("heping-1", "heping-2")
        await one.transfer(await one.take(), "first", counter="heping-2")
        await one.shut("heping-2")

        assert (await one.called("heping-1")).number == "A001"
        assert (await Event.get(name="ticket.transferred", reason="counter_closed")).actor == "staff:clerk1"

    @pytest.mark.parametrize(
        ("wish", "field"), [({"service": "x"}, "service"), ({"counter": "x"}, "counter"), ({"then": ("x",)}, "then")]
    )
    async def test_what_the_hall_has_not_is_refused(self, one: Process, wish: dict[str, Any], field: str) -> None:
        row = await one.take()

        async with refused(one, InvalidError, field=field):
            await one.moving.transfer(row.id, Transfer("last", **wish), one.attempt())


class TestParking:
    async def test_a_parked_person_is_no_head_and_is_not_called(self, one: Process) -> None:
        await one.ticket_in("parked")
        picture = await one.picture()

        assert (picture.head_count, picture.waiting, len(picture.parked)) == (0, {}, 1)
        assert await one.call() is None

    async def test_from_a_counter_it_frees_the_counter(self, one: Process) -> None:
        row = await one.ticket_in("serving")
        parked = await one.do(Action.PARK, row)

        assert (parked.state, parked.counter) == ("parked", None)
        assert (await one.picture()).counters["heping-1"].ticket is None

    async def test_back_in_the_line_the_turn_is_the_old_one(self, one: Process) -> None:
        row = await one.ticket_in("parked")
        await some(one, 2)
        await one.do(Action.UNPARK, row)

        assert await one.calls() == ["A001", "A002", "A003"]

    async def test_a_full_hall_keeps_nobody_from_coming_back(self, one: Process) -> None:
        row = await one.ticket_in("parked")
        await one.configure(capacity=1)
        await some(one, 1)

        assert (await one.do(Action.UNPARK, row)).state == "waiting"
        assert (await one.picture()).head_count == 2

    async def test_who_is_called_comes_or_does_not_but_is_not_parked(self, one: Process) -> None:
        row = await one.ticket_in("called")

        async with refused(one, WrongStateError, state="called"):
            await one.do(Action.PARK, row)

    async def test_the_day_ends_it(self, one: Process) -> None:
        row = await one.ticket_in("parked")
        await one.next_day()

        assert (await one.row(row)).state == "reset"


class TestBeingLater:
    async def test_so_many_go_first(self, one: Process) -> None:
        await one.open()
        row = await one.take()
        await some(one, 3)
        later = await one.postpone(row, 2)

        assert (later.state, one.told[row.id]) == ("waiting", 2)
        assert await one.calls() == ["A002", "A003", "A001", "A004"]

    async def test_people_of_other_services_go_first_too_where_the_same_counters_call(self, one: Process) -> None:
        row = await one.take()
        await some(one, 2, "bill")
        await some(one, 1)
        await one.postpone(row, 2)

        assert one.told[row.id] == 2

    async def test_with_fewer_behind_it_is_the_end_of_the_line(self, one: Process) -> None:
        row = await one.take()
        await some(one, 2)
        await one.postpone(row, 5)

        assert one.told[row.id] == 2


class TestSeveralServices:
    async def test_a_visit_goes_on_with_the_next_by_its_age(self, one: Process) -> None:
        await one.open()
        row = await one.take_confirmed("a key for the visit", {"service": "sim", "then": ["bill"]})
        await one.serve()
        await some(one, 1, "bill")

        waiting = await one.row(row)
        assert (waiting.state, waiting.service, waiting.remaining) == ("waiting", "bill", None)
        assert await one.calls() == ["A001", "B001"]
        assert (await one.row(row)).state == "completed"

    async def test_who_goes_on_is_told_how_many_are_before_them(self, one: Process) -> None:
        await one.open()
        await some(one, 2, "bill")
        row = await one.take_confirmed("a key for the visit", {"service": "sim", "then": ["bill"]})
        await one.do(Action.START, await one.do(Action.CALL, row))

        change = await one.calling.complete(row.id, Complete(), one.attempt())

        assert (change.name, change.ahead) == ("ticket.transferred", 2)

    async def test_the_next_call_at_the_counter_takes_it_on_too(self, one: Process) -> None:
        await one.open()
        await one.take_confirmed("a key for the visit", {"service": "sim", "then": ["bill"]})
        for _ in range(2):
            await one.act("start", await one.called())

        assert await one.call() is None
        assert [event.reason for event in await Event.filter(name="ticket.transferred")] == ["next_service"]

    async def test_a_transfer_may_change_what_comes_then(self, one: Process) -> None:
        row = await one.take_confirmed("a key for the visit", {"service": "sim", "then": ["bill"]})
        await one.moving.transfer(row.id, Transfer("age", then=()), one.attempt())

        assert (await one.row(row)).remaining is None

    async def test_a_service_that_it_is_sent_to_now_does_not_come_then(self, one: Process) -> None:
        row = await one.take_confirmed("a key for the visit", {"service": "sim", "then": ["bill"]})
        moved = await one.transfer(row, "age", service="bill")

        assert (moved.service, moved.remaining) == ("bill", None)

    async def test_what_else_comes_then_still_does(self, one: Process) -> None:
        row = await one.take_confirmed("a key for the visit", {"service": "sim", "then": ["bill", "sim"]})

        assert (await one.transfer(row, "last")).remaining == "bill,sim"
        assert (await one.transfer(row, "last", service="bill")).remaining == "sim"

    async def test_a_service_that_the_hall_has_not_is_refused(self, one: Process) -> None:
        async with refused(one, InvalidError, field="then"):
            await one.take_confirmed("a key for the visit", {"service": "sim", "then": ["wishes"]})


class TestOneLiveTicketOfAPhone:
    """In a hall and a service, however it comes there."""

    async def test_a_transfer_to_where_the_phone_waits_is_refused(self, one: Process) -> None:
        first, other = [await one.take(service=service, phone=PHONE) for service in ("sim", "bill")]

        async with refused(one, AlreadyWaitingError):
            await one.transfer(other, "last", service="sim")
        await one.leave(first)
        moved = await one.transfer(other, "last", service="sim")

        assert (moved.state, moved.service) == ("waiting", "sim")
        async with refused(one, AlreadyWaitingError):
            await one.take(service="sim", phone=PHONE)

    async def test_a_visit_goes_past_a_service_where_the_phone_waits_already(self, one: Process) -> None:
        await one.open()
        visit = await one.take_confirmed(
            "a key for the visit", {"service": "bill", "then": ["sim", "bill"], "phone": PHONE}
        )
        other = await one.take(service="sim", phone=PHONE)
        await one.act("start", await one.called())

        await one.calling.complete(visit.id, Complete(), one.attempt())

        assert [(await one.row(row)).state for row in (visit, other)] == ["waiting", "waiting"]
        assert [(await one.row(row)).service for row in (visit, other)] == ["bill", "sim"]
        await one.leave(visit)
        assert (await one.take(service="bill", phone=PHONE)).state == "waiting"

    async def test_when_nothing_else_remains_the_visit_ends(self, one: Process) -> None:
        await one.open()
        visit = await one.take_confirmed("a key for the visit", {"service": "bill", "then": ["sim"], "phone": PHONE})
        other = await one.take(service="sim", phone=PHONE)
        await one.act("start", await one.called())

        await one.calling.complete(visit.id, Complete(), one.attempt())

        assert [(await one.row(row)).state for row in (visit, other)] == ["completed", "waiting"]


class TestEndingByStaff:
    @pytest.mark.parametrize("state", ["waiting", "called", "serving", "parked"])
    async def test_the_record_says_who_and_why(self, one: Process, state: str) -> None:
        row = await one.ticket_in(state)
        await one.moving.cancel(row.id, Because("left the hall"), one.attempt())

        ended = await Event.get(name="ticket.cancelled")
        assert (ended.actor, ended.reason, (await one.row(row)).state) == (
            "staff:clerk1",
            "left the hall",
            "cancelled",
        )
        assert (await one.picture()).head_count == 0


async def test_who_is_chosen_out_of_turn_is_so_for_a_recorded_reason(one: Process) -> None:
    await one.open()
    await some(one, 2)
    second = (await one.line_of("sim"))[1]
    await one.calling.call("heping-1", CallTicket(second.id, "elder"), one.attempt())

    assert (await Event.get(name="ticket.called")).reason == "elder"


@pytest.mark.parametrize(
    ("state", "action", "ahead"),
    [
        ("called", Action.REQUEUE, 2),
        ("serving", Action.TRANSFER, 0),
        ("parked", Action.UNPARK, 0),
        ("waiting", Action.POSTPONE, 1),
        ("waiting", Action.CLASSIFY, 0),
    ],
)
async def test_whoever_waits_again_is_told_how_many_are_ahead(
    one: Process, state: str, action: Action, ahead: int
) -> None:
    row = await one.ticket_in(state)
    await some(one, 2)
    one.told.clear()
    await one.do(action, row)

    assert one.told == {row.id: ahead}
