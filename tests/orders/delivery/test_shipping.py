"""What is sent: picked, shipped, delivered, failed, come back; and who may do so."""

import pytest
from tortoise.exceptions import IntegrityError

from orders.delivery.models import Shipment, TrackingEvent
from orders.models import OrderEventRecord, OrderRecord
from tests.orders.cutting import cut
from tests.orders.delivery.sent import Shop, lines, told


async def test_an_order_is_picked_shipped_and_delivered(shop: Shop) -> None:
    order, warehouse = await shop.order("phone", paid=True), await shop.service.signed_in("warehouse")

    picked = await shop.post(warehouse, order, "picking")
    assert picked.json()["lines"][0]["state"] == "picked"
    assert ((await shop.level()).on_hand, (await shop.level()).allocated) == (10, 1)

    shipment = await shop.shipped(warehouse, order)
    assert await lines(order) == ["shipped"]
    assert ((await shop.level()).on_hand, (await shop.level()).allocated) == (9, 0)

    delivered = await shop.post(warehouse, order, "delivery")
    assert (delivered.status_code, delivered.json()["state"]) == (200, "closed")
    assert (await Shipment.get(id=shipment.id)).state == "delivered"
    assert await told() == ["delivered", "shipped"]
    names = [event.name for event in await OrderEventRecord.filter(order_id=order).order_by("id")]
    assert names == ["line.picked", "line.shipped", "line.delivered", "order.closed"]


async def test_what_was_not_picked_is_picked_by_shipping_it(shop: Shop) -> None:
    order, warehouse = await shop.order("phone", "phone"), await shop.service.signed_in("warehouse")

    await shop.shipped(warehouse, order)

    assert await lines(order) == ["shipped", "shipped"]
    assert (await shop.level()).on_hand == 8


async def test_a_repeat_is_answered_as_before_and_ships_once(shop: Shop) -> None:
    order, warehouse = await shop.order("phone"), await shop.service.signed_in("warehouse")
    body = {"carrier": "shunfeng", "tracking": "SF1234567890"}

    answers = [await shop.post(warehouse, order, "shipment", "one-and-the-same-key", **body) for _time in range(2)]
    other = await shop.post(warehouse, order, "shipment", **body)

    assert answers[0].json() == answers[1].json()
    assert await Shipment.all().count() == 1
    assert (await shop.level()).on_hand == 9
    assert (other.status_code, other.json()["code"]) == (409, "nothing_to_do")


async def test_a_repeat_has_the_place_do_what_a_dead_process_left(shop: Shop) -> None:
    order, warehouse = await shop.order("phone"), await shop.service.signed_in("warehouse")
    wish = {"carrier": "shunfeng", "tracking": "SF1234567890"}

    with cut("before", "hand_over"):
        left = await shop.post(warehouse, order, "shipment", "a-key-of-a-shipment", **wish)
    again = await shop.post(warehouse, order, "shipment", "a-key-of-a-shipment", **wish)

    assert (left.status_code, again.status_code) == (503, 200)
    assert ((await shop.level()).on_hand, (await shop.level()).allocated) == (9, 0)


async def test_a_sim_card_is_delivered_only_to_who_showed_who_they_are(shop: Shop) -> None:
    order, warehouse = await shop.order("phone", "sim"), await shop.service.signed_in("warehouse")
    shipment = await shop.shipped(warehouse, order)

    refused = await shop.post(warehouse, order, "delivery")
    assert (refused.status_code, refused.json()["code"]) == (409, "identity_unchecked")
    assert await lines(order) == ["shipped", "shipped"]

    taken = await shop.post(warehouse, order, "delivery", shipment=shipment.id, identity_checked=True)
    assert taken.status_code == 200
    assert await lines(order) == ["delivered", "delivered"]


async def test_sql_itself_refuses_a_sim_card_for_nobody(shop: Shop) -> None:
    order, warehouse = await shop.order("sim"), await shop.service.signed_in("warehouse")
    shipment = await shop.shipped(warehouse, order)

    assert shipment.real_name
    with pytest.raises(IntegrityError):
        await Shipment.filter(id=shipment.id).update(state="delivered")


async def test_what_nobody_took_goes_out_again_or_comes_back(shop: Shop) -> None:
    order, warehouse = await shop.order("phone"), await shop.service.signed_in("warehouse")
    shipment = await shop.shipped(warehouse, order)

    said = ["nobody at home", "nobody again", "refused at the door"]
    version = (await OrderRecord.get(id=order)).version
    for n, reason in enumerate(said[:2], 1):
        shop.service.clock.advance(minutes=1)
        failed = await shop.post(warehouse, order, "delivery-failure", reason=reason)
        assert (failed.status_code, failed.json()["lines"][0]["state"]) == (200, "shipped")
        assert failed.json()["version"] == version + n
    back = await shop.post(warehouse, order, "delivery-return", reason=said[2])

    assert back.json()["lines"][0]["state"] == "returned"
    assert back.json()["state"] == "cancelled"
    assert ((await shop.level()).on_hand, (await shop.level()).available) == (10, 10)
    assert (await Shipment.get(id=shipment.id)).state == "returned"
    assert [event.text for event in await TrackingEvent.filter(source="staff").order_by("id")] == said
    assert (await OrderEventRecord.get(name="line.returned")).reason == said[2]
    assert await told() == ["cancelled", "delivery_failed", "delivery_failed", "shipped"]
    again = await shop.post(warehouse, order, "delivery")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


