"""The product at the shelf: light enough for a hall's worst corner, whole on every screen, and without a script."""

import re

import pytest
from playwright.async_api import Page, Response, expect

from tests.pages.conftest import Windows
from tests.pages.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MOST = 60_000
SHELF = "/p/phone-x200-black?hall=heping"


async def transferred(page: Page, path: str) -> int:
    """Bytes of everything that a first visit loads, but for pictures of products."""
    loaded: list[Response] = []
    page.on("response", lambda response: loaded.append(response))  # noqa: PLW0108 - Playwright marks what it is given
    await page.goto(path, wait_until="networkidle")
    return sum([len(await one.body()) for one in loaded if "/img/products/" not in one.url])


@pytest.mark.parametrize("path", [SHELF, "/basket", "/checkout?sku=case-x200&hall=heping"])
async def test_a_first_visit_transfers_little(window: Windows, path: str) -> None:
    size = await transferred(await window(), path)

    assert 10_000 < size <= MOST


@pytest.mark.parametrize("path", [SHELF, "/products?hall=heping", "/basket"])
@pytest.mark.parametrize("width", [360, 768, 1280])
async def test_it_is_as_wide_as_the_screen(window: Windows, path: str, width: int) -> None:
    page = await window(width, 740)
    await page.goto(path)

    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_it_is_whole_without_a_script(window: Windows) -> None:
    page = await window(java_script_enabled=False, locale="zh-CN")
    await page.goto("/products?hall=heping")
    await page.fill("#q", "手机壳")
    await page.press("#q", "Enter")
    await page.click(".good")

    assert await page.locator("h1").inner_text() == "X200 手机壳"
    assert await page.locator(".truth").is_visible()
    assert await page.locator(".product__picture").evaluate("(one) => one.naturalWidth") > 0


@pytest.mark.parametrize(("locale", "truth"), [("zh-CN", r"^本厅有 \d+ 件$"), ("en", r"^\d+ here$")])
async def test_a_shelf_says_what_is_there_and_a_basket_where_each_comes_from(
    window: Windows, locale: str, truth: str
) -> None:
    """With `O2O_PICTURES=docs/pictures` it also takes the README's pictures."""
    phone = await window(390, 740, locale=locale)
    for sku in ("router-ax3000", "case-x200"):
        await phone.goto(f"/p/{sku}?hall=heping")
        await phone.click("form[action='/basket/lines'] button")
    await expect(phone.locator(".thing-line")).to_have_count(2)
    await picture(phone, f"basket-{locale}")

    await expect(phone.locator("#line-case-x200 .state")).to_have_text(re.compile(truth))
    await phone.goto(SHELF)
    await picture(phone, f"product-{locale}")
