"""Who goes first: two calls of three to the priority class, the longest wait before all; and how many are ahead."""

from pathlib import Path

import pytest

from booking.order import Kind, newcomer, people_before
from booking.schemas import Because
from o2o.kernel.models import Event
from tests.booking.guards import altered, use
from tests.booking.halls import Process, hall, processes
from tests.servers import RedisServer
from tests.stack import stack

NO_SHARE = ("if calls >= head.priority_calls then", "if false then")
NO_LONGEST_WAIT = ("math.min(turn, other_turn) <= OVERDUE", "false")
NO_CONFIRMATION = ("class = class, claimed = args.claimed,", "class = args.claimed or class,")
APART = [
    {"id": "heping-1", "name": "1", "services": ["sim", "bill"]},
    {"id": "heping-2", "name": "2", "services": ["bill"]},
]


async def people(one: Process, classes: str) -> None:
    """One after the other: S for standard, P for priority."""
    await one.open()
    for letter in classes:
        await one.take_as("priority" if letter == "P" else "standard")


async def reasons() -> list[str | None]:
    """Why each call went before somebody, in the order of the calls."""
    return [event.reason for event in await Event.filter(name="ticket.called").order_by("version")]


class TestTheShare:
    async def test_two_calls_of_three_go_to_the_priority_class(self, one: Process) -> None:
        await people(one, "SSSPPPP")

        assert await one.calls() == ["A004", "A005", "A001", "A006", "A007", "A002", "A003"]

    async def test_control_without_the_share_the_standard_class_waits_for_all_others(self, one: Process) -> None:
        use(altered(*NO_SHARE), one)
        await people(one, "SSSPPPP")

        assert await one.calls() == ["A004", "A005", "A006", "A007", "A001", "A002", "A003"]

    async def test_it_counts_only_calls_for_which_somebody_else_waited(self, one: Process) -> None:
        await people(one, "PP")
        await one.serve()
        await one.serve()
        for letter in "SPP":
            await one.take_as("priority" if letter == "P" else "standard")

        assert await one.calls() == ["A004", "A005", "A003"]

    async def test_each_jump_has_its_reason(self, one: Process) -> None:
        await people(one, "SPPPS")
        await one.calls()

        assert await reasons() == ["priority", "priority", None, None, None]

    async def test_it_outlives_redis(self, one: Process, redis: RedisServer) -> None:
        await people(one, "SSPPP")
        await one.serve()
        await one.serve()
        await redis.kill()
        await redis.start()

        assert (await one.called()).number == "A001"

    async def test_its_number_is_the_halls(self, one: Process) -> None:
        await one.configure(rules={"priority_calls": 1})
        await people(one, "SSPP")

        assert await one.calls() == ["A003", "A001", "A004", "A002"]


class TestTheLongestWait:
    async def test_whoever_has_waited_an_hour_goes_first(self, one: Process) -> None:
        await people(one, "SS")
        one.clock.advance(minutes=60, milliseconds=1)
        await one.take_as("priority")

        assert await one.calls() == ["A001", "A002", "A003"]
        assert await reasons() == ["longest_wait", "longest_wait", None]

    async def test_control_without_the_rule_the_newcomer_of_the_priority_class_does(self, one: Process) -> None:
        use(altered(*NO_LONGEST_WAIT), one)
        await people(one, "SS")
        one.clock.advance(minutes=60)
        await one.take_as("priority")

        assert (await one.calls())[0] == "A003"

    async def test_a_minute_earlier_nobody_has(self, one: Process) -> None:
        await people(one, "S")
        one.clock.advance(minutes=59)
        await one.take_as("priority")

        assert await one.calls() == ["A002", "A001"]


class TestAClaim:
    async def test_a_class_that_nobody_confirmed_waits_like_everybody(self, one: Process) -> None:
        await people(one, "S")
        claimed = await one.take(**{"class": "priority"})

        assert (claimed.class_, claimed.claimed) == ("standard", "priority")
        assert await one.calls() == ["A001", "A002"]

    async def test_control_a_claim_that_counted_would_go_first(self, one: Process) -> None:
        use(altered(*NO_CONFIRMATION), one)
        await people(one, "S")
        await one.take(**{"class": "priority"})

        assert await one.calls() == ["A002", "A001"]

    async def test_once_staff_confirm_it_it_goes_first_and_the_record_says_why(self, one: Process) -> None:
        await people(one, "S")
        row = await one.classify(await one.take(**{"class": "priority"}))

        assert (row.class_, row.claimed) == ("priority", None)
        assert (await Event.get(name="ticket.classified")).reason == "priority"
        assert await one.calls() == ["A002", "A001"]

    async def test_staff_may_say_that_it_is_not_so(self, one: Process) -> None:
        row = await one.classify(await one.take(**{"class": "priority"}), "standard")

        assert (row.class_, row.claimed) == ("standard", None)


class TestPeopleAhead:
    async def test_it_is_how_many_are_called_before(self, one: Process) -> None:
        await people(one, "SSSPPPPSP")
        order = await one.order()

        assert await one.calls() == [row.number for row in sorted(order.line({"sim"}), key=lambda r: order.ahead[r.id])]

    async def test_people_of_other_services_count_where_the_same_counters_call_them(self, one: Process) -> None:
        for service in ("bill", "bill", "sim"):
            await one.take(service=service)
        told = await one.take_as("standard")

        assert one.told[told.id] == 3

    async def test_a_parked_person_is_ahead_of_nobody(self, one: Process) -> None:
        parked = await one.take()
        await one.moving.park(parked.id, Because(), one.attempt())
        await one.take_as("standard")

        assert list(one.told.values()) == [0]

    async def test_where_counters_differ_it_is_the_least_of_those_that_are_open(
        self, redis: RedisServer, tmp_path: Path
    ) -> None:
        async with (
            hall(stack.new_database(tmp_path / "apart"), counters=APART) as clock,
            processes(1, redis.url, tmp_path, clock) as (one,),
        ):
            for service in ("sim", "sim", "sim", "bill"):
                await one.take(service=service)
            last = (await one.line_of("bill"))[0].id
            closed, shut = (await one.order()).ahead[last], await one.ahead_in_sql("2026-11-23")
            await one.open("heping-1")
            with_one, in_sql = (await one.order()).ahead[last], await one.ahead_in_sql("2026-11-23")

        assert (closed, shut[last]) == (0, 0)
        assert (with_one, in_sql[last]) == (3, 3)


@pytest.mark.parametrize(
    ("standard", "priority", "calls", "expected"),
    [(0, 0, 0, 0), (3, 0, 0, 3), (0, 5, 0, 2), (0, 5, 2, 0), (1, 5, 0, 5), (2, 3, 1, 5)],
)
def test_a_newcomer_waits_for_their_own_and_for_the_share_of_the_others(
    standard: int, priority: int, calls: int, expected: int
) -> None:
    assert newcomer(standard, priority, (2, calls)) == expected


def test_an_overdue_person_waits_only_for_those_who_came_before() -> None:
    mine, others = Kind(waiting=5, overdue=2, before=1), Kind(waiting=9, overdue=4, before=3)

    assert people_before(mine, others, standard=True, late=True, rule=(2, 0)) == 4
