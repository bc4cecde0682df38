"""Two products from the shelf into one order: by touch, on a phone, with and without a script."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("scripts", [True, False])
async def test_two_products_are_collected_changed_and_ordered_in_one_go(window: Windows, scripts: bool) -> None:
    phone = await window(360, 740, java_script_enabled=scripts)
    await _put_in(phone, "/p/case-x200?hall=heping")
    await _put_in(phone, "/p/topup-100?hall=heping")
    await expect(phone.locator(".thing-line")).to_have_count(2)
    case = phone.locator("#line-case-x200")
    await case.get_by_role("button", name="One more").click()
    await expect(case.locator(".stepper__count")).to_have_text("2")
    await phone.reload()
    await expect(phone.locator(".sums__total")).to_contain_text("¥198")

    await phone.get_by_role("link", name="Pick everything up here").click()
    await expect(phone.locator("h1")).to_have_text("2 products")
    await expect(phone.get_by_role("link", name="Basket, 3 in it")).to_be_visible()
    await phone.fill("#phone", "13900139" + ("001" if scripts else "002"))
    await phone.get_by_role("button", name="Order and pick up").click()
    await expect(phone.locator("h1")).to_have_text("It is kept for you in the hall")
    await expect(phone.locator(".lines li")).to_have_text([re.compile("Case for the X200 × 2"), re.compile("top-up")])
    await phone.goto("/basket")
    await expect(phone.locator("h1")).to_have_text("Your basket is empty")


async def test_who_has_ordered_before_needs_three_taps_for_one_product(window: Windows) -> None:
    phone = await window(360, 740)
    await phone.goto("/checkout?sku=case-x200&hall=heping")
    await phone.fill("#phone", "13900139003")
    await phone.get_by_role("button", name="Order and pick up").click()
    await phone.wait_for_url("**/o/*")

    await phone.goto("/p/case-x200?hall=heping")  # The scan.
    await phone.get_by_role("link", name="Hold one for me").click()
    await phone.get_by_role("button", name="Order and pick up").click()
    await expect(phone.locator("h1")).to_have_text("It is kept for you in the hall")


async def test_what_is_put_in_from_the_list_is_counted_there(window: Windows) -> None:
    phone = await window(360, 740, java_script_enabled=False)
    await phone.goto("/products?hall=heping&q=case")
    await phone.get_by_role("button", name="Put in the basket: Case for the X200").click()

    await expect(phone.locator(".good")).to_contain_text("1 in your basket")
    await expect(phone.get_by_role("link", name="Basket, 1 in it")).to_be_visible()
    await expect(phone.locator("#q")).to_have_value("case")


async def _put_in(phone: Page, shelf: str) -> None:
    await phone.goto(shelf)
    await phone.get_by_role("button", name="Put it in the basket").click()
    await expect(phone.locator("h1")).to_have_text("Your basket")
