"""Where parcels are: pushed in any order, asked when nothing was pushed, forged by nobody."""

import asyncio

from httpx2 import Response

from orders.delivery.carriers import ByHand
from orders.delivery.following import SILENCE_MS, follow_parcels
from orders.delivery.models import Shipment, TrackingEvent
from tests.orders.delivery.kuaidi100_server import Kuaidi100Server, scan
from tests.orders.delivery.sent import AT, Shop, lines, told

NUMBER = "SF1234567890"
COLLECTED, ON_ITS_WAY = scan("2026-11-23 12:00:00", "已揽收"), scan("2026-11-23 18:00:00", "运输中")
AT_THE_DOOR = scan("2026-11-24 09:00:00", "派件中")


async def sent(shop: Shop) -> Shipment:
    """A parcel that the carrier was asked to follow."""
    shipment = await shop.shipped(await shop.service.signed_in("warehouse"), await shop.order("phone"))
    await follow_parcels(shop.service.state)
    return shipment


async def push(shop: Shop, shipment: str, body: bytes) -> Response:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return await shop.service.client().post(f"/api/v1/carriers/kuaidi100/{shipment}", content=body, headers=headers)


async def test_a_new_parcel_is_followed_with_its_address_and_nobodys_name(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment = await sent(shop)

    subscribed = carrier.subscribed[NUMBER]
    assert subscribed["parameters"]["callbackurl"] == f"http://hall.test/api/v1/carriers/kuaidi100/{shipment.id}"
    assert (subscribed["parameters"]["phone"], subscribed["to"]) == ("13800138000", "天津市天津市南开区")
    assert "王小明" not in str(subscribed)
    assert (await Shipment.get(id=shipment.id)).followed


async def test_a_push_is_answered_as_the_carrier_wants_and_moves_no_line(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment = await sent(shop)

    answer = await push(shop, shipment.id, carrier.pushed(NUMBER, "3", AT_THE_DOOR, COLLECTED, status="shutdown"))

    assert answer.json() == {"result": True, "returnCode": "200", "message": "成功"}
    known = await Shipment.get(id=shipment.id)
    assert (known.whereabouts, known.state, known.ask_at) == ("signed", "shipped", None)
    assert await lines(shipment.order_id) == ["shipped"]


async def test_a_forged_push_changes_nothing(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment = await sent(shop)
    body = carrier.pushed(NUMBER, "3", AT_THE_DOOR)

    forged = await push(shop, shipment.id, body.replace(b"sign=", b"sign=A"))
    elsewhere = await push(shop, "another", body)

    assert [(one.status_code, one.json()["code"]) for one in (forged, elsewhere)] == [(403, "forged_push")] * 2
    assert (await Shipment.get(id=shipment.id)).whereabouts is None
    assert await TrackingEvent.all().count() == 0


async def test_a_push_of_more_fields_than_one_has_is_forged(shop: Shop) -> None:
    answer = await push(shop, "anything", "&".join(f"f{n}=1" for n in range(50)).encode())

    assert (answer.status_code, answer.json()["code"]) == (403, "forged_push")


async def test_repeated_and_late_pushes_leave_what_is_newest(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment = await sent(shop)
    older = carrier.pushed(NUMBER, "1", COLLECTED)
    newer = carrier.pushed(NUMBER, "5", AT_THE_DOOR, ON_ITS_WAY, COLLECTED)

    for body in (newer, older, newer, older):
        assert (await push(shop, shipment.id, body)).status_code == 200

    assert (await Shipment.get(id=shipment.id)).whereabouts == "out_for_delivery"
    said = [event.text for event in await TrackingEvent.filter(shipment_id=shipment.id).order_by("at")]
    assert said == ["已揽收", "运输中", "派件中"]
    assert await told() == ["out_for_delivery", "shipped"]


async def test_pushes_at_the_same_moment_are_kept_once(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment = await sent(shop)
    body = carrier.pushed(NUMBER, "5", AT_THE_DOOR, COLLECTED)

    answers = await asyncio.gather(*(push(shop, shipment.id, body) for _time in range(5)))

    assert {answer.status_code for answer in answers} == {200}
    assert await TrackingEvent.all().count() == 2
    assert await told() == ["out_for_delivery", "shipped"]


async def test_what_was_not_pushed_for_long_is_asked(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment, state = await sent(shop), shop.service.state
    carrier.parcels[NUMBER] = {"state": "0", "ischeck": "0", "data": [ON_ITS_WAY, COLLECTED]}

    await follow_parcels(state)
    assert carrier.asked == []
    shop.service.clock.advance(seconds=SILENCE_MS / 1000)
    await follow_parcels(state)
    await follow_parcels(state)

    assert [one["num"] for one in carrier.asked] == [NUMBER]
    assert (await Shipment.get(id=shipment.id)).whereabouts == "on_the_way"


async def test_a_carrier_that_is_away_is_asked_again_later(shop: Shop, carrier: Kuaidi100Server) -> None:
    carrier.refuses = ("500", "服务器错误")
    shipment = await sent(shop)
    known = await Shipment.get(id=shipment.id)
    assert not known.followed
    assert AT < (known.ask_at or 0) < AT + SILENCE_MS

    carrier.refuses = None
    shop.service.clock.advance(minutes=10)
    await follow_parcels(shop.service.state)

    assert (await Shipment.get(id=shipment.id)).followed


async def test_a_parcel_that_is_refused_is_not_offered_again(shop: Shop, carrier: Kuaidi100Server) -> None:
    carrier.refuses = ("701", "拒绝订阅的快递公司")

    shipment = await sent(shop)

    known = await Shipment.get(id=shipment.id)
    assert (known.followed, known.ask_at) == (False, None)


async def given_up(shop: Shop, carrier: Kuaidi100Server, shipment: str) -> None:
    """It pushes that it has given the parcel up, twice; and a day passes."""
    body = carrier.pushed(NUMBER, "", status="abort", message="3天查询无记录")
    carrier.subscribed.clear()
    for _time in range(2):
        assert (await push(shop, shipment, body)).status_code == 200
    await follow_parcels(shop.service.state)
    assert carrier.subscribed == {}
    shop.service.clock.advance(days=1)
    await follow_parcels(shop.service.state)


async def test_a_parcel_that_was_given_up_is_followed_again_a_bounded_number_of_times(
    shop: Shop, carrier: Kuaidi100Server
) -> None:
    shipment = await sent(shop)

    for times in (1, 2):
        await given_up(shop, carrier, shipment.id)
        known = await Shipment.get(id=shipment.id)
        assert (known.followed, known.followed_again, list(carrier.subscribed)) == (True, times, [NUMBER])
    await given_up(shop, carrier, shipment.id)

    known = await Shipment.get(id=shipment.id)
    assert (known.followed_again, known.ask_at, carrier.subscribed) == (2, None, {})
    assert carrier.asked == []


async def test_what_was_given_up_after_it_arrived_is_left_alone(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment = await sent(shop)
    await shop.post(await shop.service.signed_in("warehouse"), shipment.order_id, "delivery")

    await given_up(shop, carrier, shipment.id)

    known = await Shipment.get(id=shipment.id)
    assert (known.followed_again, known.ask_at, carrier.subscribed) == (0, None, {})


async def test_what_has_arrived_is_not_asked_any_more(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment = await sent(shop)
    await shop.post(await shop.service.signed_in("warehouse"), shipment.order_id, "delivery")

    shop.service.clock.advance(days=1)
    await follow_parcels(shop.service.state)

    assert carrier.asked == []


async def test_a_push_after_everything_is_kept_and_tells_nobody(shop: Shop, carrier: Kuaidi100Server) -> None:
    shipment = await sent(shop)
    await shop.post(await shop.service.signed_in("warehouse"), shipment.order_id, "delivery")

    await push(shop, shipment.id, carrier.pushed(NUMBER, "5", AT_THE_DOOR))

    assert await told() == ["delivered", "shipped"]
    known = await Shipment.get(id=shipment.id)
    assert (known.state, known.whereabouts, known.ask_at) == ("delivered", "out_for_delivery", None)


async def test_by_hand_nobody_is_asked_and_nothing_can_be_pushed(shop: Shop, carrier: Kuaidi100Server) -> None:
    for state in shop.service.states:
        state["follower"] = ByHand()

    shipment = await sent(shop)

    assert carrier.subscribed == {}
    assert (await push(shop, shipment.id, b"")).status_code == 404
