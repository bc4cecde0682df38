"""From the shelf to the counter, as the customer, the clerk and the next customer see it."""

import re
import secrets

import pytest
from playwright.async_api import Page, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

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


async def test_a_code_can_be_scanned_at_once_and_a_wrong_one_stays_where_it_can_be_mended(
    window: Windows, sign_in: SignIn
) -> None:
    tablet = await window(1180, 820)
    await sign_in(tablet, "clerk6", "/clerk")
    await tablet.goto("/clerk/sell")
    code = tablet.get_by_label("Pick-up code")
    await expect(code).to_be_focused()
    await tablet.keyboard.type("abcd efgh jkmn\n")

    await expect(tablet.get_by_role("alert")).to_contain_text("Nothing is kept here under this code.")
    await expect(code).to_have_value("abcd efgh jkmn")
    await expect(code).to_be_focused()


async def test_what_a_number_has_held_is_sold_at_the_counter(window: Windows, sign_in: SignIn) -> None:
    phone, tablet = await window(), await window(1180, 820)
    hold = await _hold(phone, 2, "phone-x200-black")
    number = await _number_with(phone, hold or "")
    await sign_in(tablet, "clerk6", "/clerk")
    await steps.open_counter(tablet)
    await steps.call(tablet, number)
    await steps.press(tablet, "start")
    await steps.phase_is(tablet, "serving")

    await steps.key(tablet, "s")
    await expect(tablet.locator(".sell__held")).to_contain_text("Held for them until")
    await tablet.get_by_role("link", name="Sell it").click()
    await tablet.fill("[name=serials]", "X200-B-NANKAI-001\nX200-B-NANKAI-002")
    await tablet.fill("#phone", "13800138001")
    await tablet.get_by_role("button", name="¥6,998 taken by card").click()
    await expect(tablet.locator("#done")).to_have_text("Sold and handed over")
    await phone.reload()
    await expect(phone.locator(".held")).to_contain_text("Yours: 2 × Xingtu X200 5G phone, obsidian black.")

    await tablet.get_by_role("link", name="Back to the counter").first.click()
    await steps.phase_is(tablet, "serving")
    await steps.press(tablet, "complete")
    await steps.phase_is(phone, "completed")
    await steps.phase_is(tablet, "idle")
    await steps.press(tablet, "close")


async def test_an_order_is_handed_over_by_its_code_without_a_script(window: Windows, sign_in: SignIn) -> None:
    phone, tablet = await window(), await window(1180, 820, java_script_enabled=False)
    code = await _ordered(phone)
    await sign_in(tablet, "clerk3", "/clerk")
    await tablet.goto("/clerk/sell?counter=heping-3")
    await tablet.fill("#pickup", "no such code")
    await tablet.get_by_role("button", name="Find the order").click()
    await expect(tablet.locator("[data-refusal]")).to_contain_text("Ask the customer to show it again.")
    await tablet.fill("#pickup", code)
    await tablet.get_by_role("button", name="Find the order").click()
    await expect(tablet.locator("main")).to_contain_text("To pay: ¥98")
    await tablet.get_by_role("button", name="¥98 taken in cash").click()
    await expect(tablet.locator("#done")).to_have_text("Handed over")
    await tablet.get_by_role("link", name="Sell something else").click()
    await expect(tablet.locator("main")).to_contain_text(re.compile(r"Cash\s*¥98"))


async def _ordered(phone: Page) -> str:
    """Order two cases to be picked up in Heping; gives the code to collect them by."""
    key = {"Idempotency-Key": secrets.token_hex(16)}
    lines = [{"sku": "case-x200", "quantity": 2}]
    wish = {"hall": "heping", "lines": lines, "fulfilment": "pickup", "phone": "13800138002"}
    answer = await phone.request.post("/api/v1/orders", data=wish, headers=key)
    assert answer.status == 201, await answer.text()
    order = await answer.json()
    shown = {"Authorization": f"Bearer {order['token']}"}
    owned = await (await phone.request.get(f"/api/v1/orders/{order['id']}", headers=shown)).json()
    return str(owned["pickup_code"])


async def _hold(phone: Page, quantity: int, sku: str = PHONE) -> str | None:
    """Keep so many in Nankai, as the page of the product does: `<id>.<token>`, or None when there are less."""
    key = {"Idempotency-Key": secrets.token_hex(16)}
    wish = {"place": "nankai", "sku": sku, "quantity": quantity}
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
