"""What each verb of stock does, refuses, and leaves behind."""

import pytest
from tortoise.exceptions import BaseORMException, IntegrityError, OperationalError

from halls.models import StockAllocation, StockMovement
from halls.stock.errors import (
    AllocationEndedError,
    AllocationNotFoundError,
    HoldEndedError,
    HoldNotFoundError,
    OutOfStockError,
    PlaceNotFoundError,
    SerialsMismatchError,
    SerialTakenError,
    SerialUnknownError,
    StockCommittedError,
    TooManyHoldsError,
)
from halls.stock.queries import hold_row, movements_of, places_of_serials, serials_at
from halls.stock.states import HOLD_MS, HOLDS_PER_HOLDER
from o2o.kernel.clock import from_ms, rfc3339
from o2o.kernel.database import connection
from o2o.kernel.errors import IdempotencyKeyReusedError, InvalidError
from o2o.kernel.models import Event
from tests.halls.stock.rooms import CLERK, SKU, Process
from tests.refusals import refused


class TestWhatIsHere:
    async def test_what_comes_can_be_had(self, one: Process) -> None:
        level = await one.receive(5)

        assert (level.on_hand, level.available) == (5, 5)
        assert await one.counts() == (5, 0, 0)

    async def test_a_count_says_by_how_much_it_differed_and_why(self, one: Process) -> None:
        await one.receive(5)
        await one.stock.count("heping", SKU, 3, one.attempt(), reason="yearly count")

        assert await one.counts() == (3, 0, 0)
        last, first = await movements_of("heping", SKU)
        assert (last.kind, last.quantity, last.on_hand, last.reason) == ("counted", -2, 3, "yearly count")
        assert (first.kind, first.quantity, first.actor) == ("received", 5, "staff:clerk1")

    async def test_fewer_than_are_promised_can_not_be_counted(self, one: Process) -> None:
        await one.receive(5)
        await one.hold(2)
        await one.allocate(1)

        async with refused(one, StockCommittedError, committed=3):
            await one.stock.count("heping", SKU, 2, one.attempt(), reason="count")

    async def test_what_is_promised_can_be_neither_damaged_nor_sent_away(self, one: Process) -> None:
        await one.receive(3)
        await one.hold(2)

        async with refused(one, OutOfStockError, available=1):
            await one.stock.damage("heping", SKU, 2, one.attempt(), reason="wet")
        async with refused(one, OutOfStockError, available=1):
            await one.stock.transfer("heping", "nankai", SKU, 2, one.attempt(), reason="more people there")

    async def test_what_is_sent_arrives_once_however_often_it_is_repeated(self, one: Process) -> None:
        await one.receive(5)
        sending = one.attempt()
        for _ in range(2):
            left = await one.stock.transfer("heping", "nankai", SKU, 2, sending, reason="more people there")

        assert (left.on_hand, await one.counts(), await one.counts("nankai")) == (3, (3, 0, 0), (2, 0, 0))
        (arrival,) = await movements_of("nankai", SKU)
        assert (arrival.kind, arrival.quantity, arrival.other) == ("transferred", 2, "heping")

    async def test_what_is_there_already_is_not_sent_there(self, one: Process) -> None:
        await one.receive(5)
        async with refused(one, InvalidError, field="to"):
            await one.stock.transfer("heping", "heping", SKU, 2, one.attempt(), reason="more people there")

    async def test_a_place_that_is_none_has_nothing(self, one: Process) -> None:
        async with refused(one, PlaceNotFoundError):
            await one.receive(1, "nowhere")

    async def test_a_movement_is_neither_changed_nor_taken_out(self, one: Process) -> None:
        await one.receive(5)

        for change in ("UPDATE stock_movements SET quantity = 6", "DELETE FROM stock_movements"):
            with pytest.raises((BaseORMException, OperationalError)):
                await connection().execute_script(change)
        assert await StockMovement.filter(quantity=5).count() == await StockMovement.all().count() == 1

    async def test_sql_refuses_a_level_that_promises_more_than_is_here(self, one: Process) -> None:
        await one.receive(5)

        with pytest.raises((IntegrityError, OperationalError)):
            await connection().execute_query("UPDATE stock_levels SET held = 4, allocated = 2")


