"""The clerk's counter: one big button, all by keyboard, live, and without a script too."""

import pytest
from playwright.async_api import expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows
from tests.pages.keyboard import SMALL_TARGETS, press_on

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAUSED = "Nobody is called just now The power is off."


async def test_space_opens_calls_starts_and_completes(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    await steps.close_counter(tablet)
    served = int(await tablet.inner_text("[data-field=served]"))
    await steps.take_number(phone, "heping", "sim")
    for phase in ("idle", "called", "serving", "idle"):
        await steps.key(tablet, "Space")
        await steps.phase_is(tablet, phase)
    await expect(tablet.locator("[data-field=served]")).to_have_text(str(served + 1))
    await steps.press(tablet, "close")
    await steps.phase_is(tablet, "closed")


@pytest.mark.parametrize("by", ["touch", "key"])
async def test_whoever_presses_twice_does_one_thing(by: str, window: Windows, sign_in: SignIn) -> None:
    tablet, office = await window(768, 1024, has_touch=True), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    await steps.open_counter(tablet)
    await steps.come(office, "heping", ["sim", "sim"])
    for phase in ("called", "serving", "idle"):
        await tablet.wait_for_selector("body:not(.desk--settling)")
        place = await tablet.locator(".button--big:visible").bounding_box()
        assert place is not None
        for _half in range(2):
            if by == "key":
                await tablet.keyboard.press("Space")
            else:
                await tablet.touchscreen.tap(place["x"] + 40, place["y"] + 40)
            await steps.phase_is(tablet, phase)
        await tablet.wait_for_selector("body:not(.desk--settling)")
        await steps.phase_is(tablet, phase)
    await steps.press(tablet, "close")


async def test_space_in_the_search_field_types_a_space(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "clerk2", "/clerk")
    await steps.close_counter(tablet)
    await tablet.focus("[data-filter]")
    await steps.key(tablet, "Space")
    await expect(tablet.locator("[data-filter]")).to_have_value(" ")
    await steps.phase_is(tablet, "closed")


async def test_however_long_the_line_is_it_scrolls_and_the_page_does_not(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "clerk2", "/clerk")
    longer = await tablet.evaluate("""() => {
        const row = document.querySelector("template[data-line-row]").content;
        const [line] = document.querySelectorAll("[data-line]");
        for (let n = 0; n < 30; n += 1) line.append(row.cloneNode(true));
        for (const part of line.querySelectorAll("[hidden]")) part.hidden = false;
        return [line.parentElement, document.documentElement].map((one) => one.scrollHeight > one.clientHeight);
    }""")
    assert longer == [True, False]


async def test_whoever_was_not_there_is_put_back_first(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    number = await steps.take_number(phone, "heping", "broadband")
    await steps.open_counter(tablet)
    await steps.call(tablet, number)
    await steps.press(tablet, "recall")
    await expect(tablet.locator("[data-again]")).to_contain_text("2")
    await steps.press(tablet, "no-show")
    await steps.phase_is(phone, "no_show")
    await tablet.click(".absent summary")
    await tablet.locator("[data-absent] li", has_text=number).locator("button").click()
    await steps.phase_is(phone, "next")
    await steps.serve_and_close(tablet, number)


async def test_what_is_refused_is_said_on_the_page(window: Windows, sign_in: SignIn) -> None:
    tablet, other, phone = await window(1024, 768), await window(1024, 768), await window()
    await sign_in(tablet, "clerk3", "/clerk")
    number = await steps.take_number(phone, "heping", "bill")
    await steps.open_counter(tablet)
    await sign_in(other, "clerk3", "/clerk")
    await steps.call(other, number)
    await steps.phase_is(tablet, "called")
    await tablet.evaluate("document.body.dataset.phase = 'idle'")
    await steps.press(tablet, "call")
    await expect(tablet.locator("[data-refusal]")).to_contain_text("still has a ticket")
    await tablet.reload()
    await steps.finish(tablet)
    await steps.press(tablet, "close")


async def test_what_is_refused_pushes_no_button_away(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk3", "/clerk")
    number = await steps.take_number(phone, "heping", "bill")
    await steps.open_counter(tablet)
    await steps.call(tablet, number)
    await tablet.route("**/clerk", lambda route: route.abort())
    await steps.press(tablet, "recall")
    await expect(tablet.locator("[data-refusal]")).to_contain_text("The network is gone")
    await expect(tablet.locator("button[value=start]")).to_be_in_viewport(ratio=1)
    await expect(tablet.locator(".keys")).to_be_in_viewport(ratio=1)
    await tablet.unroute("**/clerk")
    await steps.finish(tablet)
    await steps.press(tablet, "close")


async def test_without_a_script_the_buttons_are_forms(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768, java_script_enabled=False), await window()
    await sign_in(tablet, "clerk4", "/clerk")
    number = await steps.take_number(phone, "heping", "device")
    await steps.press(tablet, "open")
    await steps.call(tablet, number)
    await steps.phase_is(phone, "called")
    await steps.finish(tablet)
    await steps.press(tablet, "close")
    await steps.phase_is(tablet, "closed")


async def test_the_filter_shows_only_what_was_asked_for(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    number = await steps.take_number(phone, "heping", "bill")
    await expect(tablet.locator("[data-line]")).to_contain_text(number)
    await tablet.fill("[data-filter]", number)
    await expect(tablet.locator("[data-line] li:visible")).to_have_count(1)


async def test_headquarters_choose_the_counter(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "hq", "/clerk")
    await tablet.get_by_role("link", name="Counter 3 Nankai hall").click()
    await expect(tablet.locator(".desk__counter")).to_have_text("Counter 3")


async def test_calling_the_next_completes_who_is_served(window: Windows, sign_in: SignIn) -> None:
    tablet, first, second = await window(1024, 768), await window(), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    await steps.open_counter(tablet)
    number = await steps.take_number(first, "heping", "sim")
    await steps.take_number(second, "heping", "sim")
    await steps.call(tablet, number)
    await steps.press(tablet, "start")
    await steps.phase_is(tablet, "serving")
    await steps.key(tablet, "c")
    await steps.phase_is(tablet, "called")
    await steps.phase_is(first, "completed")
    await steps.finish(tablet)
    await steps.press(tablet, "close")


async def test_whoever_is_parked_comes_back_by_a_key(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk3", "/clerk")
    number = await steps.serve_at(tablet, phone)
    await steps.key(tablet, "p")
    await expect(tablet.locator("[data-toast]")).to_contain_text(f"{number} is parked and keeps its turn.")
    await expect(tablet.locator("[data-parked]")).to_contain_text(number)
    await steps.key(tablet, "u")
    await expect(tablet.locator("[data-line]")).to_contain_text(number)
    await steps.phase_is(tablet, "idle")
    await steps.serve_and_close(tablet, number)


async def test_a_no_show_is_undone_where_it_is_said(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk4", "/clerk")
    number = await steps.take_number(phone, "heping", "broadband")
    await steps.open_counter(tablet)
    await steps.call(tablet, number)
    await steps.key(tablet, "n")
    await steps.phase_is(phone, "no_show")
    await tablet.get_by_role("button", name="Undo").click()
    await steps.phase_is(phone, "next")
    await steps.serve_and_close(tablet, number)


async def test_a_claimed_class_waits_for_a_look(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    numbers = [await steps.claim(phone, "heping", "sim", "priority") for _ in range(2)]
    for number, button, badges in zip(numbers, ("Confirm", "Not so"), (1, 0), strict=True):
        row = tablet.locator("[data-line] .line__row", has_text=number)
        await expect(row.locator(".line__claim")).to_contain_text("says: priority")
        await row.get_by_role("button", name=button).click()
        await expect(row.locator(".line__claim")).to_be_hidden()
        await expect(row.locator(".badge--class:visible")).to_have_count(badges)


async def test_a_counter_is_taken_over_and_its_clerk_sees_it(window: Windows, sign_in: SignIn) -> None:
    first, second = await window(1024, 768), await window(1024, 768)
    await sign_in(first, "clerk3", "/clerk")
    await steps.open_counter(first)
    await sign_in(second, "clerk4", "/clerk")
    await second.goto("/clerk?counter=heping-3")
    await expect(second.locator(".present__who")).to_contain_text("Clerk 3 has this counter since")
    await second.get_by_role("button", name="Take over").click()
    await steps.phase_is(second, "idle")
    await expect(first.locator(".present__who")).to_contain_text("Clerk 4 has this counter since")
    await steps.press(second, "close")
    await steps.phase_is(first, "closed")


async def test_a_pause_stops_the_big_button_until_it_ends(window: Windows, sign_in: SignIn) -> None:
    tablet, office = await window(1024, 768), await window()
    await sign_in(tablet, "clerk4", "/clerk")
    await steps.open_counter(tablet)
    await steps.come(office, "heping", ["sim"])
    words = {"zh-CN": "停电", "en": "The power is off."}
    await steps.by_staff(office, "/halls/heping/pause", {"issuing": False, "calling": True, "message": words})
    await expect(tablet.locator("[data-paused-bar]")).to_have_text(PAUSED, use_inner_text=True)
    await expect(tablet.locator(".button--big:visible")).to_be_disabled()
    await expect(tablet.locator(".line__call:visible").first).to_be_disabled()
    await steps.by_staff(office, "/halls/heping/pause", method="DELETE")
    await expect(tablet.locator("[data-paused-bar]")).to_be_hidden()
    await expect(tablet.locator(".button--big:visible")).to_be_enabled()
    await steps.press(tablet, "close")


async def test_all_of_it_by_keyboard(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk4", "/clerk")
    number = await steps.take_number(phone, "heping", "sim")
    await steps.open_counter(tablet)
    await steps.key(tablet, "f")
    await tablet.keyboard.type(number)
    await press_on(tablet, f"Call {number}")
    await steps.phase_is(tablet, "called")
    await steps.key(tablet, "r")
    await expect(tablet.locator("[data-again]")).to_contain_text("2")
    await steps.key(tablet, "m")
    await expect(tablet.locator("#sheet-title")).to_have_text(number)
    await tablet.keyboard.press("Escape")
    await expect(tablet.locator("#line")).to_be_visible()
    await steps.key(tablet, "t")
    await press_on(tablet, f"Transfer {number}")
    await expect(tablet.locator("[data-toast]")).to_contain_text(f"{number} waits for SIM cards and numbers now")
    await steps.phase_is(tablet, "idle")
    await steps.serve_and_close(tablet, number)


async def test_letters_do_nothing_once_they_are_switched_off(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "clerk2", "/clerk")
    await tablet.get_by_role("button", name="Letter keys").click()
    await tablet.reload()
    await steps.key(tablet, "g")
    await expect(tablet.locator("#line")).to_be_visible()
    await tablet.get_by_role("button", name="Letter keys").click()
    await steps.key(tablet, "g")
    await expect(tablet.locator("#sheet-title")).to_have_text("Give a number")


async def test_whoever_waits_while_the_counter_stands_free_is_said_to(window: Windows, sign_in: SignIn) -> None:
    tablet, phone = await window(1024, 768), await window()
    await sign_in(tablet, "clerk2", "/clerk")
    await steps.open_counter(tablet)
    number = await steps.take_number(phone, "heping", "sim")
    await expect(tablet.get_by_text("Somebody waits while you are free")).to_be_visible(timeout=30_000)
    await steps.call(tablet, number)
    await expect(tablet.get_by_text("Somebody waits while you are free")).to_be_hidden()
    await steps.finish(tablet)
    await steps.press(tablet, "close")


async def test_nothing_is_too_small_for_a_thumb(window: Windows, sign_in: SignIn) -> None:
    page, phone = await window(), await window()
    await sign_in(page, "clerk2", "/clerk")
    await steps.claim(phone, "heping", "sim", "priority")
    await page.wait_for_selector(".line__claim:visible")
    for path in ("/clerk", "/clerk?sheet=number"):
        await page.goto(path)
        assert await page.evaluate(SMALL_TARGETS) == []
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
