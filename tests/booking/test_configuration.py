"""Changing a hall while people wait, seen by processes that have not heard of it yet."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis

from booking.errors import (
    ClassInUseError,
    CounterInUseError,
    HallClosedError,
    PutBackTooLateError,
    ServiceClosedError,
    ServiceInUseError,
)
from booking.models import CounterRecord
from booking.schemas import TicketRow, Transfer
from booking.service import configuration
from booking.service.configuration import configure
from halls.errors import CounterNotFoundError
from halls.hall import Hall
from halls.schemas import HallInput
from halls.service import Directory, Edit, hall_document, write_hall
from o2o.kernel.errors import ConflictError, InvalidError
from o2o.kernel.models import Event, Fence
from tests.booking.halls import Process, hall_input
from tests.refusals import refused

SIM = {"id": "sim", "prefix": "A", "name": "SIM"}
BILL = {"id": "bill", "prefix": "B", "name": "Bills"}
CARD = {"id": "card", "prefix": "C", "name": "Cards"}
PHONE = {"id": "phone", "prefix": "D", "name": "Phones"}
FIRST = {"id": "heping-1", "name": "1"}


class TestServices:
    async def test_a_process_that_never_heard_of_a_service_rebuilds_its_line(
        self, two: list[Process], redis_client: Redis
    ) -> None:
        await two[0].configure(services=[SIM, BILL, CARD])
        await two[0].open()
        await two[0].take(service="card")
        await redis_client.flushall()
        await two[1].take()

        assert await two[0].calls() == ["C001", "A001"]

    async def test_a_service_just_taken_away_gives_no_number_and_ends_no_epoch(self, two: list[Process]) -> None:
        await two[1].take(service="bill")
        await two[0].configure(services=[BILL])

        with pytest.raises(InvalidError):
            await two[1].take(service="sim")

        assert (await Fence.get(tag="hall:heping")).epoch == 2


class TestWhatNobodyHasHeardOfYet:
    """Another process has changed the hall; this one knows the hall as it was."""

    async def test_a_service_just_closed_gives_no_number(self, two: list[Process]) -> None:
        await two[1].take()
        await two[0].configure(services=[SIM | {"open": False}, BILL])

        async with refused(two[1], ServiceClosedError):
            await two[1].take()

    async def test_a_hall_just_closed_gives_no_number(self, two: list[Process]) -> None:
        await two[1].take()
        await two[0].configure(hours={})

        async with refused(two[1], HallClosedError):
            await two[1].take()

    async def test_a_hall_just_opened_gives_one(self, two: list[Process]) -> None:
        await two[0].configure(hours={})
        with pytest.raises(HallClosedError):
            await two[1].take()
        await two[0].configure()

        assert (await two[1].take()).number == "A001"

    async def test_numbers_have_their_new_prefix(self, two: list[Process]) -> None:
        await two[1].take()
        await two[0].configure(services=[SIM | {"prefix": "Z"}, BILL])

        assert (await two[1].take()).number == "Z001"

    async def test_who_did_not_come_is_put_back_by_the_new_rule(self, two: list[Process]) -> None:
        row = await two[1].ticket_in("no_show")
        await two[0].configure(rules={"put_back_minutes": 0})
        two[1].clock.advance(minutes=1)

        async with refused(two[1], PutBackTooLateError):
            await two[1].requeue(row)

    async def test_everybody_s_class_has_its_new_name(self, two: list[Process]) -> None:
        await two[1].take()
        await two[0].configure(rules={"classes": ["everybody", "priority"]})

        assert (await two[1].take()).class_ == "everybody"

    async def test_a_new_service_gives_numbers_and_can_be_sent_to(self, two: list[Process]) -> None:
        row = await two[1].take()
        await two[0].configure(services=[SIM, BILL, CARD])

        assert (await two[1].take(service="card")).number == "C001"
        await two[0].configure(services=[SIM, BILL, CARD, PHONE])
        assert (await two[1].transfer(row, service="phone")).service == "phone"

    async def test_nobody_is_sent_to_a_service_just_taken_away(self, two: list[Process]) -> None:
        row = await two[1].take()
        await two[0].configure(services=[SIM])

        async with refused(two[1], InvalidError, field="service"):
            await two[1].transfer(row, service="bill")

    async def test_a_class_just_taken_away_is_given_to_nobody(self, two: list[Process]) -> None:
        row = await two[1].take()
        await two[0].configure(rules={"classes": ["standard"]})

        async with refused(two[1], InvalidError, field="class"):
            await two[1].classify(row, "priority")

    async def test_nobody_takes_a_number_of_a_class_just_taken_away(self, two: list[Process]) -> None:
        await two[1].take()
        await two[0].configure(rules={"classes": ["standard"]})

        async with refused(two[1], InvalidError, field="class"):
            await two[1].take_as("priority")

    async def test_a_counter_just_taken_away_is_not_opened(self, two: list[Process]) -> None:
        await two[1].take()
        await two[0].configure(counters=[{"id": "heping-1", "name": "1"}])

        async with refused(two[1], CounterNotFoundError):
            await two[1].open("heping-2")

    async def test_who_repeats_what_was_done_before_is_answered_as_then(self, one: Process) -> None:
        row, wish, tried = await one.take(), Transfer("last", service="bill"), one.attempt("the same key")
        first = await one.moving.transfer(row.id, wish, tried)
        await one.transfer(row, service="sim")
        await one.configure(services=[SIM])

        assert await one.moving.transfer(row.id, wish, tried) == first

    async def test_a_new_class_can_be_given(self, two: list[Process]) -> None:
        row = await two[1].take()
        await two[0].configure(rules={"classes": ["standard", "priority", "child"]})

        assert (await two[1].classify(row, "child")).class_ == "child"


class TestCounters:
    async def test_a_counter_moved_to_another_hall_is_remembered_there(self, one: Process) -> None:
        await one.add_hall("nankai")
        await one.open()
        await one.shut()
        await one.configure(counters=[{"id": "heping-2", "name": "2"}])
        await one.add_hall("nankai", counters=[{"id": "heping-1", "name": "1"}])

        await one.open("heping-1")

        row = await CounterRecord.get(id="heping-1")
        assert (row.hall, row.open) == ("nankai", True)


class TestChangedByHand:
    async def test_the_event_says_who_changed_which_part(self, one: Process) -> None:
        hall, _new = await configure(one.line, "heping", smaller, "rules", actor="staff:manager")

        event = await Event.filter(name="hall.changed").order_by("-version").first()
        assert event is not None
        assert (event.actor, json.loads(event.data)["facts"]) == ("staff:manager", {"rev": hall.rev, "part": "rules"})

    async def test_a_change_that_changes_nothing_is_no_event(self, one: Process) -> None:
        await configure(one.line, "heping", smaller, "rules", actor="staff:manager")
        await configure(one.line, "heping", smaller, "rules", actor="staff:other")

        assert await Event.filter(name="hall.changed").count() == 1

    async def test_the_same_document_days_later_ends_no_epoch(self, one: Process) -> None:
        await configure(one.line, "heping", smaller, actor="staff:hq")
        one.clock.advance(days=2)
        await one.take()
        epoch = (await Fence.get(tag="hall:heping")).epoch

        await configure(one.line, "heping", smaller, actor="staff:hq")

        assert (await Fence.get(tag="hall:heping")).epoch == epoch
        assert await Event.filter(name="hall.changed", actor="staff:hq").count() == 1

    async def test_a_counter_opened_while_it_was_taken_away_keeps_nobody_from_changing_the_hall(
        self, one: Process
    ) -> None:
        await opened_meanwhile(one)

        hall, _new = await configure(one.line, "heping", smaller, actor="staff:manager")

        assert hall.capacity == 1

    async def test_an_open_counter_is_not_taken_away(self, one: Process) -> None:
        await one.open("heping-1")

        with pytest.raises(CounterInUseError):
            await configure(one.line, "heping", without_counters, "counters", actor="staff:manager")

        assert one.hall.counter("heping-1")
        assert await Event.filter(name="hall.changed").count() == 0


class TestWhoComesWhileTheHallIsChanged:
    """After it was looked at what is in use, and before the hall is written."""

    @pytest.mark.parametrize(
        ("comes", "change", "refusal"),
        [
            (lambda other: other.take(service="bill"), {"services": [SIM]}, (ServiceInUseError, "services")),
            (
                lambda other: other.take_as("priority"),
                {"rules": {"classes": ["standard"]}},
                (ClassInUseError, "rules.classes"),
            ),
            (lambda other: other.open("heping-2"), {"counters": [FIRST]}, (CounterInUseError, "counters")),
        ],
        ids=["service", "class", "counter"],
    )
    async def test_nothing_that_somebody_has_come_for_is_taken_away(
        self,
        two: list[Process],
        monkeypatch: pytest.MonkeyPatch,
        comes: Callable[[Process], Awaitable[TicketRow | None]],
        change: dict[str, object],
        refusal: tuple[type[ConflictError], str],
    ) -> None:
        came = list[TicketRow | None]()

        async def write_late(directory: Directory, hall_id: str, edit: Edit, **told: Any) -> tuple[Hall, bool]:
            if not came:
                came.append(await comes(two[1]))
            return await write_hall(directory, hall_id, edit, **told)

        monkeypatch.setattr(configuration, "write_hall", write_late)
        before = await hall_document("heping")

        error, field = refusal
        with pytest.raises(error) as caught:
            await configure(two[0].line, "heping", lambda _before, _rev: hall_input(**change), actor="staff:manager")

        assert caught.value.details["field"] == field
        assert await hall_document("heping") == before
        await two[1].open()
        assert await two[1].calls() == [row.number for row in came if row]


async def opened_meanwhile(one: Process) -> None:
    """A counter is opened after it was looked at whether it is open, and before it is taken away."""
    await one.open("heping-2")
    await one.configure(counters=[{"id": "heping-1", "name": "1"}])


def smaller(before: HallInput | None, rev: int) -> HallInput:
    assert before is not None
    return replace(before, capacity=1)


def without_counters(before: HallInput | None, rev: int) -> HallInput:
    assert before is not None
    return replace(before, counters=())
