"""From the shelf to the counter, as the customer, the clerk and the next customer see it."""

import re
import secrets

import pytest
from playwright.async_api import Page, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = "phone-x200-white"
"""Nankai has three of them, and one person may have two."""


async def test_a_no_show_frees_what_was_held_and_the_next_person_gets_it(window: Windows, sign_in: SignIn) -> None:
    first, other, following, tablet = await window(), await window(), await window(), await window(1180, 820)
    await _hold(other, 1)
    number = await _number_with(first, await _hold(first, 2) or "")
    await expect(first.locator(".held")).to_contain_text("Held for you: 2 × Xingtu X200 5G phone, snow white, until")
    assert await _hold(following, 1) is None

    await sign_in(tablet, "clerk5", "/clerk")
    await steps.open_counter(tablet)
    row = tablet.locator(".line__row", has_text=number)
    await expect(row.locator(".badge--goods")).to_contain_text("2 × Xingtu X200 5G phone, snow white")
    await steps.call(tablet, number)
    await steps.press(tablet, "no-show")
    await steps.phase_is(first, "no_show")

    hold = None
    while hold is None:  # A second at most after the no-show is committed.
        await following.wait_for_timeout(200)
        hold = await _hold(following, 2)
    number = await _number_with(following, hold)
    row = tablet.locator(".line__row", has_text=number)
    await expect(row.locator(".badge--goods")).to_contain_text("2 × Xingtu X200 5G phone, snow white")
    await first.reload()
    await expect(first.locator(".held")).to_contain_text("Not held any more")
    await steps.call(tablet, number)
    await steps.finish(tablet)
    await steps.press(tablet, "close")


async def _hold(phone: Page, quantity: int) -> str | None:
    """Keep so many in Nankai, as the page of the product does: `<id>.<token>`, or None when there are less."""
    key = {"Idempotency-Key": secrets.token_hex(16)}
    wish = {"place": "nankai", "sku": PHONE, "quantity": quantity}
    answer = await phone.request.post("/api/v1/holds", data=wish, headers=key)
    if answer.status == 409:
        assert (await answer.json())["code"] == "out_of_stock"
        return None
    assert answer.status == 201, await answer.text()
    given = await answer.json()
    return f"{given['id']}.{given['token']}"


async def _number_with(phone: Page, hold: str) -> str:
    await phone.goto(f"/halls/nankai?hold={hold}")
    await expect(phone.locator(".join__held")).to_have_text(re.compile("Your number carries 2 × Xingtu"))
    await phone.click("label[for=service-device]")
    await phone.click(".sheet [type=submit]")
    await phone.wait_for_selector(".pass")
    return await phone.inner_text("[data-field=number]")
