"""A shop and a browser without scripts: what its pages are asked to do with a basket."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from httpx2 import AsyncClient, Response

from orders import basket_page, checkout, order_page, product_pages
from tests.orders.goods import a_product, put
from tests.orders.shop import PHONE, ROUTES, SKU, open_shop, read, receive
from tests.serving import Service, serve

PAGES = [*basket_page.routes, *checkout.routes, *order_page.routes, *product_pages.routes, *ROUTES]
CABLE = "cable"


@asynccontextmanager
async def serve_baskets(folder: Path) -> AsyncIterator[Service]:
    """Heping has two cases at ¥129 and nine cables at ¥19, the warehouse tianjin one case."""
    async with serve(folder, PAGES, O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=1)
        await put(CABLE, a_product("数据线", "Cable", amount="19.00"))
        await receive(service, "heping", 9, CABLE)
        yield service


async def put_in(phone: AsyncClient, sku: str = SKU, quantity: int = 1, hall: str = "heping", **more: str) -> Response:
    page = await phone.get(f"/p/{sku}?hall={hall}&quantity={quantity}")
    return await phone.post("/basket/lines", data=hidden(page, sku, hall, quantity) | more)


def hidden(page: Response, sku: str, hall: str, quantity: int) -> dict[str, str]:
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    return {"key": key[1] if key else "a-key-of-no-page-at-all", "sku": sku, "hall": hall, "quantity": str(quantity)}


async def change(phone: AsyncClient, quantity: int, sku: str = SKU) -> Response:
    return await phone.post(f"/basket/lines/{sku}", data={"quantity": str(quantity)})


async def basket(phone: AsyncClient) -> str:
    answer = await phone.get("/basket")
    assert answer.status_code == 200
    return read(answer)


async def checkout_of(phone: AsyncClient, way: str) -> Response:
    """Where the basket's button for that way leads."""
    address = re.search(rf'href="(/checkout[^"]+)"><svg[^>]*><use href="[^"]*#{way}"', await basket(phone))
    assert address, await basket(phone)
    return await phone.get(address[1])


async def order(phone: AsyncClient, page: Response, **typed: str) -> Response:
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    return await phone.post("/checkout", data=fields | {"phone": PHONE, **typed})
