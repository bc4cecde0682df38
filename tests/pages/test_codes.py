"""Codes, posters and screens of a hall, for its manager; and the code on paper, for whoever scans it."""

from typing import Final
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import Page, expect

from tests.pages.conftest import SignIn, Windows
from tests.pages.keyboard import complaints, misfits, press_on, tab_to, unfold
from tests.pages.scanning import scanned
from tests.pages.steps import pair, take_number

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CODES, POSTER, SCREENS = "/manage/heping/codes", "/manage/heping/poster", "/manage/heping/screens"
PAGES = (CODES, SCREENS, POSTER, f"{POSTER}?size=80mm&counter=heping-3")
WIDE, NARROW = (1280, 800), (360, 740)
WECHAT: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.60"
)
DPI: Final = 150
POINTS: Final = 72


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_axe_finds_nothing_and_all_of_it_fits_a_phone(
    locale: str, reachable: str, window: Windows, sign_in: SignIn
) -> None:
    page = await window(*WIDE, locale=locale, base_url=reachable)
    await sign_in(page, "manager", CODES)
    found = {}
    for path in PAGES:
        await page.goto(path)
        await unfold(page)
        found[path] = await complaints(page) + await misfits(page)
    assert found == {path: [] for path in PAGES}


async def test_by_keyboard_alone_a_code_is_replaced(reachable: str, window: Windows, sign_in: SignIn) -> None:
    page = await window(*WIDE, base_url=reachable)
    await sign_in(page, "manager", CODES)
    before = await page.locator(".code--door img").get_attribute("src")
    await press_on(page, "Replace The hall's door")
    await tab_to(page, "Yes, replace the code")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("There is a new code")
    assert await page.locator(".code--door img").get_attribute("src") != before


@pytest.mark.parametrize("script", [True, False])
async def test_by_keyboard_alone_a_screen_is_paired_named_and_taken_off(
    script: bool, window: Windows, sign_in: SignIn
) -> None:
    tv, page = await window(1920, 1080), await window(*WIDE, java_script_enabled=script)
    await tv.goto("/display")
    await sign_in(page, "manager", SCREENS)
    if not await page.locator("#code").is_visible():
        await press_on(page, "Pair a screen")
    await page.locator("#code").focus()
    await page.keyboard.type(str(await tv.get_attribute("[data-code]", "data-code")))
    await page.keyboard.press("Tab")
    await page.keyboard.type(f"Left of the door {script}")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The screen is paired")
    await tv.wait_for_selector(".board")

    row = page.locator("li.row", has=page.get_by_role("heading", name=f"Left of the door {script}"))
    await row.locator("summary").first.focus()
    await page.keyboard.press("Enter")
    await row.locator("summary").last.focus()
    await page.keyboard.press("Enter")
    await row.get_by_role("button", name="Yes, take it off").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The screen is taken off")
    await expect(tv.locator(".pairing__off")).to_contain_text("A manager has taken this screen off Heping hall")
    assert await complaints(tv) == []


async def test_a_screen_shows_the_new_code_of_a_hall_by_itself(window: Windows, sign_in: SignIn) -> None:
    tv, page = await window(1920, 1080), await window(*WIDE)
    await sign_in(page, "hq", "/display/pair")
    await pair(tv, page, "nankai")
    old = str(await tv.get_attribute("[data-code-picture]", "src"))
    await page.goto("/manage/nankai/codes")
    await press_on(page, "Replace The hall's door")
    await tab_to(page, "Yes, replace the code")
    await page.keyboard.press("Enter")
    await expect(tv.locator("[data-code-picture]")).not_to_have_attribute("src", old)
    assert (await page.request.get(str(await tv.get_attribute("[data-code-picture]", "src")))).ok
    assert (await page.request.get(old)).status == 404


@pytest.mark.parametrize("size", ["a4", "80mm"])
async def test_a_poster_prints_on_one_page_and_can_be_scanned_from_it(
    size: str, reachable: str, window: Windows, sign_in: SignIn
) -> None:
    page = await window(*WIDE, locale="zh-CN", color_scheme="dark", base_url=reachable)
    await sign_in(page, "manager", f"{POSTER}?size={size}&counter=heping-3&s=door")
    (sheet,) = pypdfium2.PdfDocument(await page.pdf(prefer_css_page_size=True))
    image = sheet.render(scale=DPI / POINTS, grayscale=True).to_pil()
    (found,) = zxingcpp.read_barcodes(image)

    assert round(sheet.get_width() / POINTS * 25.4) == {"a4": 210, "80mm": 80}[size]
    assert found.text.startswith("https://hall.example/q/")
    assert found.text.endswith("?s=door")
    assert image.getpixel((2, 2)) == 255


@pytest.mark.parametrize("script", [True, False])
async def test_who_scans_a_poster_takes_a_number_and_is_counted(
    script: bool, reachable: str, window: Windows, sign_in: SignIn
) -> None:
    office = await window(*WIDE, base_url=reachable)
    phone = await window(*NARROW, base_url=reachable, user_agent=WECHAT, java_script_enabled=script)
    await sign_in(office, "manager", f"{POSTER}?size=a4&counter=heping-3&s=window")
    link = urlsplit(await scanned(office, ".poster__code"))

    await phone.goto(f"{link.path}?{link.query}")
    await expect(phone.get_by_text("You are at counter 3")).to_be_visible()
    assert not script or await complaints(phone) == []
    await phone.click("label[for=service-sim]")
    await phone.click(".sheet [type=submit]")
    await phone.wait_for_selector(".pass")

    await _until_counted(office, "in the window")


@pytest.mark.parametrize("script", [True, False])
async def test_a_clerk_finds_a_ticket_by_the_code_that_its_owner_shows(
    script: bool, window: Windows, sign_in: SignIn
) -> None:
    phone, tablet, stranger = await window(), await window(1024, 768, java_script_enabled=script), await window()
    number = await take_number(phone, "heping", "broadband")
    await phone.get_by_text("Show my code").click()
    link = urlsplit(await scanned(phone, ".showing img"))
    await sign_in(tablet, "clerk2", "/clerk")

    await tablet.goto(link.path)
    await expect(tablet.locator("#sheet-title")).to_have_text(number)
    await expect(tablet.locator(".sheet__who")).to_contain_text("Broadband · in the line")
    answer = await stranger.goto(link.path)
    assert answer is not None
    assert answer.status == 404


async def test_without_an_address_that_phones_reach_the_page_says_what_to_set(window: Windows, sign_in: SignIn) -> None:
    page = await window(*WIDE)
    await sign_in(page, "manager", CODES)
    await expect(page.get_by_role("alert").first).to_contain_text("Set O2O_BASE_URL")
    await expect(page.get_by_role("link", name="Poster")).to_have_count(0)
    assert await complaints(page) == []


async def test_a_hall_that_nobody_scanned_is_told_where_to_hang_its_code(window: Windows, sign_in: SignIn) -> None:
    page = await window(*WIDE)
    await sign_in(page, "hq", "/manage/xiqing/codes")
    await expect(page.get_by_text("Nobody has scanned a code in the last 30 days.")).to_be_visible()


async def _until_counted(office: Page, source: str) -> None:
    """Scans are written every ten seconds; the page is not live."""
    for _look in range(30):
        await office.goto(CODES)
        if await office.locator(".bar", has_text=source).count():
            return
        await office.wait_for_timeout(1_000)
    message = f"nobody was counted {source}"
    raise AssertionError(message)
