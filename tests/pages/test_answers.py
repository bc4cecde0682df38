"""The counter when its answers are lost on the way, though what was asked for is done."""

import pytest
from playwright.async_api import Page, Route, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def lose_the_next_answer(tablet: Page) -> None:
    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await tablet.route("**/clerk", lose, times=1)


async def test_what_the_page_shows_to_be_done_is_not_asked_for_again(window: Windows, sign_in: SignIn) -> None:
    tablet, office = await window(1024, 768), await window()
    await sign_in(tablet, "clerk3", "/clerk")
    await steps.open_counter(tablet)
    await steps.come(office, "heping", ["sim", "sim"])
    await lose_the_next_answer(tablet)
    await steps.press(tablet, "call")
    await steps.phase_is(tablet, "called")
    await tablet.wait_for_selector("button[value=start]:not([aria-busy])")
    await expect(tablet.locator("[data-present] [data-refusal]")).to_be_hidden()
    await steps.finish(tablet)

    await steps.press(tablet, "call")
    await steps.phase_is(tablet, "called")
    await steps.finish(tablet)
    await steps.press(tablet, "close")


async def test_what_was_not_done_is_to_be_pressed_again(window: Windows, sign_in: SignIn) -> None:
    tablet, office = await window(1024, 768), await window()
    await sign_in(tablet, "clerk3", "/clerk")
    await steps.open_counter(tablet)
    await steps.come(office, "heping", ["sim"])
    await tablet.route("**/clerk", lambda route: route.abort(), times=1)
    await steps.press(tablet, "call")
    await expect(tablet.locator("[data-present] [data-refusal]")).to_contain_text("press again when it is back")

    await steps.press(tablet, "call")
    await steps.phase_is(tablet, "called")
    await expect(tablet.locator("[data-present] [data-refusal]")).to_be_hidden()
    await steps.finish(tablet)
    await steps.press(tablet, "close")
