"""A tablet that is left alone: locked by a button or by itself, opened by the PIN, with the customer still there."""

import pytest
from playwright.async_api import Page, expect

from tests.pages import steps
from tests.pages.conftest import PASSWORD, SignIn, Windows
from tests.pages.keyboard import SMALL_TARGETS, complaints, press_on

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PIN = "2580"
IDLE_MS = 11 * 60_000


async def set_pin(tablet: Page) -> None:
    await tablet.goto("/pin?next=/clerk")
    await tablet.fill("#password", PASSWORD)
    await tablet.fill("#pin", PIN)
    await tablet.click("main [type=submit]")
    await tablet.click("main a.button--primary")
    await tablet.wait_for_selector(".desk__top")


async def unlock(tablet: Page, pin: str = PIN) -> None:
    await tablet.fill("#pin", pin)
    await tablet.click("main [type=submit]")


@pytest.mark.parametrize("script", [True, False])
async def test_whoever_was_being_served_is_still_there(window: Windows, sign_in: SignIn, script: bool) -> None:
    tablet, phone = await window(1024, 768, java_script_enabled=script), await window()
    await sign_in(tablet, "clerk7", "/clerk")
    await set_pin(tablet)
    number = await steps.take_number(phone, "nankai", "bill")
    await steps.press(tablet, "open")
    await steps.call(tablet, number)

    await tablet.click(".lock button")
    await expect(tablet.locator("h1")).to_contain_text("Locked")
    await expect(tablet.locator("body")).not_to_contain_text(number)
    await unlock(tablet, "0007")
    await expect(tablet.locator(".note--stop")).to_contain_text("Tries left: 4")
    await unlock(tablet)

    await expect(tablet.locator("[data-field=number]").first).to_have_text(number)
    await steps.finish(tablet)
    await steps.press(tablet, "close")


@pytest.mark.parametrize("path", ["/clerk", "/clerk/sell?counter=nankai-4&sku=case-x200"])
async def test_a_page_that_nobody_uses_locks_itself(path: str, window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await tablet.clock.install()
    await sign_in(tablet, "clerk8", "/clerk")
    await set_pin(tablet)
    await tablet.goto(path)
    await tablet.wait_for_load_state()  # Only then the page's script counts.

    await tablet.clock.fast_forward(IDLE_MS)

    await expect(tablet.locator("#pin")).to_be_visible()
    await unlock(tablet)
    await tablet.wait_for_url(f"**{path}")
    await expect(tablet.locator("header .lock")).to_be_visible()


async def test_a_page_that_is_used_says_so_in_time_for_a_short_limit(window: Windows, sign_in: SignIn) -> None:
    tablet, told = await window(1024, 768), list[str]()
    await tablet.clock.install()
    await sign_in(tablet, "clerk8", "/pin")
    tablet.on("request", lambda request: told.append(request.url) if request.url.endswith("/session") else None)
    await tablet.evaluate("""async () => {
        const { Idle } = await import("/static/js/controllers/idle.js");
        const form = document.createElement("form");
        form.dataset.minutes = "1";
        new Idle(form);
    }""")

    for _ in range(5):
        await tablet.clock.fast_forward(10_000)
        await tablet.evaluate("window.dispatchEvent(new Event('pointerdown'))")

    assert len(told) == 2


async def test_a_session_that_is_locked_elsewhere_asks_for_the_pin_here(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "clerk6", "/clerk")
    await set_pin(tablet)
    csrf = await tablet.locator("input[name=csrf]").first.get_attribute("value")

    locked = await tablet.context.request.put("/api/v1/session/lock", headers={"X-CSRF-Token": csrf or ""})

    assert locked.ok
    await expect(tablet.locator("#pin")).to_be_visible()


async def test_by_keyboard_alone(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "clerk5", "/clerk")
    await press_on(tablet, "Set a PIN")
    await tablet.wait_for_selector("#password")
    await tablet.focus("#password")
    await tablet.keyboard.type(PASSWORD)
    await tablet.keyboard.press("Tab")
    await tablet.keyboard.type(PIN)
    await tablet.keyboard.press("Enter")
    await tablet.wait_for_selector(".note--go")
    await press_on(tablet, "Back to work")
    await tablet.wait_for_selector(".desk__top")
    await press_on(tablet, "Lock")
    await expect(tablet.locator("#pin")).to_be_focused()
    await tablet.keyboard.type(PIN)
    await tablet.keyboard.press("Enter")
    await tablet.wait_for_selector(".desk__top")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_axe_finds_nothing_and_a_phone_is_wide_enough(locale: str, window: Windows, sign_in: SignIn) -> None:
    page = await window(locale=locale)
    await sign_in(page, "province", "/pin")
    found = [await complaints(page)]
    await page.fill("#password", PASSWORD)
    await page.fill("#pin", PIN)
    await page.click("main [type=submit]")
    await page.wait_for_selector(".note--go")
    found.append(await complaints(page))
    await page.goto("/manage/heping/people")
    await page.click(".lock button")
    await page.wait_for_selector("#pin")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(SMALL_TARGETS) == []
    found.append(await complaints(page))
    await unlock(page, "0007")
    await page.wait_for_selector(".note--stop")
    found.append(await complaints(page))
    assert found == [[], [], [], []]