class TestHolding:
    async def test_a_hold_keeps_some_and_letting_go_gives_them_back(self, one: Process) -> None:
        await one.receive(5)
        hold = await one.hold(2)
        assert await one.counts() == (5, 0, 2)

        let_go = await one.stock.release(hold.id, one.attempt(), why="cancelled")

        assert (let_go.state, let_go.why, await one.counts()) == ("released", "cancelled", (5, 0, 0))

    async def test_more_than_can_be_had_is_refused_with_how_many_could(self, one: Process) -> None:
        await one.receive(3)
        await one.hold(2)

        async with refused(one, OutOfStockError, available=1):
            await one.hold(2)

    async def test_the_same_operation_holds_once_and_another_body_is_refused(self, one: Process) -> None:
        await one.receive(5)
        attempt = one.attempt("the key")
        first = await one.stock.hold("heping", SKU, 1, attempt, holder="li")
        again = await one.stock.hold("heping", SKU, 1, attempt, holder="li")

        assert (first, await one.counts()) == (again, (5, 0, 1))
        with pytest.raises(IdempotencyKeyReusedError):
            await one.stock.hold("heping", SKU, 1, one.attempt("the key", "another"), holder="li")

    async def test_whoever_asks_next_gets_what_an_ended_hold_kept(self, one: Process) -> None:
        await one.receive(1)
        old = await one.hold()
        one.clock.advance(milliseconds=HOLD_MS)

        new = await one.hold(who="wang")

        ended = await hold_row(old.id)
        assert ended is not None
        assert (ended.state, ended.ended_at, new.state) == ("expired", new.created_at, "active")
        assert await one.counts() == (1, 0, 1)

    async def test_a_hold_that_has_ended_is_neither_extended_nor_allocated(self, one: Process) -> None:
        await one.receive(1)
        hold = await one.hold()
        one.clock.advance(milliseconds=HOLD_MS)

        with pytest.raises(HoldEndedError) as caught:
            await one.stock.allocate(hold.id, one.attempt(), line="order/1")
        assert caught.value.details == {"state": "expired"}
        async with refused(one, HoldEndedError, state="expired"):
            await one.stock.extend(hold.id, one.attempt())
        async with refused(one, HoldNotFoundError):
            await one.stock.extend("none", one.attempt())

    @pytest.mark.parametrize(("ticket", "minutes"), [(None, 60), ("t1", 240)])
    async def test_activity_extends_a_hold_up_to_the_cap(self, one: Process, ticket: str | None, minutes: int) -> None:
        await one.receive(1)
        hold = await one.hold()
        for _ in range(30):
            one.clock.advance(minutes=9)
            if hold.expires_at <= one.clock().timestamp() * 1000:
                break
            hold = await one.stock.extend(hold.id, one.attempt(), ticket=ticket)

        assert (hold.expires_at - hold.created_at, hold.ticket) == (minutes * 60_000, ticket)

    async def test_one_person_keeps_so_many_and_hears_until_when(self, one: Process) -> None:
        await one.receive(50)
        first = await one.hold()
        for _ in range(HOLDS_PER_HOLDER - 1):
            one.clock.advance(seconds=1)
            await one.hold()

        async with refused(one, TooManyHoldsError, until=rfc3339(from_ms(first.expires_at)), limit=HOLDS_PER_HOLDER):
            await one.hold()
        assert (await one.hold(who="wang")).state == "active"
        await one.stock.release(first.id, one.attempt(), why="cancelled")
        assert (await one.hold()).state == "active"


class TestSelling:
    async def test_a_hold_becomes_an_allocation_that_is_handed_over(self, one: Process) -> None:
        await one.receive(5)
        hold = await one.hold(2)
        allocation = await one.stock.allocate(hold.id, one.attempt(), line="order/1")
        assert (allocation.id, allocation.line, await one.counts()) == (hold.id, "order/1", (5, 2, 0))

        gone = await one.stock.hand_over(allocation.id, one.attempt())

        assert (gone.state, await one.counts()) == ("handed_over", (3, 0, 0))
        assert (await movements_of("heping", SKU))[0].subject == hold.id
        with pytest.raises(HoldEndedError):
            await one.stock.release(hold.id, one.attempt(), why="late")

    async def test_an_order_that_ends_early_gives_back_what_it_had(self, one: Process) -> None:
        await one.receive(5)
        allocation = await one.allocate(2)

        ended = await one.stock.deallocate(allocation.id, one.attempt(), why="cancelled")

        assert (ended.state, await one.counts()) == ("released", (5, 0, 0))
        async with refused(one, AllocationEndedError, state="released"):
            await one.stock.hand_over(allocation.id, one.attempt())
        async with refused(one, AllocationNotFoundError):
            await one.stock.hand_over("none", one.attempt())

    @pytest.mark.parametrize(("place", "here", "there"), [("heping", 5, 0), ("tianjin", 3, 2)])
    async def test_what_comes_back_comes_back_once_wherever(
        self, one: Process, place: str, here: int, there: int
    ) -> None:
        await one.receive(5)
        sold = await one.sell(2)
        taking = one.attempt()

        for _ in range(2):
            await one.stock.take_back(sold.id, taking, place=place, saleable=True, reason="changed their mind")

        assert (await one.counts(), await one.counts("tianjin")) == ((here, 0, 0), (there, 0, 0))
        assert [row.state for row in await StockAllocation.all()] == ["returned"]
        async with refused(one, AllocationEndedError, state="returned"):
            await one.stock.take_back(sold.id, one.attempt(), place=place, saleable=True, reason="again")

    async def test_what_comes_back_broken_is_not_sold_again(self, one: Process) -> None:
        await one.receive(5)
        sold = await one.sell(2)

        await one.stock.take_back(sold.id, one.attempt(), place="heping", saleable=False, reason="broken")

        assert await one.counts() == (3, 0, 0)


