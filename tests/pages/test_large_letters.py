"""Letters of twice their size on the narrowest phone, and long numbers: nothing is cut off, or beside the page."""

import pytest
from playwright.async_api import Page

from tests.pages import steps
from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TWICE = "() => { document.documentElement.style.fontSize = '200%'; }"
PAGES = (
    "/",
    "/halls/heping",
    "/halls/heping?service=sim",
    "/products?hall=heping",
    "/p/router-ax3000?hall=heping",
    "/p/watch-s3?hall=heping",
    "/checkout?sku=router-ax3000&hall=heping&fulfilment=delivery",
    "/nowhere",
)
# With reduced motion all that changes takes a moment of nearly no time, and is measured before it.
AT_ONCE = {"reduced_motion": "no-preference"}
# The words that reach out of the page, or lie below a button beside them; a strip of wishes is to be pushed aside.
HIDDEN = """() => {
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (words.nextNode()) {
        const [text, parent] = [words.currentNode, words.currentNode.parentElement];
        if (!text.data.trim() || !parent.checkVisibility()) continue;
        if (parent.closest(".unseen, .skip, .chips, noscript, select")) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const { left, right } = range.getBoundingClientRect();
        const room = parent.closest(".good")?.getBoundingClientRect() || { left: 0, right: innerWidth };
        if (left < room.left - 1 || right > room.right + 1) found.push(text.data.trim());
    }
    return found;
}"""
WRITE = """(number) => {
    const place = document.querySelector('.pass__number');
    place.dataset.letters = number.length;
    place.querySelector('[data-field=number]').textContent = number;
}"""
NUMBER_IN_ITS_PASS = """() => {
    const [number, pass] = [".pass__number [data-field=number]", ".pass"]
        .map((place) => document.querySelector(place).getBoundingClientRect());
    return pass.left <= number.left && number.right <= pass.right;
}"""


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_letters_of_twice_their_size_stay_on_the_page(locale: str, window: Windows) -> None:
    phone = await window(320, 640, locale=locale, **AT_ONCE)
    found = {path: await _hidden(phone, path) for path in PAGES}
    assert found == {path: [] for path in PAGES}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_a_basket_an_order_and_a_ticket_in_letters_of_twice_their_size(locale: str, window: Windows) -> None:
    phone = await window(320, 640, locale=locale, **AT_ONCE)
    for sku in ("case-x200", "router-ax3000"):
        await phone.goto(f"/p/{sku}?hall=heping")
        await phone.click("form[action='/basket/lines'] button")
    assert await _hidden(phone, "/basket") == []
    await phone.goto("/checkout?sku=case-x200&hall=heping&fulfilment=pickup")
    await phone.fill("[name=phone]", f"1391111{locale == 'en':04}")
    await phone.click("main [type=submit]")
    await phone.wait_for_url("**/o/*")
    assert await _hidden(phone) == []
    await steps.take_number(phone, "nankai", "sim")
    for fold in await phone.locator("summary:visible").all():
        await fold.click()
    assert await _hidden(phone) == []


@pytest.mark.parametrize("number", ["A999", "A1000", "W1000", "VIP100", "ABC1000"])
@pytest.mark.parametrize("width", [320, 360, 740])
async def test_a_number_of_any_length_stays_in_its_pass(number: str, width: int, window: Windows) -> None:
    phone = await window(width, 740, **AT_ONCE)
    taken = await steps.take_number(phone, "nankai", "sim")
    assert await phone.get_attribute(".pass__number", "data-letters") == str(len(taken))
    await phone.evaluate(WRITE, number)
    assert await phone.evaluate(NUMBER_IN_ITS_PASS)


async def _hidden(phone: Page, path: str | None = None) -> list[str]:
    if path:
        await phone.goto(path)
    await phone.evaluate(TWICE)
    return list(await phone.evaluate(HIDDEN))
