"""What is in a basket is ordered as it was shown, in one order, whichever way each line comes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from orders.models import LineRecord, OrderRecord
from qr.schemas import NewCode
from tests.orders.baskets import CABLE, basket, change, checkout_of, order, put_in, serve_baskets
from tests.orders.goods import a_product, add_warehouse, put
from tests.orders.shop import ADDRESS, SKU, a_wish, placed, receive, stock_of
from tests.qr.printing import printed
from tests.serving import Service

pytestmark = pytest.mark.once


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve_baskets(tmp_path) as service:
        yield service


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client(accept="text/html")


async def test_a_basket_becomes_one_order_and_is_empty_then(phone: AsyncClient) -> None:
    await put_in(phone)
    await put_in(phone, CABLE, 3)
    page = await checkout_of(phone, "bag")
    assert "2 products" in page.text
    answer = await order(phone, page)

    assert answer.status_code == 303, answer.text
    assert await LineRecord.filter(fulfilment="pickup", place="heping").order_by("number").values_list(
        "sku", "quantity"
    ) == [(SKU, 1), (CABLE, 3)]
    assert "Your basket is empty" in await basket(phone)


async def test_ordering_again_with_the_key_empties_nothing_that_came_later(phone: AsyncClient) -> None:
    await put_in(phone)
    page = await checkout_of(phone, "bag")
    await put_in(phone, CABLE)
    first = await order(phone, page)
    await put_in(phone)
    again = await order(phone, page)

    assert again.headers["location"] == first.headers["location"]
    assert await OrderRecord.all().count() == 1
    page_now = await basket(phone)
    assert ("Case" in page_now, "Cable" in page_now) == (True, True)


async def test_a_line_is_ordered_in_the_parts_that_were_shown(phone: AsyncClient) -> None:
    await put_in(phone)
    await change(phone, 3)
    page = await checkout_of(phone, "transfer")
    assert "You pay for everything at the counter." in page.text
    answer = await order(phone, page, **ADDRESS)

    assert answer.status_code == 303, answer.text
    assert await LineRecord.all().order_by("number").values_list("fulfilment", "place", "quantity") == [
        ("pickup", "heping", 2),
        ("delivery", "tianjin", 1),
    ]


async def test_other_parts_than_were_shown_are_not_ordered_but_shown(service: Service, phone: AsyncClient) -> None:
    await put_in(phone)
    await change(phone, 3)
    page = await checkout_of(phone, "transfer")
    await placed(service.client(), a_wish(1, "pickup", phone="13900000000"))
    await receive(service, "tianjin", 1)
    answer = await order(phone, page, **ADDRESS)

    assert (answer.status_code, "lines=case%3Ap1d2" in answer.text) == (409, True)
    assert await OrderRecord.all().count() == 1
    assert await stock_of("heping") == (2, 1, 0)


async def test_some_lines_here_and_others_sent_are_one_order(service: Service, phone: AsyncClient) -> None:
    await put("ring", a_product("支架", "Ring", amount="29.00"))
    await receive(service, "tianjin", 1, "ring")
    await put_in(phone)
    await put_in(phone, "ring")
    answer = await order(phone, await checkout_of(phone, "transfer"), **ADDRESS)

    assert answer.status_code == 303, answer.text
    assert await LineRecord.all().order_by("number").values_list("sku", "fulfilment") == [
        (SKU, "pickup"),
        ("ring", "delivery"),
    ]


async def test_a_checkout_of_what_is_not_sold_any_more_leads_back_to_the_basket(
    service: Service, phone: AsyncClient
) -> None:
    await put_in(phone)
    page = await checkout_of(phone, "bag")
    await put(SKU, a_product(amount="129.00", listed_to=service.clock()))
    answer = await order(phone, page)

    assert (answer.status_code, answer.headers["location"]) == (303, "/basket")
    assert await OrderRecord.all().count() == 0


async def test_a_delivery_in_two_parcels_says_so(service: Service, phone: AsyncClient) -> None:
    await add_warehouse(service, "wuqing", "tianjin")
    await receive(service, "wuqing", 2)
    await put_in(phone)
    await change(phone, 3)
    page = await checkout_of(phone, "van")
    assert "more than one parcel" in page.text
    answer = await order(phone, page, **ADDRESS)

    assert answer.status_code == 303, answer.text
    assert sorted(await LineRecord.all().values_list("place", "quantity")) == [("tianjin", 1), ("wuqing", 2)]


async def test_the_hall_whose_shelf_was_scanned_keeps_the_credit(service: Service, phone: AsyncClient) -> None:
    given = NewCode(kind="hall", hall="nankai", issued_by="staff:clerk5", campaign="spring")
    code = await printed(service.state["signer"], given, now=service.clock())
    page = await phone.get(f"/p/{SKU}?hall=heping&code={code.text}")
    assert f'name="code" value="{code.text}"' in page.text
    await put_in(phone, code=code.text)
    await put_in(phone, CABLE)
    await order(phone, await checkout_of(phone, "bag"))

    assert (await OrderRecord.get()).shown_in == "nankai"
