from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orders.product_pages import routes
from orders.schemas import Kind
from tests.orders.goods import a_product, add_warehouse, put, set_level
from tests.orders.shop import read
from tests.serving import Service, add_halls, serve

pytestmark = pytest.mark.once

CODE = "A" * 32


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes) as service:
        await add_halls(service, "heping", "nankai")
        await add_warehouse(service, "tianjin", "tianjin")
        await put("case-x200", a_product(picture="case-x200.svg"))
        yield service


async def page(service: Service, path: str, language: str = "en") -> str:
    answer = await service.client().get(path, headers={"accept-language": language})
    assert answer.status_code == 200
    return read(answer)


@pytest.mark.parametrize(
    ("place", "said", "in_chinese"),
    [
        ("heping", "2 here", "本厅有 2 件"),
        ("nankai", "Not here. 6.0 km away: Nankai hall, 2", "本厅没有，6.0 公里外的南开区营业厅有 2 件"),
        ("tianjin", "Not here. Delivered today 13:00–18:00 to your door", "本厅没有，今天 13:00–18:00 送到您家"),
        ("", "Sold out everywhere just now", "各处暂时售完"),
    ],
)
async def test_one_line_says_where_it_is(service: Service, place: str, said: str, in_chinese: str) -> None:
    if place:
        await set_level(place, "case-x200", 2)

    assert said in await page(service, "/p/case-x200?hall=heping")
    assert in_chinese in await page(service, "/p/case-x200?hall=heping", "zh-CN")


async def test_what_others_hang_on_the_link_does_no_harm(service: Service) -> None:
    shown = await page(service, "/p/case-x200?hall=nowhere&from=singlemessage&code=%22%3Escript")

    assert "¥129" in shown
    assert "script" not in shown.partition("<main")[2]


async def test_a_product_that_is_not_listed_has_no_page(service: Service) -> None:
    assert (await service.client().get("/p/nothing?hall=heping")).status_code == 404


async def test_the_halls_that_have_it_are_links_that_keep_the_code(service: Service) -> None:
    await set_level("nankai", "case-x200", 2)

    assert f"/p/case-x200?hall=nankai&code={CODE}" in await page(service, f"/p/case-x200?hall=heping&code={CODE}")


async def test_a_plan_leads_to_a_number(service: Service) -> None:
    await put("plan-5g", a_product(kind=Kind.PLAN))

    shown = await page(service, "/p/plan-5g?hall=heping")

    assert "At every counter, at any time" in shown
    assert 'href="/halls/heping"' in shown


async def test_all_products_of_a_hall_each_say_where_they_are(service: Service) -> None:
    await set_level("heping", "case-x200", 2)
    await put("router", a_product("路由器", "Router"))

    shown = await page(service, "/products?hall=heping")

    assert "2 here" in shown
    assert "Sold out everywhere just now" in shown
    assert 'href="/p/case-x200?hall=heping"' in shown


async def test_the_list_is_searched_and_says_when_nothing_is_found(service: Service) -> None:
    assert "/p/case-x200" in await page(service, "/products?q=手机")
    assert "Nothing is found for “watch”" in await page(service, "/products?q=watch")


async def test_a_long_list_goes_on(service: Service) -> None:
    for number in range(31):
        await put(f"case-{number:02}", a_product())

    first = await page(service, "/products")

    assert "/products?cursor=case-29" in first
    assert "/p/case-30" not in first
    assert "/p/case-30" in await page(service, "/products?cursor=case-29")


async def test_from_home_the_nearest_hall_is_meant(service: Service) -> None:
    await set_level("nankai", "case-x200", 2)

    near = await page(service, "/p/case-x200?lat=39.14&lon=117.14")
    nowhere = await page(service, "/p/case-x200")

    assert "2 here" in near
    assert "data-near" not in near
    assert "At Nankai hall: 2" in nowhere
    assert "In the hall nearest to me" in nowhere


async def test_whoever_reads_everything_is_told_when_to_come_back(service: Service) -> None:
    for _time in range(600):
        await service.state["limits"].check("products:192.0.2.1", 600, 60)

    answer = await service.client().get("/products")

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("place", "button", "where"),
    [
        ("heping", "Hold one for me", "hall=heping&fulfilment=pickup"),
        ("nankai", "Hold one at Nankai hall", "hall=nankai&fulfilment=pickup"),
        ("tianjin", "Have it delivered", "hall=heping&fulfilment=delivery"),
    ],
)
async def test_one_button_does_what_the_line_says_and_takes_the_code_along(
    service: Service, place: str, button: str, where: str
) -> None:
    await set_level(place, "case-x200", 2)

    shown = await page(service, f"/p/case-x200?hall=heping&code={CODE}")

    assert f'href="/checkout?sku=case-x200&{where}&code={CODE}">{button}<' in shown
    assert shown.count("button--primary") == 1


async def test_what_is_here_can_be_delivered_instead(service: Service) -> None:
    for place in ("heping", "tianjin"):
        await set_level(place, "case-x200", 2)

    shown = await page(service, "/p/case-x200?hall=heping")

    assert "Or have it delivered today 13:00–18:00" in shown
    assert "/checkout?sku=case-x200&hall=heping&fulfilment=delivery" in shown


async def test_what_is_nowhere_has_no_button_to_buy_it(service: Service) -> None:
    assert "/checkout" not in await page(service, "/p/case-x200?hall=heping")


async def test_a_product_that_is_none_leads_to_those_that_there_are(service: Service) -> None:
    answer = await service.client(accept="text/html").get("/p/nothing", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "or it is not sold any more" in answer.text
    assert '<a class="button button--primary button--wide" href="/products">All products</a>' in answer.text
