"""The basket as a browser without scripts has it: the browser's own, and true of each line."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from orders.schemas import Kind
from tests.orders.baskets import CABLE, basket, change, checkout_of, hidden, put_in, serve_baskets
from tests.orders.goods import a_product, put
from tests.orders.shop import ADDRESS, SKU, a_wish, placed, receive
from tests.serving import Service

pytestmark = pytest.mark.once


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve_baskets(tmp_path) as service:
        yield service


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client(accept="text/html")


async def test_what_is_put_in_stays_with_the_browser_and_with_no_other(service: Service, phone: AsyncClient) -> None:
    await put_in(phone)
    await put_in(phone, CABLE, 3)

    page = await basket(phone)
    assert ("Case" in page, "Cable" in page, "¥186" in page) == (True, True, True)
    assert "Basket, 4 in it" in (await phone.get("/products?hall=heping")).text
    assert "Your basket is empty" in await basket(service.client(accept="text/html"))


async def test_the_same_press_twice_puts_it_in_once_and_another_adds(phone: AsyncClient) -> None:
    page = await phone.get(f"/p/{SKU}?hall=heping")
    for _time in range(2):
        await phone.post("/basket/lines", data=hidden(page, SKU, "heping", 1))
    assert '<span class="stepper__count number">1<' in await basket(phone)
    await put_in(phone)

    assert '<span class="stepper__count number">2<' in await basket(phone)


async def test_a_quantity_is_changed_and_a_line_taken_out(phone: AsyncClient) -> None:
    await put_in(phone)
    answer = await change(phone, 2)
    assert answer.headers["location"] == "/basket#line-case"
    assert "¥258" in await basket(phone)
    await change(phone, 0)

    assert "Your basket is empty" in await basket(phone)
    assert "basket" not in phone.cookies


async def test_nobody_puts_in_more_than_one_person_may_have(phone: AsyncClient) -> None:
    await put(SKU, a_product(amount="129.00", limit_per_person=2))
    for _time in range(3):
        await put_in(phone)

    page = await basket(phone)
    assert '<span class="stepper__count number">2<' in page
    assert "For one person: 2 at most" in page


@pytest.mark.parametrize(
    ("quantity", "places", "said"),
    [
        (2, {}, "2 here"),
        (3, {}, "2 here now, 1 delivered today 13:00–18:00"),
        (3, {"tianjin": 4}, "Only 2 here. All 3 delivered today 13:00–18:00"),
        (3, {"tianjin": -1, "nankai": 5}, "Only 2 here. 6.0 km away: Nankai hall, 5"),
        (4, {}, "Only 3 can be had just now"),
    ],
)
async def test_each_line_says_what_is_possible(
    service: Service, phone: AsyncClient, quantity: int, places: dict[str, int], said: str
) -> None:
    for place, count in places.items():
        if count > 0:
            await receive(service, place, count)
        else:
            await placed(service.client(), a_wish(1, "delivery", address=ADDRESS, phone="13900000000"))
    await put_in(phone)
    await change(phone, quantity)

    assert said in await basket(phone)


async def test_what_is_gone_everywhere_is_said_and_leads_to_no_checkout(service: Service, phone: AsyncClient) -> None:
    await put_in(phone)
    await put_in(phone, CABLE)
    for number, way in enumerate(("pickup", "pickup", "delivery")):
        await placed(service.client(), a_wish(1, way, address=ADDRESS, phone=f"1390000000{number}"))

    page = await basket(phone)
    assert "Sold out everywhere just now" in page
    assert "Not all of it can be had at once" in page
    assert "/checkout" not in page


async def test_what_is_not_sold_any_more_is_said_and_taken_out(service: Service, phone: AsyncClient) -> None:
    await put_in(phone)
    await put_in(phone, CABLE)
    await put(SKU, a_product(amount="129.00", listed_to=service.clock()))

    page = await basket(phone)
    assert "It is not sold any more" in page
    assert "/checkout" not in page
    await change(phone, 0)
    assert "Pick everything up here" in await basket(phone)


async def test_another_price_is_said(phone: AsyncClient) -> None:
    await put_in(phone)
    await put(SKU, a_product(amount="139.00"))

    assert "It cost ¥129 when you put it in; now it costs ¥139." in await basket(phone)


async def test_another_hall_that_has_it_is_chosen(service: Service, phone: AsyncClient) -> None:
    await receive(service, "nankai", 5)
    await put_in(phone)
    await change(phone, 4)
    assert "Pick up at Nankai hall instead" in await basket(phone)
    await phone.post("/basket/hall", data={"hall": "nankai"})

    assert "5 here" in await basket(phone)


async def test_the_fee_and_from_when_on_there_is_none_are_as_the_checkout_has_them(
    service: Service, phone: AsyncClient
) -> None:
    await receive(service, "tianjin", 9, CABLE)
    await put_in(phone, CABLE, 2)
    page = await basket(phone)
    assert ("Free from ¥99" in page, "¥12<" in page, "¥50" in page) == (True, True, True)
    assert ">¥50<" in (await checkout_of(phone, "van")).text
    await change(phone, 6, CABLE)

    assert "Free from" not in await basket(phone)


async def test_a_full_basket_and_what_is_no_thing_are_refused(phone: AsyncClient) -> None:
    await put("plan-5g", a_product("5G 套餐", "5G plan", kind=Kind.PLAN))
    assert "take a number for it" in (await put_in(phone, "plan-5g")).text
    for number in range(20):
        await put(f"case-{number}", a_product())
        await put_in(phone, f"case-{number}")
    answer = await put_in(phone)

    assert (answer.status_code, "A basket takes 20 products" in answer.text) == (400, True)
    assert len(phone.cookies["basket"]) < 3_500


async def test_the_list_is_gone_on_with_and_no_other_address(phone: AsyncClient) -> None:
    there = await put_in(phone, back="/products?hall=heping")
    elsewhere = await put_in(phone, back="//evil.example")

    assert there.headers["location"] == "/products?hall=heping"
    assert elsewhere.headers["location"] == "/basket"
    assert "2 in your basket" in (await phone.get("/products?hall=heping")).text


async def test_another_site_changes_nothing(phone: AsyncClient) -> None:
    await put_in(phone)
    answer = await phone.post("/basket/lines/case", data={"quantity": "0"}, headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403
    assert "Case" in await basket(phone)


async def test_a_cookie_that_is_not_ours_is_an_empty_basket(phone: AsyncClient) -> None:
    phone.cookies.set("basket", "forged")

    assert "Your basket is empty" in await basket(phone)


async def test_a_product_s_page_offers_as_many_as_can_be_had_in_the_way_that_it_says(phone: AsyncClient) -> None:
    two, three = [(await phone.get(f"/p/{SKU}?hall=heping&quantity={count}")).text for count in (2, 9)]

    assert "Hold 2 for me" in two
    assert 'href="/p/case?hall=heping&amp;quantity=3#quantity"' in two
    assert '<span class="stepper__count number">3<' in three
    assert "Take 2 here, have 1 delivered" in three
    assert "lines=case%3Ap2d1" in three
    assert "quantity=4" not in three
