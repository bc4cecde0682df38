"""Slow answers, cut ones, and browsers that keep nothing: nobody gets a second number, or the wrong sheet."""

import asyncio

import pytest
from playwright.async_api import Route

from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

KEEP_PRESSING = "() => { setInterval(() => document.querySelector('.sheet [type=submit]').click(), 100); }"


async def test_pressing_again_while_the_ticket_is_on_its_way_takes_no_second_one(window: Windows) -> None:
    phone = await window()
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.method))
    await phone.goto("/halls/nankai?service=sim")

    async def slowly(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    await phone.route("**/t/*?k=*", slowly)
    await phone.evaluate(KEEP_PRESSING)
    await phone.wait_for_selector(".pass")
    assert sent.count("POST") == 1
