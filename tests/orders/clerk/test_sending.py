"""Order what is not here for delivery, as a clerk's browser without scripts does it."""

import re
from typing import Any

from httpx2 import AsyncClient

from halls.stock.queries import level
from orders.delivery.fees import Rate
from orders.delivery.rates import set_rate
from orders.models import OrderRecord
from tests.orders.clerk.shelf import AT_HOME, PAGE, attempt, done, money, press
from tests.orders.goods import a_product, put
from tests.serving import Service


async def test_what_is_sent_costs_what_the_page_said_with_the_delivery_to_where_it_goes(
    service: Service, clerk: AsyncClient
) -> None:
    await put("cable", a_product("数据线", "Cable", amount="29.00"))
    await service.state["stock"].receive("tianjin", "cable", 9, attempt(service))
    await set_rate(Rate("xinjiang", 2500, None, 6), actor="staff:hq", at=0)
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "sku": "cable"})).text
    assert ("¥41 with the delivery" in page, amounts(page)) == (True, ("2900", "1200"))

    far: dict[str, Any] = AT_HOME | {"province": "新疆", "city": "乌鲁木齐", "district": "天山"}
    asked: dict[str, Any] = {"sku": "cable", "quantity": 1, "price": "2900"}
    refused = await press(clerk, "send", fee="1200", **asked, **far)
    assert (refused.status_code, "The total is ¥54.00 now" in refused.text) == (409, True)
    assert ("¥54 with the delivery" in refused.text, amounts(refused.text)) == (True, ("2900", "2500"))
    assert 'value="天山"' in refused.text
    assert await OrderRecord.all().count() == 0

    await put("cable", a_product("数据线", "Cable", amount="39.00"))
    assert (await press(clerk, "send", fee="2500", **asked, **far)).status_code == 409
    sent = await press(clerk, "send", fee="2500", **(asked | {"price": "3900"}), **far)
    assert "¥64" in await done(clerk, sent)


def amounts(page: str) -> tuple[str, str]:
    """What the form for sending says of a piece and of the delivery, in fen."""
    found = re.search(r'name="price" value="(\d+)">\s*<input type="hidden" name="fee" value="(\d+)"', page)
    return (found[1], found[2]) if found else ("", "")


async def test_nothing_is_sent_to_nobody(clerk: AsyncClient) -> None:
    answer = await press(clerk, "send", sku="case-clear", quantity=1, **(AT_HOME | {"name": " "}))

    assert (answer.status_code, await OrderRecord.all().count()) == (400, 0)


async def test_what_is_not_here_is_ordered_for_delivery(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("tianjin", "phone-x1", 3, attempt(service), serials=("A1", "A2", "A3"))
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "sku": "phone-x1"})).text
    assert "not here, but it can be delivered" in page
    sent = await press(clerk, "send", sku="phone-x1", quantity=1, **AT_HOME)
    assert "Ordered for delivery" in await done(clerk, sent)
    assert (await level("tianjin", "phone-x1")).allocated == 1
    assert await money() == []


async def test_an_address_that_is_none_says_which_part(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("tianjin", "case-clear", 3, attempt(service))
    sent = await press(clerk, "send", sku="case-clear", quantity=1, **(AT_HOME | {"district": "没有区"}))
    assert sent.status_code == 400
    assert 'value="没有区" required aria-invalid="true"' in sent.text
    assert await OrderRecord.all().count() == 0
