"""axe finds nothing: each page, in each of its states, in both languages and (`complaints`) colour schemes."""

import time

import pytest
from playwright.async_api import Page

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows
from tests.pages.keyboard import complaints, unfold

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("locale", ["zh-CN", "en"]),
]

PHASES = (
    "waiting", "one", "next", "called", "serving", "parked", "completed", "no_show", "left", "cancelled", "reset"
)  # fmt: skip
TOLD = "[data-stale], [data-pause], [data-fact], [data-news]"
SHOW = "(told) => document.querySelectorAll(told).forEach((one) => (one.hidden = false))"
PHASE = """(phase) => {
    document.body.dataset.phase = phase;
    document.querySelectorAll(".pass__truth [data-when]").forEach((one) => (one.hidden = one.dataset.when !== phase));
}"""
PUBLIC_PAGES = (
    "/",
    "/?q=zzz&open=true",
    "/?lat=39.1&lon=117.2&service=sim",
    "/halls/heping?service=sim",
    "/p/phone-x200-black?hall=heping",
    "/p/router-ax3000?hall=heping",
    "/p/watch-s3",
    "/checkout?sku=phone-x200-black&hall=heping&fulfilment=pickup",
    "/checkout?sku=router-ax3000&hall=heping&fulfilment=delivery",
    "/products?hall=heping",
    "/products?q=zzz",
    "/p/case-x200?hall=heping&quantity=3",
    "/basket",
    "/nowhere",
)
HQ_PAGES = ("/clerk", "/pin", "/password", "/audit", "/outbox", "/picking", "/picking/heping", "/manage/heping/takings")
DESK_PHASES = ("closed", "taken", "idle", "called", "serving")


async def test_the_public_pages(locale: str, window: Windows) -> None:
    page = await window(locale=locale)
    found = {}
    for path in PUBLIC_PAGES:
        await page.goto(path)
        found[path] = await complaints(page)
    assert found == {path: [] for path in PUBLIC_PAGES}


async def test_a_basket_and_its_checkout(locale: str, window: Windows) -> None:
    page = await window(locale=locale)
    for sku in ("case-x200", "router-ax3000", "phone-x200-black"):
        await page.goto(f"/p/{sku}?hall=heping")
        await page.click("form[action='/basket/lines'] button")
    assert await complaints(page) == []
    await page.goto("/products?hall=heping")
    assert await complaints(page) == []
    await page.goto("/basket")
    await page.click(".basket__ways a")
    assert await complaints(page) == []


async def test_an_order_that_waits_in_the_hall(locale: str, window: Windows) -> None:
    page = await window(locale=locale)
    await page.goto("/checkout?sku=sim-5g&hall=heping&fulfilment=pickup")
    await page.fill("[name=phone]", f"1390000{time.time_ns() % 10_000:04}")
    await page.click("main [type=submit]")
    await page.wait_for_url("**/o/*")
    assert await complaints(page) == []


async def test_a_hall_with_all_that_can_be_asked_for(locale: str, window: Windows) -> None:
    page = await window(locale=locale)
    await page.goto("/halls/heping?service=sim")
    await unfold(page)
    assert await complaints(page) == []


async def test_a_hall_that_has_paused(locale: str, window: Windows) -> None:
    page, office = await window(locale=locale), await window()
    await steps.by_staff(office, "/halls/hexi/pause", {"issuing": True, "calling": True})
    await page.goto("/halls/hexi")
    assert await complaints(page) == []
    await steps.by_staff(office, "/halls/hexi/pause", method="DELETE")


async def test_a_refused_number(locale: str, window: Windows) -> None:
    page = await window(locale=locale)
    await page.goto("/halls/heping?service=sim")
    await page.fill("#phone", "1")
    await page.click(".sheet [type=submit]")
    await page.wait_for_selector("[data-refusal]:visible")
    assert await complaints(page) == []


async def test_a_ticket_in_each_of_its_states(locale: str, window: Windows) -> None:
    page = await window(locale=locale)
    await steps.take_number(page, "heping", "device")
    await unfold(page)
    await page.evaluate(SHOW, TOLD)
    complaints = {phase: await _complaints_in(page, phase) for phase in PHASES}
    assert complaints == {phase: [] for phase in PHASES}


async def test_the_counter_in_each_of_its_states(locale: str, window: Windows, sign_in: SignIn) -> None:
    page = await window(1024, 768, locale=locale)
    await steps.take_number(page, "heping", "device")
    await sign_in(page, "clerk4", "/clerk")
    complaints = {phase: await _complaints_in(page, phase) for phase in DESK_PHASES}
    assert complaints == {phase: [] for phase in DESK_PHASES}


async def test_the_sheets_of_the_counter(locale: str, window: Windows, sign_in: SignIn) -> None:
    page, phone = await window(1024, 768, locale=locale), await window()
    await steps.claim(phone, "heping", "device", "priority")
    await sign_in(page, "clerk4", "/clerk")
    await page.evaluate("document.body.dataset.paused = 'both'")
    await page.locator(".line__row:has(.line__claim:visible) .line__about").first.click()
    await page.wait_for_selector("[data-part=transfer]")
    for part in await page.locator(".part__head:visible").all():
        await part.click()
        assert await complaints(page) == []
    for key in ("Escape", "g"):
        await page.keyboard.press(key)
    await page.wait_for_selector("#give-phone")
    assert await complaints(page) == []
    await page.locator("[name=service]").last.check()
    await page.click("[value=issue]")
    await page.wait_for_selector(".given")
    assert await complaints(page) == []


async def test_the_pages_that_staff_pass_through(locale: str, window: Windows, sign_in: SignIn) -> None:
    page = await window(1024, 768, locale=locale)
    await page.goto("/sign-in")
    assert await complaints(page) == []
    await sign_in(page, "hq", "/display/pair")
    assert await complaints(page) == []
    for path in (*HQ_PAGES, "/clerk/sell?counter=heping-3", "/clerk/sell?counter=heping-3&sku=phone-x200-black"):
        await page.goto(path)
        assert await complaints(page) == []


async def test_the_display(locale: str, window: Windows, sign_in: SignIn) -> None:
    screen, office = await window(1920, 1080, locale=locale), await window()
    await screen.goto("/display")
    assert await complaints(screen) == []
    await sign_in(office, "manager", "/display/pair")
    await steps.pair(screen, office, "heping")
    await screen.wait_for_selector(".next__row")
    assert await complaints(screen) == []
    await steps.by_staff(office, "/halls/heping/pause", {"issuing": False, "calling": True})
    await screen.wait_for_selector("[data-halt]:visible")
    assert await complaints(screen) == []
    await steps.by_staff(office, "/halls/heping/pause", method="DELETE")


async def _complaints_in(page: Page, phase: str) -> list[str]:
    await page.evaluate(PHASE, phase)
    return await complaints(page)


async def test_the_codes_at_shelves(locale: str, window: Windows, sign_in: SignIn) -> None:
    page = await window(1024, 768, locale=locale)
    await sign_in(page, "manager", "/manage/heping/shelves")
    await page.fill("[name=shelf-case-x200]", "A1")
    await page.click("form:has([name=campaign]) [type=submit]")
    await page.locator(".renewal--move summary").first.click()
    assert await complaints(page) == []
