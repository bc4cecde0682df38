"""The clerk's counter: one big button, all by keyboard, live, and without a script too."""

import pytest
from playwright.async_api import Page, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_space_opens_calls_starts_and_completes(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    await steps.take_number(phone, "heping", "sim")
    for phase in ("idle", "called", "serving", "idle"):
        await tablet.keyboard.press("Space")
        await steps.phase_is(tablet, phase)
    await expect(tablet.locator("[data-field=served]")).to_have_text("1")
    await steps.press(tablet, "close")
    await steps.phase_is(tablet, "closed")


async def test_space_in_the_search_field_types_a_space(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "clerk2", "/clerk")
    await tablet.focus("[data-filter]")
    await tablet.keyboard.press("Space")
    await expect(tablet.locator("[data-filter]")).to_have_value(" ")
    await steps.phase_is(tablet, "closed")


async def test_whoever_was_not_there_is_put_back_first(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    number = await steps.take_number(phone, "heping", "broadband")
    await steps.open_counter(tablet)
    await steps.call(tablet, number)
    await steps.press(tablet, "recall")
    await expect(tablet.locator("[data-again]")).to_contain_text("2")
    await steps.press(tablet, "no-show")
    await steps.phase_is(phone, "no_show")
    await tablet.click(".absent summary")
    await tablet.locator("[data-absent] li", has_text=number).locator("button").click()
    await steps.phase_is(phone, "next")
    await _serve(tablet, number)


async def test_what_is_refused_is_said_on_the_page(window: Windows, sign_in: SignIn) -> None:
    tablet, other, phone = await window(1024, 768), await window(1024, 768), await window()
    await sign_in(tablet, "clerk3", "/clerk")
    number = await steps.take_number(phone, "heping", "bill")
    await steps.open_counter(tablet)
    await sign_in(other, "clerk3", "/clerk")
    await steps.call(other, number)
    await steps.phase_is(tablet, "called")
    await tablet.evaluate("document.body.dataset.phase = 'idle'")
    await steps.press(tablet, "call")
    await expect(tablet.locator("[data-refusal]")).to_contain_text("still has a ticket")
    await tablet.reload()
    await steps.finish(tablet)
    await steps.press(tablet, "close")


async def test_without_a_script_the_buttons_are_forms(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768, java_script_enabled=False), await window()
    await sign_in(tablet, "clerk4", "/clerk")
    number = await steps.take_number(phone, "heping", "device")
    await steps.press(tablet, "open")
    await steps.call(tablet, number)
    await steps.phase_is(phone, "called")
    await steps.finish(tablet)
    await steps.press(tablet, "close")
    await steps.phase_is(tablet, "closed")


async def test_the_filter_shows_only_what_was_asked_for(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    number = await steps.take_number(phone, "heping", "bill")
    await expect(tablet.locator("[data-line]")).to_contain_text(number)
    await tablet.fill("[data-filter]", number)
    await expect(tablet.locator("[data-line] li:visible")).to_have_count(1)


async def test_headquarters_choose_the_counter(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "hq", "/clerk")
    await tablet.get_by_role("link", name="Counter 3 Nankai hall").click()
    await expect(tablet.locator(".desk__counter")).to_have_text("Counter 3")


async def _serve(tablet: Page, number: str) -> None:
    await steps.call(tablet, number)
    await steps.finish(tablet)
    await steps.press(tablet, "close")
    await steps.phase_is(tablet, "closed")