class TestSerialNumbers:
    async def test_a_piece_goes_from_place_to_place_and_to_a_customer_and_back(self, one: Process) -> None:
        await one.receive(2, "tianjin", "S1", "S2")
        await one.stock.transfer("tianjin", "heping", SKU, 1, one.attempt(), reason="shelf", serials=["S2"])
        assert await places_of_serials(SKU, ["S1", "S2"]) == {"S1": "tianjin", "S2": "heping"}
        allocation = await one.allocate()
        await one.stock.hand_over(allocation.id, one.attempt(), serials=["S2"])
        assert await serials_at("heping", SKU) == []

        await one.stock.take_back(allocation.id, one.attempt(), place="tianjin", saleable=True, reason="returned")

        assert await serials_at("tianjin", SKU) == ["S1", "S2"]

    async def test_a_piece_is_in_one_place_only(self, one: Process) -> None:
        await one.receive(1, "heping", "S1")

        for place in ("heping", "nankai"):
            async with refused(one, SerialTakenError, serial="S1"):
                await one.receive(1, place, "S1")

    @pytest.mark.parametrize("serials", [("S1",), ("S1", "S1"), ("S1", "S2", "S3")])
    async def test_as_many_pieces_are_sent_as_are_named(self, one: Process, serials: tuple[str, ...]) -> None:
        await one.receive(3, "heping", "S1", "S2", "S3")

        async with refused(one, SerialsMismatchError):
            await one.stock.transfer("heping", "nankai", SKU, 2, one.attempt(), reason="shelf", serials=serials)

    async def test_a_piece_that_is_not_here_is_not_handed_over(self, one: Process) -> None:
        await one.receive(1, "heping", "S1")
        allocation = await one.allocate()

        async with refused(one, SerialUnknownError, serial="S2"):
            await one.stock.hand_over(allocation.id, one.attempt(), serials=["S2"])


class TestTheRecord:
    async def test_each_change_says_who_did_what_to_which_why_from_and_to(self, one: Process) -> None:
        await one.receive(5)
        unwanted = await one.hold()
        await one.stock.extend(unwanted.id, one.attempt())
        await one.stock.release(unwanted.id, one.attempt(), why="not wanted")
        cancelled = await one.allocate()
        await one.stock.deallocate(cancelled.id, one.attempt(), why="cancelled")
        sold = await one.sell()
        await one.stock.take_back(sold.id, one.attempt(), place="heping", saleable=True, reason="too loud")
        forgotten = await one.hold()
        one.clock.advance(milliseconds=HOLD_MS)
        await one.stock.count("heping", SKU, 4, one.attempt(), reason="yearly count")

        assert await Event.filter(tag="place:heping").order_by("version").values_list(
            "name", "actor", "ticket", "reason", "source", "target"
        ) == [
            ("stock.received", CLERK, None, None, None, None),
            ("stock.held", CLERK, unwanted.id, None, None, "active"),
            ("stock.extended", CLERK, unwanted.id, None, "active", "active"),
            ("stock.released", CLERK, unwanted.id, "not wanted", "active", "released"),
            ("stock.held", CLERK, cancelled.id, None, None, "active"),
            ("stock.allocated", CLERK, cancelled.id, None, "active", "converted"),
            ("stock.deallocated", CLERK, cancelled.id, "cancelled", "allocated", "released"),
            ("stock.held", CLERK, sold.id, None, None, "active"),
            ("stock.allocated", CLERK, sold.id, None, "active", "converted"),
            ("stock.sold", CLERK, sold.id, None, "allocated", "handed_over"),
            ("stock.returned", CLERK, sold.id, "too loud", "handed_over", "returned"),
            ("stock.held", CLERK, forgotten.id, None, None, "active"),
            ("stock.expired", "clock", forgotten.id, None, "active", "expired"),
            ("stock.counted", CLERK, None, "yearly count", None, None),
        ]
