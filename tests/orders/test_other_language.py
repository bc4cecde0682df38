"""A page that answers a form leads to itself in the other language, not to the address that the form went to."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Response

from orders import checkout, order_page, product_pages, watching_endpoints
from tests.o2o.forms import Page
from tests.orders.shop import PHONE, ROUTES, SKU, open_shop
from tests.serving import serve

CHECKOUT = f"{checkout.PATH}?sku={SKU}&hall=heping&quantity=2"
PAGES = [*checkout.routes, *order_page.routes, *product_pages.routes, *watching_endpoints.routes]
KEY = "a-key-of-a-form-1"


@pytest.fixture
async def phone(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    async with serve(tmp_path, [*PAGES, *ROUTES], O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=5)
        yield service.client(accept="text/html")


async def test_a_refused_order(phone: AsyncClient) -> None:
    refused = await _order(phone, "1")
    assert refused.status_code == 400
    assert "¥258" in await _in_chinese(phone, checkout.PATH, refused)


async def test_a_refused_cancellation(phone: AsyncClient) -> None:
    path = (await _order(phone, PHONE)).headers["location"]
    await phone.post(f"{path}/cancellation", data={"key": KEY})
    refused = await phone.post(f"{path}/cancellation", data={"key": KEY.replace("1", "2")})
    assert refused.status_code == 409
    assert "订单已取消" in await _in_chinese(phone, f"{path}/cancellation", refused)


@pytest.mark.parametrize("email", ["nobody", "somebody@customer.test"])
async def test_a_wish_to_be_told(email: str, phone: AsyncClient) -> None:
    path = f"/p/{SKU}/watchers"
    answer = await phone.post(path, data={"key": KEY, "hall": "heping", "email": email})
    assert answer.status_code == (400 if email == "nobody" else 200)
    assert "¥129" in await _in_chinese(phone, path, answer)


async def test_a_form_that_could_not_be_read_leads_to_no_address_that_takes_only_forms(phone: AsyncClient) -> None:
    answer = await phone.post(f"/p/{SKU}/watchers", data={})
    assert answer.status_code == 400
    assert [link for link in Page(checkout.PATH, answer.text).links if "lang=" in link] == []


async def _order(phone: AsyncClient, number: str) -> Response:
    filled = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', (await phone.get(CHECKOUT)).text))
    return await phone.post(checkout.PATH, data=filled | {"phone": number})


async def _in_chinese(phone: AsyncClient, path: str, answer: Response) -> str:
    [other] = [link for link in Page(path, answer.text).links if "lang=" in link]
    page = await phone.get(other)
    assert '<html lang="zh-CN"' in page.text
    return page.text
