"""The staff's stock pages in a browser: looked at, counted on a tablet, brought as a file."""

import pytest
from playwright.async_api import Page, expect

from tests.pages.conftest import SignIn, Windows
from tests.pages.keyboard import SMALL_TARGETS, complaints

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CARDS = "/stock/heping/products/topup-100"
COUNT = "/stock/heping/count"
FILE = "sku,quantity,on_hand,reason\ntopup-100,12,,note 7\nwatch-s3,x,,\nno-such-thing,3,,\n"


async def look_at_lines(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.locator("form:has(#text) [type=submit]").click()


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_axe_finds_nothing_and_nothing_is_small_or_wider_than_a_phone(
    locale: str, window: Windows, sign_in: SignIn
) -> None:
    page = await window(360, 740, locale=locale)
    await sign_in(page, "hq", "/stock")
    for path in ("/stock", "/stock/heping", "/stock/heping?q=zzz", CARDS, COUNT, f"{COUNT}?sku=topup-100"):
        await page.goto(path)
        assert await complaints(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert await page.evaluate(SMALL_TARGETS) == []
    await page.fill("#on_hand", "99999")
    await page.locator(".count [type=submit]").click()
    await page.wait_for_selector("[name=seen]", state="attached")
    assert await complaints(page) == []
    await page.goto("/stock/heping/import")
    await look_at_lines(page, FILE)
    await page.wait_for_selector(".faulty")
    assert await complaints(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("script", [True, False])
async def test_a_manager_receives_a_clerk_counts_and_a_file_is_corrected(
    script: bool, window: Windows, sign_in: SignIn
) -> None:
    office, tablet = await window(1280, 800, java_script_enabled=script), await window(1024, 768)
    await sign_in(office, "manager", "/stock/heping")
    await office.goto(CARDS)
    had = int(await office.locator(".level dd").nth(1).inner_text())
    if script:
        await office.locator(".stock-deeds summary").first.click()
    else:
        await office.locator(".stock-deeds summary").first.press("Enter")
    await office.fill("#receive-quantity", "5")
    await office.locator("#receive [type=submit]").click()
    await expect(office.locator(".level dd").nth(1)).to_have_text(str(had + 5))

    await sign_in(tablet, "clerk1", COUNT)
    await tablet.fill("#q", "topup-100")
    await tablet.keyboard.press("Enter")
    await tablet.fill("#on_hand", str(had + 4))
    await tablet.keyboard.press("Enter")
    await expect(tablet.locator(".level")).to_contain_text("−1")
    await tablet.locator("[value=missing]").check()
    await tablet.locator(".count [type=submit]").click()
    await expect(tablet.locator(".note--go")).to_be_visible()

    await office.goto("/stock/heping/import")
    await look_at_lines(office, FILE)
    await expect(office.locator(".faulty")).to_have_count(2)
    await look_at_lines(office, "\n".join(FILE.splitlines()[:2]))
    await office.locator("form:has([value=confirm]) [type=submit]").click()
    await expect(office.locator(".note--go")).to_contain_text("1 line is carried out.")
    await office.goto(CARDS)
    await expect(office.locator(".level dd").nth(1)).to_have_text(str(had + 16))
    await expect(office.locator(".movement").first).to_contain_text("note 7")
