"""Slow answers, cut ones, and browsers that keep nothing: nobody gets a second number, or the wrong sheet."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

KEEP_PRESSING = "() => { setInterval(() => document.querySelector('.sheet [type=submit]').click(), 100); }"

WIDEST_ICON = (
    "() => Math.max(...Array.from(document.querySelectorAll('svg'), (icon) => icon.getBoundingClientRect().width))"
)

# Ten times somebody looks at a page for a moment, an hour after the last time; how long it waits to be live again.
LOOKS = """async () => {
    const { Stream } = await import("/static/js/lib/stream.js");
    let [now, hidden] = [Date.now(), false];
    const opened = [];
    const timers = [];
    Date.now = () => now;
    Object.defineProperty(document, "hidden", { get: () => hidden });
    window.WebSocket = class { constructor() { opened.push(this); } close() {} };
    window.setTimeout = (work, wait) => timers.push({ work, wait });
    new Stream("/ws/tickets/t", { reduce: (state) => state, changed: () => {}, linked: () => {} });
    return Array.from({ length: 10 }, () => {
        opened.at(-1).onmessage({ data: '{"type":"snapshot","epoch":"1","version":1,"state":{}}' });
        for (const one of [true, false]) {
            hidden = one;
            now += 3_600_000;
            document.dispatchEvent(new Event("visibilitychange"));
        }
        const { work, wait } = timers.at(-1);
        work();
        return wait;
    });
}"""


async def test_pressing_again_while_the_ticket_is_on_its_way_takes_no_second_one(window: Windows) -> None:
    phone = await window()
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.method))
    await phone.goto("/halls/nankai?service=sim")

    async def slowly(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    await phone.route("**/t/*?k=*", slowly)
    await phone.evaluate(KEEP_PRESSING)
    await phone.wait_for_selector(".pass")
    assert sent.count("POST") == 1


@pytest.mark.parametrize("body", ['{"id":"', "<html>Sign in to this network</html>"])
async def test_an_answer_that_is_cut_or_not_ours_is_asked_for_again_with_the_same_key(
    body: str, window: Windows
) -> None:
    phone = await window()
    keys: list[str] = []
    await phone.goto("/halls/nankai?service=sim")

    async def cut(route: Route) -> None:
        await route.fetch()
        await route.fulfill(status=201, body=body)

    await phone.route("**/api/v1/halls/nankai/tickets", cut, times=1)
    phone.on("request", lambda request: keys.append(request.headers.get("idempotency-key", "")))
    await phone.click(".sheet [type=submit]")
    await expect(phone.locator("[data-refusal]")).to_contain_text("Nothing is lost", timeout=5000)
    await phone.click(".sheet [type=submit]")
    await phone.wait_for_selector(".pass")
    assert len(list(filter(None, keys))) == 2
    assert len(set(filter(None, keys))) == 1


async def test_however_often_somebody_looks_the_page_is_live_again_at_once(window: Windows) -> None:
    phone = await window()
    await steps.take_number(phone, "nankai", "sim")
    waits = await phone.evaluate(LOOKS)
    assert max(waits) <= 500


@pytest.mark.parametrize("late", [0, 1])
async def test_whichever_sheet_comes_late_the_one_that_was_chosen_last_stays(
    late: int, window: Windows, sign_in: SignIn
) -> None:
    """The first one's ticket changes, once it is there, while the second one is on its way."""
    tablet = await window(1024, 768)
    tickets = await steps.come(tablet, "heping", ["bill", "bill"])
    await sign_in(tablet, "clerk2", "/clerk")
    came = asyncio.Event()

    async def slowly(route: Route) -> None:
        answer = await route.fetch()
        await asyncio.sleep(1)
        await route.fulfill(response=answer)
        came.set()

    await tablet.route(f"**/clerk?*ticket={tickets[late]}*", slowly)
    for ticket in tickets:
        await tablet.locator(f'[data-line] .line__about[href*="{ticket}"]').evaluate("(link) => link.click()")
        await asyncio.sleep(0.3)
    await tablet.evaluate("() => document.querySelector('[data-sheet]').dispatchEvent(new Event('stale'))")
    await came.wait()
    await asyncio.sleep(0.5)
    assert await tablet.get_attribute("[data-sheet]", "data-ticket") == tickets[1]
    for ticket in tickets:
        await steps.by_staff(tablet, f"/tickets/{ticket}/cancellation")


async def test_a_sheet_that_is_drawn_anew_while_its_form_is_on_its_way_closes(window: Windows, sign_in: SignIn) -> None:
    """The stream may tell of what was done before the answer does."""
    tablet = await window(1024, 768)
    [ticket] = await steps.come(tablet, "heping", ["bill"])
    await sign_in(tablet, "clerk2", "/clerk")
    await tablet.locator(f'[data-line] .line__about[href*="{ticket}"]').click()
    await tablet.get_by_text("End this ticket").click()

    async def after_the_stream(route: Route) -> None:
        answer = await route.fetch()
        await tablet.evaluate("() => document.querySelector('[data-sheet]').dispatchEvent(new Event('stale'))")
        await asyncio.sleep(1)
        await route.fulfill(response=answer)

    await tablet.route("**/clerk", after_the_stream)
    await tablet.get_by_label("Reason").last.fill("went home")
    await tablet.get_by_role("button", name="Yes, end").click()
    await expect(tablet.locator("[data-toast]")).to_contain_text("has ended.", timeout=5000)
    await expect(tablet.locator("#sheet-title")).to_have_count(0, timeout=5000)


@pytest.mark.parametrize(
    "storage",
    [
        """Object.defineProperty(window, "localStorage", { get() { throw new DOMException("", "SecurityError"); } })""",
        """Object.defineProperty(window, "localStorage", { value: null })""",
        """Storage.prototype.setItem = () => { throw new DOMException("", "QuotaExceededError"); }""",
    ],
)
async def test_a_counter_is_live_where_the_browser_keeps_nothing(
    storage: str, window: Windows, sign_in: SignIn
) -> None:
    tablet = await window(1024, 768)
    await tablet.add_init_script(storage)
    await sign_in(tablet, "clerk2", "/clerk")
    await tablet.keyboard.press("g")
    await expect(tablet.locator("#sheet-title")).to_be_visible(timeout=5000)
    await tablet.click("[data-letter-keys]")
    await expect(tablet.locator("[data-letter-keys]")).to_have_attribute("aria-pressed", "false")


async def test_a_ticket_whose_style_did_not_come_says_only_what_is_so(window: Windows) -> None:
    phone, office = await window(), await window()
    await phone.route("**/static/css/**", lambda route: route.abort())
    await phone.goto("/halls/nankai")
    await phone.get_by_label("Broadband").check()
    await phone.get_by_role("button", name="Take a number").click()
    said = phone.locator(".pass__truth p:visible")
    await expect(said).to_have_count(1)
    await steps.by_staff(office, f"/tickets/{phone.url.rsplit('/', 1)[1]}/parking")
    await expect(said).to_have_text(re.compile("Your visit is on hold"))
    assert await phone.evaluate(WIDEST_ICON) <= 64
