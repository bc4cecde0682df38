"""The hall finder in a real browser: by keyboard alone, without scripts, on a phone and on a wall."""

import pytest
from playwright.async_api import Page, expect

from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NANKAI = {"latitude": 39.137, "longitude": 117.144}
TARGET_PX = 48


async def test_halls_are_found_by_name_and_by_distance(window: Windows) -> None:
    phone = await window(geolocation=NANKAI, permissions=["geolocation"])
    await phone.goto("/")
    await phone.fill("#q", "nankai")
    await phone.press("#q", "Enter")
    await expect(phone.locator(".hall-row")).to_have_count(1)
    await phone.goto("/?service=bill")
    await phone.click("[data-near]")
    await phone.wait_for_url("**lat=39.1370**")
    await expect(phone.locator(".hall-row__name").first).to_have_text("Nankai hall")
    await expect(phone.locator(".chip--on")).to_have_count(2)


async def test_who_keeps_the_position_is_told_to_search_by_name(window: Windows) -> None:
    phone = await window(permissions=[])
    await phone.goto("/")
    await phone.click("[data-near]")
    await expect(phone.locator("[data-near-said]")).to_contain_text("Search by name instead.")


async def test_without_a_script_every_wish_works(window: Windows) -> None:
    phone = await window(java_script_enabled=False)
    await phone.goto("/")
    await expect(phone.locator("[data-near]")).to_be_hidden()
    await phone.click("text=Broadband")
    await phone.click(".chips >> text=Open now")
    await phone.fill("#q", "和平")
    await phone.click("[type=submit]")
    await expect(phone.locator(".hall-row")).to_have_count(1)
    await phone.click(".chip--on >> text=Broadband")
    await expect(phone.locator(".chip--on")).to_have_count(1)
    await phone.click(".hall-row")
    await expect(phone.locator("h1")).to_have_text("Heping hall")


async def test_the_keyboard_alone_leads_to_a_hall(window: Windows) -> None:
    desk = await window(1024, 768)
    await desk.goto("/")
    await desk.focus("#q")
    await desk.keyboard.type("heping")
    await desk.keyboard.press("Enter")
    await desk.wait_for_url("**q=heping**")
    await desk.focus("#q")
    for _press in range(20):
        await desk.keyboard.press("Tab")
        if await desk.evaluate("document.activeElement.classList.contains('hall-row')"):
            break
    await desk.keyboard.press("Enter")
    await expect(desk.locator("h1")).to_have_text("Heping hall")


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("width", [360, 768, 1440, 3840])
async def test_the_page_fits_its_screen_and_thumbs_hit_what_they_mean(width: int, locale: str, window: Windows) -> None:
    page = await window(width, 800, locale=locale)
    await page.goto("/?lat=39.12&lon=117.2&service=sim")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await _too_small(page) == []


async def _too_small(page: Page) -> list[str]:
    """What one can press and is lower than a thumb."""
    small: list[str] = await page.evaluate(
        """least => [...document.querySelectorAll("main a, main button, main input:not([type=hidden])")]
          .filter(one => one.offsetParent && one.getBoundingClientRect().height < least)
          .map(one => one.outerHTML)""",
        TARGET_PX,
    )
    return small
