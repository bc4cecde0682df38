"""Orders and lines move by the tables, each move is recorded, and what is recorded stays."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import BaseORMException

from booking.errors import WrongStateError
from o2o.kernel.database import connection, open_database
from orders.models import LineRecord, MoneyEventRecord, OrderEventRecord, OrderRecord
from orders.order_errors import OrderNotFoundError
from orders.service.moving import close_if_done, move_line, move_order
from orders.states import Fulfilment, LineAction, OrderAction
from tests.orders.made import AT, DEED, Work, an_order, doing

PICKUP, DELIVERY = Fulfilment.PICKUP, Fulfilment.DELIVERY


@pytest.fixture(autouse=True)
async def opened(database: str) -> AsyncIterator[None]:
    async with open_database(database):
        yield


def moving(*actions: LineAction, number: int = 1) -> Work:
    async def work(client: BaseDBAsyncClient, _row: OrderRecord, lines: list[LineRecord]) -> None:
        for action in actions:
            await move_line(client, lines[number - 1], action, DEED)

    return work


async def test_a_move_changes_the_line_says_what_its_place_is_to_do_and_is_recorded() -> None:
    await an_order(PICKUP)
    await doing("order-1", moving(LineAction.PREPARE, LineAction.COLLECT))

    line = await LineRecord.get(order_id="order-1")
    assert (line.state, line.stock, line.stock_due) == ("collected", "allocated", "handed_over")
    rows = OrderEventRecord.all().order_by("id").values_list("name", "actor", "line", "source", "target")
    assert await rows == [
        ("line.ready", "staff:clerk1", 1, "allocated", "ready"),
        ("line.collected", "staff:clerk1", 1, "ready", "collected"),
    ]


async def test_a_move_that_the_table_does_not_have_is_refused_and_leaves_no_trace() -> None:
    await an_order(PICKUP, DELIVERY)
    with pytest.raises(WrongStateError):
        await doing("order-1", moving(LineAction.COLLECT))
    with pytest.raises(WrongStateError):
        await doing("order-1", moving(LineAction.PREPARE, number=2))

    assert await LineRecord.filter(state="allocated").count() == 2
    assert await OrderEventRecord.all().count() == 0


async def test_of_two_who_move_a_line_at_once_one_does() -> None:
    await an_order(DELIVERY)
    results = await asyncio.gather(
        *(doing("order-1", moving(LineAction.PICK)) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "WrongStateError"]
    assert await OrderEventRecord.all().count() == 1


async def test_an_order_is_closed_when_it_is_paid_and_nothing_is_under_way() -> None:
    await an_order(PICKUP, DELIVERY)

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord]) -> None:
        await move_order(client, row, OrderAction.PAY, DEED)
        await move_line(client, lines[0], LineAction.PREPARE, DEED)
        await move_line(client, lines[0], LineAction.COLLECT, DEED)
        await close_if_done(client, row, lines, DEED)
        assert row.state == "paid"
        await move_line(client, lines[1], LineAction.RETURN, DEED)
        await close_if_done(client, row, lines, DEED)

    await doing("order-1", work)
    row = await OrderRecord.get(id="order-1")
    assert (row.state, row.version) == ("closed", 3)


async def test_there_is_nothing_to_do_to_an_order_that_is_not_there() -> None:
    with pytest.raises(OrderNotFoundError):
        await doing("order-2", moving(LineAction.PREPARE))


@pytest.mark.parametrize("change", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}"])
async def test_nothing_recorded_is_changed_or_taken_out(change: str) -> None:
    await an_order(PICKUP)
    await doing("order-1", moving(LineAction.PREPARE))
    await MoneyEventRecord.create(
        op="op", order_id="order-1", at=AT, kind="payment", method="cash", amount=1, hall="heping", actor="staff:clerk1"
    )
    for table in ("order_events", "money_events"):
        with pytest.raises(BaseORMException, match="append-only"):
            await connection().execute_query(change.format(table))


@pytest.mark.parametrize(("kind", "amount"), [("payment", 0), ("payment", -1), ("refund", 1), ("gift", 1)])
async def test_money_comes_as_a_payment_and_goes_as_a_refund(kind: str, amount: int) -> None:
    with pytest.raises(BaseORMException, match="money_events_kind"):
        await MoneyEventRecord.create(
            op="op", order_id="o", at=AT, kind=kind, method="cash", amount=amount, hall="heping", actor="staff:clerk1"
        )
