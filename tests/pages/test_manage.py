"""A hall's manager: every tab in both languages, by keyboard alone, on a phone and on a desk."""

import pytest
from playwright.async_api import expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows
from tests.pages.keyboard import complaints, misfits, tab_to, unfold
from tests.pages.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HALL = "/manage/heping"
TABS = ("", "/pause", "/rules", "/counters", "/services", "/hours")
COME = ("sim", "bill", "sim", "broadband", "device", "sim", "bill", "device", "sim")
WIDE, NARROW = (1280, 800), (360, 740)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_axe_finds_nothing_on_any_tab_and_each_fits_a_phone(
    locale: str, window: Windows, sign_in: SignIn
) -> None:
    page = await window(*WIDE, locale=locale)
    await sign_in(page, "manager", HALL)
    found = {}
    for tab in TABS:
        await page.goto(HALL + tab)
        await unfold(page)
        found[tab] = await complaints(page) + await misfits(page)
    assert found == {tab: [] for tab in TABS}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_a_refused_form_keeps_what_was_typed_and_axe_finds_nothing(
    locale: str, window: Windows, sign_in: SignIn
) -> None:
    page = await window(*WIDE, locale=locale)
    await sign_in(page, "manager", f"{HALL}/services")
    row = page.locator("#service-bill")
    await row.locator("summary").click()
    await row.locator("[name=en]").fill("Typed")
    await row.locator("[name=prefix]").fill("A")
    await row.locator("form.sheet [type=submit]").click()
    await expect(row.locator("[name=en]")).to_have_value("Typed")
    await expect(row.locator("[name=prefix]")).to_be_focused()
    await expect(row.locator("[name=prefix]")).to_have_attribute("aria-invalid", "true")
    assert await complaints(page) == []


async def test_hours_are_typed_only_where_they_hold(window: Windows, sign_in: SignIn) -> None:
    page = await window(*WIDE)
    await sign_in(page, "manager", f"{HALL}/hours")
    await expect(page.get_by_label("Monday")).to_be_hidden()
    await page.get_by_label("Hours by weekday").check()
    await page.get_by_label("Monday").fill("not hours")
    await page.get_by_label("Open round the clock").check()
    await expect(page.get_by_label("Monday")).to_be_hidden()
    await page.locator("#hours [type=submit]").click()
    await expect(page.locator(".note--go").first).to_contain_text("Saved")


async def test_by_keyboard_alone_a_counter_is_added_and_taken_away(window: Windows, sign_in: SignIn) -> None:
    page = await window(*WIDE)
    await sign_in(page, "manager", HALL)
    await tab_to(page, "Counters")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/counters")
    before = await page.locator("li.row h2").count()
    await tab_to(page, "Add a counter")
    await page.keyboard.press("Enter")
    await tab_to(page, "Add")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**?done=saved*")
    await expect(page.locator("li.row h2")).to_have_count(before + 1)
    await page.locator("li.row h2").last.evaluate("(title) => title.closest('li').querySelector('summary').focus()")
    for name in ("Name and services Counter 5", "Take it away Counter 5", "Yes, take it away Counter 5"):
        await tab_to(page, name)
        await page.keyboard.press("Enter")
    await expect(page.locator("li.row h2")).to_have_count(before)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_two_presses_stop_the_hall_and_two_let_it_go_on(locale: str, window: Windows, sign_in: SignIn) -> None:
    page = await window(*NARROW, locale=locale)
    await sign_in(page, "manager", HALL)
    await page.focus(".button--halt")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/pause")
    await page.locator(".cause").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**?done=paused")
    words = await page.inner_text(".halted__words")
    assert await complaints(page) == []
    await page.goto(HALL)
    await expect(page.locator("#paused .note")).to_contain_text(words)
    assert await complaints(page) == []
    await page.click("#paused a")
    await page.click(".button--resume")
    await page.wait_for_url("**?done=resumed")
    await expect(page.locator(".halted")).to_have_count(0)


