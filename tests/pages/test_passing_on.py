"""A ticket passed on: by a browser that copies nothing for a page, and by the address where its link was meant."""

import asyncio

import pytest
from playwright.async_api import Dialog, expect

from tests.pages import steps
from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

COPIES_NOTHING = """
    delete Navigator.prototype.share;
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
"""


async def test_a_browser_that_copies_nothing_shows_the_link_to_be_copied_by_hand(window: Windows) -> None:
    phone, friend = await window(), await window()
    await phone.add_init_script(COPIES_NOTHING)
    number = await steps.take_number(phone, "nankai", "sim")
    shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def read(dialog: Dialog) -> None:
        shown.set_result(dialog.default_value)
        await dialog.accept()

    phone.on("dialog", read)
    await phone.click("[data-controller=share]")
    await friend.goto(await asyncio.wait_for(shown, 5))
    await expect(friend.locator("[data-field=number]")).to_have_text(number)


async def test_who_was_sent_the_address_of_a_ticket_is_told_what_to_ask_for(window: Windows) -> None:
    phone, friend = await window(), await window(locale="zh-CN")
    await steps.take_number(phone, "nankai", "sim")
    await friend.goto(phone.url)
    await expect(friend.locator("main")).to_contain_text("点“分享”")
