"""A page that could not be shown, because Redis was away, opens by itself when it is back."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.installation import Installation
from tests.servers import redis_server
from tests.stack import stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_a_page_that_could_not_be_shown_opens_by_itself(browser: Browser, tmp_path: Path) -> None:
    async with redis_server(tmp_path / "redis") as redis:
        folder = tmp_path / "data"
        installed = Installation(folder, **{**stack.demo(folder), "O2O_REDIS_URL": redis.url})
        async with installed.serving():
            context = await browser.new_context(base_url=installed.url, locale="en")
            phone = await context.new_page()
            await redis.kill()

            await phone.goto("/halls/heping")
            await expect(phone.locator("main")).to_contain_text("nothing that was confirmed is lost")
            await expect(phone.get_by_role("link", name="Try again")).to_be_visible()
            await redis.start()

            await phone.wait_for_selector("label[for=service-sim]")
            await context.close()
