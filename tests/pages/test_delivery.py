"""Something is elsewhere: its page says so and offers delivery; it is ordered, picked, sent, delivered and paid."""

import re
from collections.abc import Mapping

import pytest
from playwright.async_api import Locator, Page, expect

from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

ASK_MS = 8_000
"""So often an order's page looks whether it has changed (static/js/controllers/fresh.js)."""
HOME = {"name": "Li Hua", "city": "天津市", "district": "南开区", "street": "卫津路 94 号"}


async def test_what_is_elsewhere_is_delivered_and_paid_and_its_customer_sees_each_step(
    window: Windows, sign_in: SignIn
) -> None:
    phone, store = await window(), await window(1180, 820)
    await phone.clock.install()
    order = await _order(phone)
    await _sees(phone, "We are packing it for you", "Delivery · Kept for you")
    await sign_in(store, "warehouse", "/picking/tianjin")
    parcel = store.locator(f"#o-{order}")

    await parcel.get_by_role("button", name="Picked").click()
    await _sees(phone, "We are packing it for you", "Delivery · Packed")

    await parcel.locator("summary").click()
    await parcel.get_by_label("Carrier").select_option("shunfeng")
    await parcel.get_by_label("Tracking number").fill("SF1234567890")
    await parcel.get_by_role("button", name="It has left").click()
    await _sees(phone, "It is on its way to you", "Delivery · On its way")
    await expect(phone.locator(".order header")).to_contain_text("You pay at your door.")

    await store.goto("/picking/tianjin/shipments")
    await _of(store, order).get_by_role("button", name="Delivered").click()
    await _sees(phone, "You have it all", "Delivery · Delivered")
    await expect(phone.locator(".sums")).not_to_contain_text("Paid")

    await _of(store, order).get_by_role("button", name="¥229 taken in cash").click()
    await _sees(phone, "You have it all", "Delivery · Delivered")
    await expect(phone.locator(".sums")).to_contain_text(re.compile(r"Paid\s*¥229"))
    await expect(_of(store, order).get_by_role("button")).to_have_count(0)


async def test_who_reads_no_chinese_orders_in_letters_and_whoever_sends_is_told(
    window: Windows, sign_in: SignIn
) -> None:
    phone, store = await window(), await window(1180, 820)
    letters = {"name": "Li Hua", "city": "Langfang", "district": "Guangyang", "street": "1 Xinhua Road"}
    order = await _order(phone, "Hebei", letters)
    await sign_in(store, "warehouse", "/picking/tianjin")

    await expect(store.locator(f"#o-{order}")).to_contain_text("河北省 Langfang Guangyang")
    await expect(store.locator(f"#o-{order} .note")).to_contain_text("not all in Chinese characters")


async def test_names_of_cities_and_districts_are_suggested_as_soon_as_they_are_known(window: Windows) -> None:
    phone = await window()
    await _checkout(phone)
    for province, cities, city in (("Hebei", 11, ""), ("Tianjin", 1, "天津市")):
        await phone.get_by_label("Province").select_option(label=province)
        await expect(phone.locator("#city-names option")).to_have_count(cities)
        await expect(phone.locator("#city")).to_have_value(city)

    await expect(phone.locator("#district-names option[value=和平区]")).to_have_count(1)


async def _checkout(phone: Page) -> None:
    """From the shelf to where an address is asked for."""
    await phone.goto("/p/router-ax3000?hall=heping")
    await expect(phone.locator(".truth")).to_contain_text("Not here. Delivered")
    await phone.locator(".product .button--primary").click()


async def _order(phone: Page, province: str = "Tianjin", home: Mapping[str, str] = HOME) -> str:
    """From the shelf to the order's page; gives the order's id."""
    await _checkout(phone)
    await phone.get_by_label("Phone number").fill("13800138010")
    await phone.get_by_label("Province").select_option(label=province)
    for name, value in home.items():
        await phone.fill(f"#{name}", value)
    await phone.get_by_role("button", name="Order with delivery").click()
    if province != "Tianjin":  # Until it was said where it goes, what is possible in the hall's province was offered.
        await expect(phone.locator("#window-fault")).to_be_visible()
        await phone.get_by_role("button", name="Order with delivery").click()
    await phone.wait_for_url("**/o/*")
    return phone.url.rpartition("/")[2]


async def _sees(phone: Page, truth: str, line: str) -> None:
    """The page that lies open says so, after it has looked again."""
    await phone.clock.run_for(ASK_MS)
    await expect(phone.locator(".order__truth")).to_have_text(truth)
    await expect(phone.locator(".lines")).to_contain_text(line)


def _of(store: Page, order: str) -> Locator:
    return store.locator("li", has_text=order[-6:])
