"""Hand over by a code, as a clerk's browser without scripts does it."""

import re
import secrets

from httpx2 import AsyncClient

from orders.contacts import read_contact
from orders.models import LineRecord, OrderRecord
from orders.order_schemas import PlaceOrder, WishedLine
from orders.service.placing import place
from tests.orders.clerk.shelf import PAGE, attempt, done, money, ordered, press
from tests.orders.goods import a_product, put
from tests.serving import Service


async def test_an_order_is_paid_and_handed_over_by_its_code(service: Service, clerk: AsyncClient) -> None:
    order, code = await ordered(service, 2)
    page = await press(clerk, "find", code=code)
    assert page.status_code == 200
    assert "¥258 taken in cash" in page.text
    handed = await press(clerk, "collect:cash", order=order, code=code)
    assert "Handed over" in await done(clerk, handed)
    assert await money() == [("cash", 25800, "heping-1")]
    again = await press(clerk, "find", code=code)
    assert "It was handed over already." in again.text


async def test_which_pieces_are_handed_over_is_settled_before_there_is_money(
    service: Service, clerk: AsyncClient
) -> None:
    await service.state["stock"].receive("heping", "case-clear", 2, attempt(service), serials=("C1", "C2"))
    await put("case-clear", a_product(amount="129.00", serialised=True))
    order, code = await ordered(service, 2)
    page = await press(clerk, "find", code=code)
    assert "2 serial numbers, one a line" in page.text
    for wrong in ("C1", "C1\nC9", ""):
        assert (await press(clerk, "collect:cash", order=order, code=code, serials=wrong)).status_code in {400, 409}
    assert await money() == []

    given, key = {"order": order, "code": code, "serials": "C2\nC1"}, "a-key-of-a-hand-over"
    pressed = [await press(clerk, "collect:cash", key, **given) for _time in range(2)]
    assert [answer.status_code for answer in pressed] == [303, 303]
    assert (await LineRecord.get(order_id=order)).serials == "C2,C1"


async def test_a_wrong_code_takes_no_money(service: Service, clerk: AsyncClient) -> None:
    order, code = await ordered(service, 2)

    refused = await press(clerk, "collect:cash", order=order, code="aaaa bbbb cccc")

    assert (refused.status_code, await money()) == (409, [])
    await done(clerk, await press(clerk, "collect:cash", order=order, code=code))
    assert await money() == [("cash", 25800, "heping-1")]


async def test_nobody_takes_money_for_what_another_hall_hands_over(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("nankai", "case-clear", 5, attempt(service))
    wish = PlaceOrder(hall="nankai", lines=(WishedLine("case-clear", 2),), fulfilment="pickup", phone="13800138000")
    order = await place(service.state, wish, attempt(service, "anonymous"))
    contact = await read_contact(service.state["signer"], order.id)
    assert contact
    assert contact.pickup

    answer = await press(clerk, "collect:cash", order=order.id, code=contact.pickup)

    assert (answer.status_code, await money()) == (404, [])
    assert (await OrderRecord.get(id=order.id)).state == "placed"


async def test_a_wrong_code_finds_nothing_and_says_what_to_do(service: Service, clerk: AsyncClient) -> None:
    await ordered(service)
    answer = await press(clerk, "find", code="aaaa bbbb cccc")
    assert (answer.status_code, "Ask the customer to show it again" in answer.text) == (409, True)


async def test_another_hall_hands_nothing_over(service: Service) -> None:
    _order, code = await ordered(service)
    other = await service.browser("clerk5")
    page = (await other.get(PAGE, params={"counter": "nankai-1"})).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = {"act": "find", "counter": "nankai-1", "csrf": csrf[1], "key": secrets.token_urlsafe(16), "code": code}
    assert (await other.post(PAGE, data=form)).status_code == 409
    assert (await other.post(PAGE, data=form | {"counter": "heping-1"})).status_code == 403
