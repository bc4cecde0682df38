"""What lies over the clerk's line while one thing is done: sent elsewhere, ended, a number given to somebody."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Route, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows
from tests.pages.scanning import scanned

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("script", [True, False])
async def test_a_transfer_goes_where_it_was_sent(script: bool, window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768, java_script_enabled=script), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    number = await steps.serve_at(tablet, phone)
    await tablet.get_by_role("link", name="Transfer").click()
    await tablet.get_by_label("To which service").select_option("device")
    await tablet.get_by_label("To which counter").select_option("heping-2")
    await tablet.get_by_label("First", exact=True).check()
    await tablet.get_by_role("button", name=f"Transfer {number}").click()
    await expect(tablet.locator("[data-toast]")).to_contain_text(f"{number} waits for counter 2 alone now")
    row = tablet.locator("[data-line] .line__row", has_text=number)
    await expect(row).to_contain_text("Phones and accessories")
    await expect(row).to_contain_text("for counter 2")
    await steps.serve_and_close(tablet, number)


@pytest.mark.parametrize("script", [True, False])
async def test_a_number_is_given_to_somebody_without_a_phone(script: bool, window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768, java_script_enabled=script)
    await sign_in(tablet, "clerk2", "/clerk")
    await tablet.get_by_role("link", name="Give a number").click()
    await tablet.get_by_role("radio", name="Broadband").check()
    await tablet.fill("#give-phone", "12")
    await tablet.get_by_role("button", name="Give the number").click()
    await expect(tablet.locator("[data-sheet] [data-refusal]")).to_contain_text("This is not a phone number.")
    await expect(tablet.locator("#give-phone")).to_have_value("12")
    await tablet.fill("#give-phone", "")
    await tablet.get_by_role("button", name="Give the number").click()
    number = await tablet.locator(".given__number").inner_text()
    await tablet.get_by_role("link", name="Back").click()
    await expect(tablet.locator("[data-line]")).to_contain_text(number)


async def test_a_number_that_was_given_is_followed_by_its_code(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    await steps.key(tablet, "g")
    await tablet.get_by_role("radio", name="Broadband").check()
    await tablet.get_by_role("button", name="Give the number").click()
    link = urlsplit(await scanned(tablet, ".given__code"))
    await phone.goto(f"{link.path}?{link.query}")
    await expect(phone.locator("[data-field=number]").first).to_have_text(await tablet.inner_text(".given__number"))


async def test_a_ticket_is_ended_when_it_is_asked_twice(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    number = await steps.take_number(phone, "heping", "bill")
    await tablet.locator("[data-line] .line__about", has_text=number).click()
    await tablet.get_by_text("End this ticket").click()
    await tablet.get_by_label("Reason").last.fill("went home")
    await tablet.get_by_role("button", name=f"Yes, end {number}").click()
    await expect(tablet.locator("[data-toast]")).to_contain_text(f"{number} has ended.")
    await steps.phase_is(phone, "cancelled")


async def test_a_sheet_is_drawn_anew_when_its_ticket_changes(window: Windows, sign_in: SignIn) -> None:
    tablet, other, phone = await window(1024, 768), await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    await sign_in(other, "clerk3", "/clerk")
    number = await steps.take_number(phone, "heping", "bill")
    await tablet.locator("[data-line] .line__about", has_text=number).click()
    await expect(tablet.locator(".sheet__who")).to_contain_text("in the line")
    await steps.open_counter(other)
    await steps.call(other, number)
    await expect(tablet.locator(".sheet__who")).to_contain_text("to counter 3")
    await steps.finish(other)
    await steps.press(other, "close")


async def test_without_a_network_nothing_is_lost_and_a_second_press_is_the_same_act(
    window: Windows, sign_in: SignIn
) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "clerk2", "/clerk")
    await steps.key(tablet, "g")
    await tablet.get_by_role("radio", name="Broadband").check()
    keys: list[str] = []

    async def cut(route: Route) -> None:
        keys.append(parse_qs(route.request.post_data or "")["key"][0])
        await (route.abort() if len(keys) == 1 else route.continue_())

    await tablet.route("**/clerk", cut)
    await tablet.get_by_role("button", name="Give the number").click()
    await expect(tablet.locator("[data-sheet] [data-refusal]")).to_contain_text("The network is gone.")
    await expect(tablet.get_by_role("radio", name="Broadband")).to_be_checked()
    await tablet.get_by_role("button", name="Give the number").click()
    await expect(tablet.locator(".given__number")).to_be_visible()
    assert len(set(keys)) == 1
