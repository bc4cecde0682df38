"""Taking a number and giving it up: who may, which number, and what is said to those who may not."""

import pytest
from redis.asyncio import Redis

from booking.errors import AlreadyWaitingError, HallClosedError, HallFullError
from booking.schemas import TakeNumber
from booking.states import Action
from o2o.kernel.errors import InvalidError, NotFoundError
from tests.booking.halls import Process
from tests.refusals import refused

PHONE = "13800138000"
WRITINGS = [
    "138 0013 8000",
    "138-0013-8000",
    "+86 138 0013 8000",
    "0086 13800138000",
    "１３８００１３８０００",
    "+8613800138000",
]
MONDAY_MORNING = {"mon": [["09:00", "12:00"]]}


class TestNumbers:
    async def test_each_prefix_counts_for_itself(self, one: Process) -> None:
        numbers = [(await one.take(service=service)).number for service in ("sim", "bill", "sim", "bill", "sim")]

        assert numbers == ["A001", "B001", "A002", "B002", "A003"]

    async def test_after_a999_comes_a1000(self, one: Process, redis_client: Redis) -> None:
        await one.take()
        await redis_client.hset("{hall:heping}:numbers:2026-11-23", "A", 998)

        assert [(await one.take()).number for _ in range(3)] == ["A999", "A1000", "A1001"]

    async def test_two_services_may_share_a_line_of_numbers_by_no_means(self, one: Process) -> None:
        services = [{"id": name, "prefix": "A", "name": name} for name in ("sim", "bill")]

        with pytest.raises(InvalidError):
            await one.configure(services=services)

    async def test_halls_count_for_themselves(self, one: Process) -> None:
        await one.add_hall("nankai")

        assert [(await one.take(hall=hall)).number for hall in ("heping", "nankai")] == ["A001", "A001"]


class TestWhatIsAsked:
    async def test_the_answer_says_how_many_are_ahead(self, one: Process) -> None:
        for service in ("sim", "bill", "sim"):
            await one.take(service=service)

        change = await one.arrivals.take_number("heping", TakeNumber(service="sim"), one.attempt())

        assert change.ahead == 3

    async def test_a_class_that_nobody_confirmed_is_only_claimed(self, one: Process) -> None:
        row = await one.take(**{"class": "priority", "channel": "kiosk"})

        assert (row.class_, row.claimed, row.channel) == ("standard", "priority", "kiosk")

    async def test_a_class_that_staff_give_counts_at_once(self, one: Process) -> None:
        row = await one.take_as("priority")

        assert (row.class_, row.claimed) == ("priority", None)

    async def test_without_a_class_it_is_the_halls_first(self, one: Process) -> None:
        assert (await one.take()).class_ == "standard"

    @pytest.mark.parametrize(
        ("wish", "field"),
        [
            ({"service": "device"}, "service"),
            ({"class": "royal"}, "class"),
            ({"phone": "12345"}, "phone"),
            ({"phone": "not a number"}, "phone"),
            ({"phone": "+86 138 0013 8000 8000 8"}, "phone"),
        ],
    )
    async def test_what_cannot_be_is_refused_with_its_field(
        self, one: Process, wish: dict[str, str], field: str
    ) -> None:
        await one.take()

        async with refused(one, InvalidError, field=field):
            await one.take(**wish)

    async def test_a_hall_that_is_not_there_is_not_found(self, one: Process) -> None:
        await one.take()

        async with refused(one, NotFoundError):
            await one.take(hall="nowhere")


