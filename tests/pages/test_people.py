"""A hall's people, programs' keys and what was done, as a manager's browser meets them."""

import pytest
from playwright.async_api import Page, expect

from tests.pages.conftest import SignIn, Windows
from tests.pages.keyboard import complaints, misfits, press_on, unfold

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PEOPLE, AUDIT = "/manage/nankai/people", "/manage/nankai/audit"
WIDE = (1280, 800)


async def add(page: Page, username: str) -> None:
    await page.locator("#new-person summary").click()
    await page.fill("#new-name", "王芳")
    await page.fill("#new-username", username)
    await page.fill("#password-new", "a long password")
    await page.locator("#new-person form [type=submit]").click()


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_axe_finds_nothing_and_both_pages_fit_a_phone(locale: str, window: Windows, sign_in: SignIn) -> None:
    page = await window(*WIDE, locale=locale)
    await sign_in(page, "hq", PEOPLE)
    await unfold(page)
    found = [await complaints(page) + await misfits(page)]
    await page.goto(PEOPLE)
    await add(page, "clerk1")
    await page.wait_for_selector(".note--stop")
    found.append(await complaints(page))
    for address in (AUDIT, f"{AUDIT}?ticket=Z999", f"{AUDIT}?cursor=x"):
        await page.goto(address)
        await unfold(page)
        found.append(await complaints(page) + await misfits(page))
    assert found == [[]] * 5


async def test_a_clerk_is_added_signs_in_and_is_signed_out(window: Windows, sign_in: SignIn) -> None:
    office, tablet = await window(*WIDE), await window(1024, 768)
    await sign_in(office, "hq", PEOPLE)
    await add(office, "wangfang")
    await expect(office.locator("#person-wangfang")).to_contain_text("Not signed in")
    await tablet.goto("/clerk?counter=nankai-3")
    await tablet.fill("#username", "wangfang")
    await tablet.fill("#password", "a long password")
    await tablet.click("main [type=submit]")
    await tablet.wait_for_selector(".desk__top")

    await office.reload()
    row = office.locator("#person-wangfang")
    await expect(row).to_contain_text("Signed in")
    await row.locator("summary").first.click()
    await row.get_by_role("button", name="End").click()

    await expect(office.locator("#person-wangfang")).to_contain_text("Not signed in")
    await expect(tablet.locator("#username")).to_be_visible(timeout=20_000)
    await office.goto(f"{AUDIT}?sort=session&actor=hq")
    await expect(office.locator(".done__row").first).to_contain_text("Session ended wangfang by somebody else")


async def test_by_keyboard_alone_a_key_is_made_shown_and_revoked(window: Windows, sign_in: SignIn) -> None:
    page = await window(*WIDE)
    await sign_in(page, "hq", PEOPLE)
    await press_on(page, "Make a key")
    await page.focus("#key-name")
    await page.keyboard.type("the wall")
    await page.keyboard.press("Enter")
    token = await page.locator(".token__text").inner_text()
    assert token.startswith("o2ok_")
    await press_on(page, "I have copied it")
    await expect(page.locator(".token")).to_have_count(0)
    await press_on(page, "Revoke the wall", "Yes, revoke it the wall")
    await expect(page.locator("body")).not_to_contain_text("the wall")
