"""Something is nowhere: somebody asks to be told, stock arrives, and they are told."""

from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]


async def test_whoever_waits_for_what_is_nowhere_is_told_when_it_arrives(window: Windows, sign_in: SignIn) -> None:
    phone, office = await window(locale="en"), await window(1180, 820, locale="en")
    sku, name = f"lamp-{uuid4().hex[:8]}", f"Lamp {uuid4().hex[:6]}"
    await sign_in(office, "hq", "/outbox")
    made = {"names": {"zh-CN": name, "en": name}, "price": {"amount": "59.00", "currency": "CNY"}, "kind": "accessory"}
    await steps.by_staff(office, f"/products/{sku}", made, method="PUT")

    await phone.goto(f"/p/{sku}?hall=heping")
    await expect(phone.locator(".truth")).to_contain_text("Sold out everywhere just now")
    await phone.get_by_label("Tell me when it is back").fill("zhang@customer.test")
    await phone.get_by_role("button", name="Put me on the list").click()
    await expect(phone.locator(".note--go")).to_contain_text("z****@customer.test")

    await steps.by_staff(office, f"/places/heping/stock/{sku}/receipts", {"quantity": 1})
    told = office.locator(".told:has(.told__state--kept)", has_text=f"Back in stock: {name}")
    for _second in range(60):
        await office.goto("/outbox")
        if await told.count():
            break
        await office.wait_for_timeout(1000)
    await expect(told).to_contain_text("Nothing was sent: there was no channel to reach them by.")
    await phone.get_by_role("link", name="Back to the product").click()
    await expect(phone.locator(".truth")).to_contain_text("1 here")