async def test_what_is_picked_only_staff_cancel_and_say_why(shop: Shop) -> None:
    order, token = await shop.order("phone"), shop.service.state["signer"].token
    warehouse, clerk = [await shop.service.signed_in(name) for name in ("warehouse", "clerk1")]
    owner = shop.service.client(authorization=f"Bearer {token('order', order)}")
    await shop.post(warehouse, order, "picking")

    refused = await shop.post(owner, order, "cancellation")
    assert (refused.status_code, refused.json()["code"], await lines(order)) == (409, "wrong_state", ["picked"])
    cancelled = await shop.post(clerk, order, "cancellation", reason="broken when it was picked")

    assert (cancelled.json()["state"], await lines(order)) == ("cancelled", ["returned"])
    assert (await OrderEventRecord.get(name="order.cancelled")).reason == "broken when it was picked"
    assert ((await shop.level()).on_hand, (await shop.level()).available) == (10, 10)


async def test_what_was_paid_and_came_back_waits_for_a_refund(shop: Shop) -> None:
    order, warehouse = await shop.order("phone", paid=True), await shop.service.signed_in("warehouse")
    await shop.shipped(warehouse, order)

    await shop.post(warehouse, order, "delivery-return", reason="refused at the door")

    assert (await OrderRecord.get(id=order)).state == "paid"


@pytest.mark.parametrize("what", ["picking", "shipment", "delivery", "delivery-failure", "delivery-return"])
async def test_only_the_people_of_the_place_may(shop: Shop, what: str) -> None:
    order, warehouse = await shop.order("phone"), await shop.service.signed_in("warehouse")
    body = {"shipment": {"carrier": "ems", "tracking": "EA123456789CN"}, "picking": {}}.get(what, {})
    if what not in {"picking", "shipment"}:
        await shop.shipped(warehouse, order)
        body = {} if what == "delivery" else {"reason": "for a test"}
    before = await lines(order)

    for who in ("clerk1", "clerk5", "manager"):
        refused = await shop.post(await shop.service.signed_in(who), order, what, **body)
        assert refused.status_code == (404 if who == "clerk5" else 403), who  # To whom it is nothing, it is not there.
    assert (await shop.post(shop.service.client(), order, what, **body)).status_code == 401
    assert await lines(order) == before
    assert (await shop.post(warehouse, "nothing", what, **body)).status_code == 404
    assert (await shop.post(await shop.service.signed_in("hq"), order, what, **body)).status_code == 200


async def test_a_halls_clerk_sends_what_is_sent_from_the_hall(shop: Shop) -> None:
    order = await shop.order("phone", place="heping")

    await shop.shipped(await shop.service.signed_in("clerk1"), order)

    assert (await shop.level("heping")).on_hand == 9


async def test_the_owner_sees_where_the_parcel_is_and_others_do_not(shop: Shop) -> None:
    order, warehouse = await shop.order("phone"), await shop.service.signed_in("warehouse")
    shipment = await shop.shipped(warehouse, order)
    await shop.post(warehouse, order, "delivery-failure", reason="nobody at home")
    path = f"/api/v1/orders/{order}/shipments"
    owner = shop.service.client(authorization=f"Bearer {shop.service.state['signer'].token('order', order)}")

    (seen,) = (await owner.get(path)).json()["shipments"]

    assert (seen["id"], seen["tracking"], seen["state"]) == (shipment.id, "SF1234567890", "failed")
    assert [(one["source"], one["text"]) for one in seen["tracking_events"]] == [("staff", "nobody at home")]
    assert (await shop.service.client().get(path)).status_code == 404
    assert (await (await shop.service.signed_in("clerk5")).get(path)).status_code == 404
    assert (await warehouse.get(path)).status_code == 200


async def test_nothing_is_taken_out_of_what_was_said_of_a_parcel(shop: Shop) -> None:
    await TrackingEvent.create(shipment_id="one", at=1, source="staff", text="here")

    with pytest.raises(Exception, match="append-only"):
        await TrackingEvent.all().delete()
    with pytest.raises(Exception, match="append-only"):
        await TrackingEvent.filter(shipment_id="one").update(text="there")
