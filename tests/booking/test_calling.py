"""The counter's verbs, one by one, through the whole way: Redis decides, SQL remembers, everybody hears."""

import msgspec
import pytest

from booking.errors import AlreadyWaitingError, PutBackTooLateError, WrongStateError
from booking.schemas import CallTicket, Complete, Requeue
from booking.service.line import ticket_of
from booking.states import Action, TicketState
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import IdempotencyKeyReusedError, NotFoundError
from tests.booking.halls import Process
from tests.booking.test_states import ALLOWED
from tests.refusals import refused

PHONE = "138 0013 8000"
LAST = Requeue("last")
VERBS = [action for action in Action if action not in {Action.ISSUE, Action.RESET}]
MOVES = [(action, state) for action in VERBS for state in TicketState]


class TestTheTable:
    @pytest.mark.parametrize(("action", "state"), [move for move in MOVES if move in ALLOWED])
    async def test_an_allowed_action_leads_where_the_table_says(
        self, one: Process, action: Action, state: TicketState
    ) -> None:
        row = await one.ticket_in(state)

        moved = await one.do(action, row)

        assert moved.state == ALLOWED[action, state]
        assert await one.row(row) == moved

    @pytest.mark.once
    @pytest.mark.parametrize(("action", "state"), [move for move in MOVES if move not in ALLOWED])
    async def test_any_other_is_refused_with_the_state(self, one: Process, action: Action, state: TicketState) -> None:
        row = await one.ticket_in(state)
        await one.open("heping-2")

        async with refused(one, WrongStateError, state=state):
            await one.do(action, row, counter="heping-2")


class TestCallingTheNext:
    async def test_who_came_first_is_called_first_whatever_the_service(self, one: Process) -> None:
        await one.open()
        for service in ("bill", "sim", "sim", "bill", "sim"):
            await one.take(service=service)

        assert await one.calls() == ["B001", "A001", "A002", "B002", "A003"]

    async def test_a_counter_calls_only_for_the_services_it_serves(self, one: Process) -> None:
        await one.configure(counters=[{"id": "heping-1", "name": "1", "services": ["bill"]}])
        await one.open()
        for service in ("sim", "bill", "sim", "bill"):
            await one.take(service=service)

        assert await one.calls() == ["B001", "B002"]
        assert (await one.picture()).waiting == {"sim": 2}

    async def test_nobody_waiting_is_no_error_and_no_event(self, one: Process) -> None:
        await one.open()
        before = await one.trace()

        assert await one.call() is None
        assert await one.trace() == before

    async def test_the_key_of_a_call_that_found_nobody_is_of_no_use_for_another(self, one: Process) -> None:
        await one.open()
        assert await one.calling.call("heping-1", CallTicket(), one.attempt("a key of one's own", body="next")) is None
        row = await one.take()

        async with refused(one, IdempotencyKeyReusedError):
            await one.calling.call("heping-1", CallTicket(row.id), one.attempt("a key of one's own", body="this one"))

    async def test_the_called_ticket_names_its_counter_and_moment(self, one: Process) -> None:
        await one.open("heping-7")
        await one.take()

        row = await one.called("heping-7")

        assert (row.counter, row.called_at, row.calls) == ("heping-7", to_ms(one.clock()), 1)


class TestCallingAChosenOne:
    async def test_it_is_called_before_its_turn_and_the_others_keep_theirs(self, one: Process) -> None:
        await one.open("heping-1", "heping-2")
        rows = [await one.take() for _ in range(4)]

        await one.call("heping-2", ticket=rows[2].id)

        assert await one.calls() == ["A001", "A002", "A004"]

    async def test_it_may_be_of_a_service_that_the_counter_does_not_serve(self, one: Process) -> None:
        await one.configure(counters=[{"id": "heping-1", "name": "1", "services": ["bill"]}])
        await one.open()
        row = await one.take(service="sim")

        assert await one.call(ticket=row.id) == await one.row(row)

    async def test_an_unknown_one_is_not_there(self, one: Process) -> None:
        await one.open()

        async with refused(one, NotFoundError):
            await one.call(ticket="nowhere")

    async def test_one_of_another_hall_is_not_there_whatever_its_state(self, one: Process) -> None:
        await one.add_hall("nankai")
        row = await one.take(hall="nankai")
        await one.open()

        async with refused(one, NotFoundError):
            await one.call(ticket=row.id)
        await one.leave(row)
        async with refused(one, NotFoundError):
            await one.call(ticket=row.id)


class TestRecalling:
    async def test_it_counts_and_renews_the_moment_but_not_the_state(self, one: Process) -> None:
        row = await one.ticket_in("called")
        one.clock.advance(seconds=40)

        again = await one.do(Action.RECALL, row)

        assert (again.state, again.calls, again.called_at) == ("called", 2, to_ms(one.clock()))
        assert [call.calls for call in (await one.picture()).calls] == [2, 1]


