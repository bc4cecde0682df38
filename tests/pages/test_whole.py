"""Pages of whose script a part is missing: they ask for themselves until they are whole."""

import asyncio
import contextlib

import pytest
from playwright.async_api import Error, Page, expect

from tests.pages import steps
from tests.pages.conftest import Windows
from tests.pages.test_silent import ASKED, PATIENCE_MS, SILENCE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_screen_of_which_a_part_did_not_come_asks_for_itself_until_it_is_whole(window: Windows) -> None:
    screen = await window(1920, 1080)
    await screen.clock.install()
    await screen.route("**/controllers/share.js", lambda route: route.abort())
    await screen.goto("/display")
    await screen.evaluate("() => { window.stays = true; }")
    await screen.route("**/display", lambda route: route.fulfill(status=502, body="502 Bad Gateway"))
    await screen.unroute("**/controllers/share.js")
    async with screen.expect_response("**/display"):
        await screen.clock.run_for(10_000)
    assert await screen.evaluate("() => window.stays")  # A proxy's page has no way back.

    await screen.unroute("**/display")
    await _after(screen, 20_000)
    await expect(screen.locator("[data-begun]")).to_have_count(1)
    assert await screen.evaluate("() => sessionStorage.length") == 0


async def test_a_screen_that_is_not_whole_asks_again_after_an_answer_that_never_came(window: Windows) -> None:
    screen = await window(1920, 1080)
    await screen.clock.install()
    await screen.route("**/controllers/share.js", lambda route: route.abort())
    await screen.goto("/display")
    await screen.evaluate(SILENCE)
    for _second in range(10 + PATIENCE_MS // 1000 + 20):
        await screen.clock.run_for(1000)
    assert await screen.evaluate(ASKED) == 2


async def test_a_screen_of_which_a_part_is_never_answered_asks_for_itself(window: Windows) -> None:
    screen, asked = await window(1920, 1080), asyncio.Event()
    await screen.clock.install()
    await screen.route("**/controllers/share.js", lambda _route: asked.set())
    await screen.goto("/display", wait_until="commit")
    await asked.wait()
    await screen.unroute("**/controllers/share.js")
    async with screen.expect_navigation():
        await _after(screen, 71_000)
    await expect(screen.locator("[data-begun]")).to_have_count(1)


async def test_a_ticket_of_which_a_part_never_comes_is_shown_anew_by_itself(window: Windows) -> None:
    phone = await window()
    await steps.take_number(phone, "nankai", "sim")
    await phone.clock.install()
    await phone.route("**/controllers/share.js", lambda route: route.abort())
    await phone.reload()
    for _time in range(2):
        async with phone.expect_navigation():
            await _after(phone, 20_000)
    await phone.unroute("**/controllers/share.js")
    async with phone.expect_navigation():
        await _after(phone, 40_000)
    await expect(phone.locator("[data-begun]")).to_have_count(1)
    await phone.click(".leaving summary")
    await phone.click(".leaving [type=submit]")
    await steps.phase_is(phone, "left")


async def _after(page: Page, wait_ms: int) -> None:
    """Let the page's time pass until it goes away, if it does."""
    with contextlib.suppress(Error):
        await page.clock.run_for(wait_ms)
