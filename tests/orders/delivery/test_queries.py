"""What a place has to send, when it has much of it."""

from collections.abc import AsyncIterator

import pytest

from o2o.kernel.database import connection, open_database
from orders.delivery.models import Shipment
from orders.delivery.queries import order_meant, shipments_from, to_send
from orders.delivery.states import ShipmentState
from orders.models import LineRecord, OrderRecord
from orders.order_queries import orders_behind
from orders.states import Fulfilment, LineState
from tests.orders.made import an_order

SENT = Fulfilment.DELIVERY


@pytest.fixture(autouse=True)
async def opened(database: str) -> AsyncIterator[None]:
    async with open_database(database):
        yield


async def many(orders: int, state: LineState) -> None:
    """So many orders, each older than those that are there, with a line in that state."""
    old = await an_order(SENT, order="pattern")
    line = await LineRecord.get(order_id=old.id)
    for row, key in ((old, "id"), (line, "order_id")):
        own = {key: "'order-' || n", "placed_at": "placed_at - n", "state": f"'{state}'" if row is line else "state"}
        names = [name for name in row._meta.fields_db_projection.values() if name != "id" or row is old]
        taken = ", ".join(own.get(name, name) for name in names)
        await connection().execute_query(
            f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {orders}) "
            f"INSERT INTO {row._meta.db_table} ({', '.join(names)}) "
            f"SELECT {taken} FROM {row._meta.db_table}, numbers WHERE {key} = 'pattern'"
        )
    await old.delete()
    await line.delete()


async def test_a_place_may_have_more_to_send_than_a_statement_takes_values() -> None:
    await many(33_000, LineState.ALLOCATED)
    assert [row.id for row, _lines in await to_send("tianjin", 2)] == ["order-33000", "order-32999"]
    assert await order_meant("tianjin", "ORDER-12345") == "order-12345"


async def test_what_was_picked_and_has_not_left_does_not_hide_what_is_to_be_picked() -> None:
    await many(5, LineState.PICKED)
    await an_order(SENT, SENT, order="order-new")
    await LineRecord.filter(order_id="order-new", number=1).update(state=LineState.PICKED)

    found = {row.id: [line.state for line in lines] for row, lines in await to_send("tianjin", 2)}

    assert found == {"order-5": ["picked"], "order-4": ["picked"], "order-new": ["picked", "allocated"]}
    assert list(found)[-1] == "order-new"


async def test_an_order_is_meant_by_its_id_or_by_an_end_that_only_it_has() -> None:
    await an_order(SENT, order="abc-77XY77")
    await an_order(SENT, order="def-77xy77")
    await an_order(SENT, order="one%more_1")

    expected = {
        "abc-77XY77": "abc-77XY77",
        "F-77XY77": "def-77xy77",
        "77xy77": None,  # Two have it.
        "MORE_1": "one%more_1",
        "more%1": None,
        "re_1": None,  # Too short to mean one.
    }

    assert {code: await order_meant("tianjin", code) for code in expected} == expected


async def test_what_waits_elsewhere_or_is_closed_is_not_meant() -> None:
    await an_order(SENT, order="closed-000001")
    await OrderRecord.filter(id="closed-000001").update(state="cancelled")
    await an_order(Fulfilment.PICKUP, order="collected-1", hall="tianjin")
    await an_order(SENT, order="elsewhere-1")

    assert await order_meant("tianjin", "closed-000001") is None
    assert await order_meant("tianjin", "collected-1") is None
    assert await order_meant("heping", "elsewhere-1") is None
    assert await to_send("heping", 9) == []


async def test_what_waits_longest_to_be_followed_comes_first_each_order_once() -> None:
    for number, order in enumerate(("later", "first")):
        await an_order(SENT, SENT, order=order)
        await LineRecord.filter(order_id=order).update(stock="held", stock_due="allocated", changed_at=9 - number)

    assert await orders_behind(10) == ["first", "later"]
    assert await orders_behind(9) == ["first"]


async def test_of_what_has_left_the_newest_are_shown_whatever_became_of_them() -> None:
    for number, state in enumerate(("delivered", "returned", "delivered", "returned", "shipped")):
        await Shipment.create(
            id=f"s{number}", order_id="o", place="tianjin", lines=[1], carrier="shunfeng", tracking="1",
            state=state, real_name=False, shipped_at=number, changed_at=0,
        )  # fmt: skip

    found = await shipments_from("tianjin", (ShipmentState.DELIVERED, ShipmentState.RETURNED), 3)

    assert [one.id for one in found] == ["s3", "s2", "s1"]