class TestServing:
    async def test_start_and_completion_are_timed_and_free_the_counter(self, one: Process) -> None:
        row = await one.ticket_in("called")
        one.clock.advance(minutes=1)
        started = await one.do(Action.START, row)
        one.clock.advance(minutes=5)

        done = ticket_of(await one.calling.complete(row.id, Complete("card replaced"), one.attempt()))

        assert started.started_at == to_ms(one.clock()) - 300_000
        assert (done.ended_at, done.outcome, done.counter) == (to_ms(one.clock()), "card replaced", "heping-1")
        assert (await one.picture()).counters["heping-1"].ticket is None

    async def test_a_counter_calls_the_next_after_an_absence(self, one: Process) -> None:
        await one.ticket_in("no_show")
        await one.take()

        assert (await one.called()).number == "A002"

    async def test_an_absent_person_is_no_head_any_more(self, one: Process) -> None:
        await one.ticket_in("no_show")

        picture = await one.picture()

        assert picture.head_count == 0
        assert [row.number for row in picture.absent] == ["A001"]


class TestRequeueing:
    @pytest.mark.parametrize(
        ("to", "places", "order"),
        [
            ("first", None, "A001 A002 A003 A004 A005"),
            ("last", None, "A002 A003 A004 A005 A001"),
            ("places", 1, "A002 A001 A003 A004 A005"),
            ("places", 2, "A002 A003 A001 A004 A005"),
            ("places", 4, "A002 A003 A004 A005 A001"),
            ("places", 50, "A002 A003 A004 A005 A001"),
            ("places", None, "A002 A003 A004 A001 A005"),  # The hall's rule: three places.
        ],
    )
    async def test_the_order_of_calls_is_the_one_that_was_asked_for(
        self, one: Process, to: str, places: int | None, order: str
    ) -> None:
        await one.open()
        for _ in range(5):
            await one.take()

        await one.requeue(await one.called(), to, places)

        assert " ".join(await one.calls()) == order

    async def test_first_is_before_everybody_of_every_service(self, one: Process) -> None:
        await one.open()
        called = await one.take(service="bill")
        await one.take(service="sim")
        await one.called()

        await one.requeue(called, "first")
        await one.take(service="bill")

        assert await one.calls() == ["B001", "A001", "B002"]

    async def test_of_two_put_first_the_later_one_is_first(self, one: Process) -> None:
        await one.open("heping-1", "heping-2")
        for _ in range(3):
            await one.take()
        first, second = await one.called("heping-1"), await one.called("heping-2")

        await one.requeue(first, "first")
        await one.requeue(second, "first")

        assert await one.calls() == ["A002", "A001", "A003"]

    async def test_it_frees_the_counter_and_tells_how_many_are_ahead(self, one: Process) -> None:
        await one.open()
        for _ in range(3):
            await one.take()
        row = await one.called()

        change = await one.calling.requeue(row.id, LAST, one.attempt())

        assert change.ahead == 2
        assert ticket_of(change).counter is None
        assert (await one.picture()).counters["heping-1"].ticket is None

    async def test_put_between_the_same_two_again_and_again_board_and_calls_agree(self, one: Process) -> None:
        await one.open()
        rows = [await one.take() for _ in range(4)]
        for turn in range(48):
            await one.call(ticket=rows[2 + turn % 2].id)
            await one.requeue(rows[2 + turn % 2], "places", 1)
        shown = [row.number for row in await one.line_of("sim")]

        assert await one.calls() == shown


class TestPuttingBack:
    async def test_within_the_rule_an_absent_person_waits_again(self, one: Process) -> None:
        row = await one.ticket_in("no_show")
        one.clock.advance(minutes=30)

        back = await one.requeue(row, "first")

        assert (back.state, back.ended_at, back.counter) == ("waiting", None, None)
        assert (await one.picture()).head_count == 1

    async def test_after_it_is_too_late(self, one: Process) -> None:
        row = await one.ticket_in("no_show")
        one.clock.advance(minutes=30, milliseconds=1)

        async with refused(one, PutBackTooLateError):
            await one.requeue(row)

    async def test_the_rule_is_the_halls(self, one: Process) -> None:
        await one.configure(rules={"put_back_minutes": 0})
        row = await one.ticket_in("no_show")
        one.clock.advance(seconds=1)

        async with refused(one, PutBackTooLateError):
            await one.requeue(row)

    async def test_the_next_day_is_too_late_whether_redis_knows_it_or_not(self, one: Process) -> None:
        await one.configure(rules={"put_back_minutes": 1440})
        row = await one.ticket_in("no_show")
        one.clock.advance(hours=20)
        await one.take()

        async with refused(one, PutBackTooLateError):
            await one.requeue(row)
        await one.next_day()
        async with refused(one, PutBackTooLateError):
            await one.requeue(row)

    async def test_a_phone_that_has_taken_another_number_keeps_only_that(self, one: Process) -> None:
        await one.open()
        row = await one.take(phone=PHONE)
        await one.act("no_show", await one.called())
        await one.take(phone=PHONE)

        async with refused(one, AlreadyWaitingError):
            await one.requeue(row)

    async def test_put_back_its_phone_can_take_no_other(self, one: Process) -> None:
        await one.open()
        row = await one.take(phone=PHONE)
        await one.act("no_show", await one.called())
        await one.requeue(row)

        async with refused(one, AlreadyWaitingError):
            await one.take(phone=PHONE)


class TestUnknownTickets:
    @pytest.mark.parametrize("action", [action for action in VERBS if action is not Action.CALL])
    async def test_a_verb_on_an_unknown_ticket_says_that_there_is_none(self, one: Process, action: Action) -> None:
        row = await one.take()

        async with refused(one, NotFoundError):
            await one.do(action, msgspec.structs.replace(row, id="nowhere"))
