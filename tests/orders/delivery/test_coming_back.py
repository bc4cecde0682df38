"""What was sent comes back once, whatever was refunded before: no unit is stock twice, and none is lost."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.http import Operation
from orders.delivery.models import Shipment
from orders.models import LineRecord, MoneyEventRecord, OrderRecord
from tests.orders.delivery.sent import AT, Shop, lines

THERE = 10


@pytest.fixture
async def warehouse(shop: Shop) -> AsyncClient:
    return await shop.service.signed_in("warehouse")


async def sent(shop: Shop, warehouse: AsyncClient, *skus: str, each: int = 1) -> str:
    """An order that is paid and on its way."""
    order = await shop.order(*skus, each=each)
    await shop.shipped(warehouse, order)
    await done(shop, warehouse, order, "payment")
    return order


async def done(shop: Shop, warehouse: AsyncClient, order: str, what: str, **body: Any) -> None:
    answer = await shop.post(warehouse, order, what, **body)
    assert answer.status_code == 200, answer.text


async def on_hand(shop: Shop) -> int:
    return (await shop.level()).on_hand


async def state(order: str) -> str:
    return (await OrderRecord.get(id=order)).state


def units(quantity: int, goods: str = "saleable", line: int = 1) -> dict[str, Any]:
    return {"lines": [{"line": line, "quantity": quantity, "goods": goods}]}


@pytest.mark.parametrize(("goods", "there"), [("saleable", THERE), ("damaged", THERE - 1), ("kept", THERE - 1)])
async def test_after_units_were_refunded_the_parcel_brings_the_others(
    shop: Shop, warehouse: AsyncClient, goods: str, there: int
) -> None:
    order = await sent(shop, warehouse, "phone", each=3)
    await done(shop, warehouse, order, "delivery")
    await done(shop, warehouse, order, "refund", **units(1, goods))

    await done(shop, warehouse, order, "delivery-return", reason="changed their mind")

    assert await on_hand(shop) == there
    assert await lines(order) == ["returned"]
    again = await shop.post(warehouse, order, "delivery-return", reason="again")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    await done(shop, warehouse, order, "refund", **units(2))
    assert await on_hand(shop) == there


async def test_what_is_on_its_way_is_refunded_and_is_no_stock_before_it_is_back(
    shop: Shop, warehouse: AsyncClient
) -> None:
    order = await sent(shop, warehouse, "phone", each=2)

    await done(shop, warehouse, order, "refund", **units(2))
    assert (await on_hand(shop), await lines(order), await state(order)) == (THERE - 2, ["shipped"], "paid")

    await done(shop, warehouse, order, "delivery-return", reason="sent back")
    assert (await on_hand(shop), await lines(order), await state(order)) == (THERE, ["returned"], "cancelled")


async def test_one_refunded_line_does_not_keep_the_parcel_from_its_end(shop: Shop, warehouse: AsyncClient) -> None:
    order = await sent(shop, warehouse, "phone", "sim")
    await done(shop, warehouse, order, "refund", **units(1))

    await done(shop, warehouse, order, "delivery", identity_checked=True)

    assert (await lines(order), await state(order)) == (["delivered", "delivered"], "closed")
    assert (await Shipment.get(order_id=order)).state == "delivered"
    assert await on_hand(shop) == THERE - 1
    await done(shop, warehouse, order, "delivery-return", reason="they did not want it any more")
    assert (await on_hand(shop), await lines(order)) == (THERE, ["returned", "returned"])


async def test_some_refunded_on_their_way_some_in_hand_all_come_back_once(shop: Shop, warehouse: AsyncClient) -> None:
    order = await sent(shop, warehouse, "phone", each=3)
    await done(shop, warehouse, order, "refund", **units(1))
    await done(shop, warehouse, order, "delivery")
    await done(shop, warehouse, order, "refund", **units(2))
    assert (await on_hand(shop), await lines(order)) == (THERE - 1, ["delivered"])

    await done(shop, warehouse, order, "delivery-return", reason="the last one came")

    assert (await on_hand(shop), await lines(order)) == (THERE, ["returned"])


async def test_what_the_customer_keeps_comes_back_with_no_parcel(shop: Shop, warehouse: AsyncClient) -> None:
    order = await sent(shop, warehouse, "phone", each=2)
    await done(shop, warehouse, order, "delivery")
    await done(shop, warehouse, order, "refund", **units(2, "kept"))

    await done(shop, warehouse, order, "delivery-return", reason="an empty box")

    assert (await on_hand(shop), await lines(order), await state(order)) == (THERE - 2, ["delivered"], "closed")


async def test_a_line_of_the_release_before_was_taken_back_with_its_refund(shop: Shop, warehouse: AsyncClient) -> None:
    order = await sent(shop, warehouse, "phone", each=3)
    await done(shop, warehouse, order, "delivery")
    await done(shop, warehouse, order, "refund", **units(1))
    await LineRecord.filter(order_id=order).update(accounted=None)

    await done(shop, warehouse, order, "delivery-return", reason="the others")

    assert await on_hand(shop) == THERE


async def test_what_came_back_before_it_was_paid_is_not_to_be_paid_at_the_door(shop: Shop) -> None:
    hq, order = await shop.service.signed_in("hq"), await shop.order("phone", "sim")
    elsewhere = Attempt(Operation("hold-elsewhere", ""), "customer", AT)
    hold = await shop.service.state["stock"].hold("heping", "sim", 1, elsewhere, holder="somebody")
    await LineRecord.filter(order_id=order, number=2).update(place="heping", allocation=hold.id)
    for place in ("tianjin", "heping"):
        await done(shop, hq, order, "shipment", place=place, carrier="ems", tracking="12345678")
    came, back = [await Shipment.get(order_id=order, place=place) for place in ("tianjin", "heping")]

    await done(shop, hq, order, "delivery-return", shipment=back.id, reason="nobody at home")
    await done(shop, hq, order, "delivery", shipment=came.id)
    paid = (await shop.post(hq, order, "payment", method="cash")).json()

    assert (paid["state"], paid["total"]["amount"], paid["paid"]["amount"]) == ("closed", "129.00", "129.00")
    more = await shop.post(hq, order, "refund", **units(1, line=2))
    assert (more.json()["code"], more.json()["left"]) == ("refund_too_large", 0)
    await done(shop, hq, order, "refund")
    assert [event.amount for event in await MoneyEventRecord.filter(order_id=order).order_by("id")] == [12900, -12900]


async def test_an_unpaid_order_of_which_all_came_back_says_still_what_it_cost(shop: Shop) -> None:
    hq, order = await shop.service.signed_in("hq"), await shop.order("phone", "sim")
    await done(shop, hq, order, "shipment", carrier="ems", tracking="12345678")

    await done(shop, hq, order, "delivery-return", reason="nobody at home")

    row = await OrderRecord.get(id=order)
    assert (row.state, row.goods) == ("cancelled", 25800)
    assert {line.refunded for line in await LineRecord.filter(order_id=order)} == {0}