class TestOnePhone:
    @pytest.mark.parametrize("writing", WRITINGS)
    async def test_has_one_live_ticket_for_a_service_however_it_is_written(self, one: Process, writing: str) -> None:
        await one.take(phone=PHONE)

        async with refused(one, AlreadyWaitingError):
            await one.take(phone=writing)

    async def test_may_wait_for_another_service_and_in_another_hall(self, one: Process) -> None:
        await one.add_hall("nankai")
        await one.take(phone=PHONE)

        assert (await one.take(phone=PHONE, service="bill")).number == "B001"
        assert (await one.take(phone=PHONE, hall="nankai")).number == "A001"

    async def test_another_phone_may_wait_too(self, one: Process) -> None:
        await one.take(phone=PHONE)

        assert (await one.take(phone="13800138001")).number == "A002"

    @pytest.mark.parametrize("state", ["called", "serving"])
    async def test_still_has_it_while_called_and_served(self, one: Process, state: str) -> None:
        await one.open()
        row = await one.take(phone=PHONE)
        await one.call()
        await one.do({"called": Action.RECALL, "serving": Action.START}[state], row)

        async with refused(one, AlreadyWaitingError):
            await one.take(phone=PHONE)

    @pytest.mark.parametrize("actions", [["leave"], ["call", "no_show"], ["call", "start", "complete"]])
    async def test_may_take_a_number_again_once_its_ticket_has_ended(self, one: Process, actions: list[str]) -> None:
        await one.open()
        row = await one.take(phone=PHONE)
        for action in actions:
            await one.do(Action(action), row)

        assert (await one.take(phone=PHONE)).number == "A002"

    async def test_may_take_a_number_the_next_day(self, one: Process) -> None:
        await one.take(phone=PHONE)
        one.clock.advance(days=1)

        assert (await one.take(phone=PHONE)).number == "A001"

    async def test_stays_known_when_redis_forgot_everything(self, one: Process, redis_client: Redis) -> None:
        await one.take(phone=PHONE)
        await redis_client.flushall()
        await one.take()

        async with refused(one, AlreadyWaitingError):
            await one.take(phone=PHONE)

    async def test_without_one_nobody_is_held_back(self, one: Process) -> None:
        assert [(await one.take()).number for _ in range(3)] == ["A001", "A002", "A003"]


class TestCapacity:
    async def test_as_many_as_fit_and_not_one_more(self, one: Process) -> None:
        await one.configure(capacity=3)
        for _ in range(3):
            await one.take()

        async with refused(one, HallFullError, alternatives=[]):
            await one.take()

    async def test_nobody_fits_into_none(self, one: Process) -> None:
        await one.configure(capacity=0)

        async with refused(one, HallFullError):
            await one.take()

    async def test_called_and_served_people_still_take_their_place(self, one: Process) -> None:
        await one.configure(capacity=2)
        await one.open("heping-1", "heping-2")
        rows = [await one.take(), await one.take()]
        await one.do(Action.START, await one.called("heping-1"))
        await one.called("heping-2")

        async with refused(one, HallFullError):
            await one.take()
        await one.do(Action.COMPLETE, rows[0])
        assert (await one.take()).number == "A003"

    async def test_whoever_is_inside_may_be_put_back_into_a_full_hall(self, one: Process) -> None:
        await one.configure(capacity=1)
        row = await one.ticket_in("no_show")
        await one.take()

        assert (await one.requeue(row)).state == "waiting"

    async def test_a_full_hall_names_the_nearest_open_ones_with_room(self, one: Process) -> None:
        await one.add_hall("far", lat=39.5)
        await one.add_hall("near", lat=39.11)
        await one.add_hall("closed", hours={})
        await one.add_hall("crowded", capacity=0)
        await one.add_hall("other", services=[{"id": "device", "prefix": "D", "name": "Phones"}])
        await one.take(hall="near")
        await one.line.close()
        await one.configure(capacity=0)

        with pytest.raises(HallFullError) as caught:
            await one.take()

        places = [(hall["id"], hall["waiting"]) for hall in caught.value.details["alternatives"]]
        assert places == [("near", 1), ("far", 0)]


class TestOpeningHours:
    async def test_a_closed_hall_says_when_it_opens(self, one: Process) -> None:
        await one.configure(hours=MONDAY_MORNING)
        one.clock.advance(hours=3)  # Monday 13:00 in Tianjin.

        said = {"opens_at": "2026-11-30T09:00:00+08:00", "opens": "2026-11-30 09:00"}  # For programs, for people.
        async with refused(one, HallClosedError, **said):
            await one.take()

    async def test_until_its_last_minute_numbers_are_given(self, one: Process) -> None:
        await one.configure(hours=MONDAY_MORNING)
        one.clock.advance(hours=1, minutes=59)

        assert (await one.take()).number == "A001"

    async def test_a_hall_that_never_opens_says_so(self, one: Process) -> None:
        await one.configure(hours={})

        async with refused(one, HallClosedError, opens_at=None):
            await one.take()

    async def test_who_waits_at_closing_time_is_still_called(self, one: Process) -> None:
        await one.configure(hours=MONDAY_MORNING)
        await one.open()
        await one.take()
        one.clock.advance(hours=3)

        assert await one.calls() == ["A001"]


class TestLeaving:
    async def test_the_others_move_up(self, one: Process) -> None:
        await one.open()
        rows = [await one.take() for _ in range(3)]

        await one.leave(rows[1])

        assert await one.calls() == ["A001", "A003"]

    async def test_leaving_when_called_frees_the_counter(self, one: Process) -> None:
        row = await one.ticket_in("called")

        await one.leave(row)

        picture = await one.picture()
        assert (picture.counters["heping-1"].ticket, picture.head_count) == (None, 0)