async def test_a_service_that_is_closed_is_said_so_on_the_page_of_now(window: Windows, sign_in: SignIn) -> None:
    page = await window(*WIDE)
    await sign_in(page, "manager", f"{HALL}/services")
    await page.get_by_role("button", name="Close Broadband").click()
    await expect(page.locator("#service-broadband")).to_contain_text("Closed")
    await page.goto(HALL)
    await expect(page.locator("#services li").nth(2)).to_contain_text("closed: gives no numbers")
    await page.goto(f"{HALL}/services")
    await page.get_by_role("button", name="Open Broadband").click()
    await expect(page.locator("#service-broadband .state")).to_have_text("Open")


async def test_the_hall_now_is_live(window: Windows, sign_in: SignIn) -> None:
    page, tablet, phone = await window(*WIDE), await window(1024, 768), await window()
    await sign_in(page, "manager", HALL)
    await sign_in(tablet, "clerk3", "/clerk")
    number = await steps.take_number(phone, "heping", "device")
    await steps.open_counter(tablet)
    await expect(page.locator("#counters li").nth(2)).to_contain_text("Clerk 3")
    await steps.call(tablet, number)
    await expect(page.locator("#counters li").nth(2)).to_contain_text(f"called {number}")
    await steps.finish(tablet)
    await expect(page.locator("#counters li").nth(2)).to_contain_text("free")
    await steps.press(tablet, "close")
    await steps.phase_is(tablet, "closed")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_a_busy_hall_is_whole_without_a_script(locale: str, window: Windows, sign_in: SignIn) -> None:
    """With `O2O_PICTURES=docs/pictures` it also takes the README's pictures."""
    page, tablets = await window(1280, 860, locale=locale, java_script_enabled=False), []
    await steps.come(page, "heping", COME)
    for clerk in ("clerk2", "clerk3"):
        tablets.append(await window(1024, 768))
        await sign_in(tablets[-1], clerk, "/clerk")
        await steps.open_counter(tablets[-1])
        await steps.press(tablets[-1], "call")
        await steps.phase_is(tablets[-1], "called")
    await steps.press(tablets[0], "start")
    await steps.phase_is(tablets[0], "serving")
    await sign_in(page, "manager", HALL)
    await expect(page.locator("#counters .state--go")).to_have_count(1)
    await expect(page.locator("#counters .state--wait")).to_have_count(1)
    await expect(page.locator(".curve__people rect")).not_to_have_count(0)
    await picture(page, f"manage-{locale}")
    await steps.press(tablets[1], "start")
    for tablet in tablets:
        await steps.press(tablet, "complete")
        await steps.phase_is(tablet, "idle")
        await steps.press(tablet, "close")


async def test_ones_own_pin_and_password_are_reached_from_a_phone_too(window: Windows, sign_in: SignIn) -> None:
    page = await window(*NARROW)
    await sign_in(page, "manager", HALL)
    await page.click(".lock a:visible")
    await page.click("a[href^='/password']")
    await expect(page.locator("#new")).to_be_visible()


async def test_a_lost_line_is_said_above_everything(window: Windows, sign_in: SignIn) -> None:
    desk = await window(1280, 800)
    await sign_in(desk, "manager", "/manage/heping")
    tops = await desk.evaluate("""() => {
        document.querySelector("[data-stale]").hidden = false;
        return ["[data-stale]", "main"].map((part) => document.querySelector(part).getBoundingClientRect().top);
    }""")
    assert tops[0] < tops[1]


@pytest.mark.parametrize("path", ["/manage", "/stock", "/picking", "/clerk", "/audit", "/outbox", "/display/pair"])
async def test_wherever_headquarters_are_they_see_who_they_are_and_can_go(
    path: str, window: Windows, sign_in: SignIn
) -> None:
    page = await window(*NARROW)
    await sign_in(page, "hq", path)
    await expect(page.locator("header.manage__top")).to_contain_text("Headquarters")
    await expect(page.get_by_role("button", name="Lock")).to_be_visible()
    await expect(page.get_by_role("link", name="Where I work")).to_have_attribute("href", "/manage")
    assert await complaints(page) + await misfits(page) == []
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in")


async def test_headquarters_find_the_stock_and_the_parcels_from_their_halls(window: Windows, sign_in: SignIn) -> None:
    page = await window(*NARROW)
    await sign_in(page, "hq", "/manage")
    await page.get_by_role("link", name="The stock of halls and warehouses").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Whose stock?")
    await page.goto("/manage")
    await page.get_by_role("link", name="To pick and send").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("To pick and send")
