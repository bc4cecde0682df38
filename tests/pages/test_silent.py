"""Pages whose network says nothing, that were hidden, or whose clock was set."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PATIENCE_MS = 16_000
SPEAKS = "window.spoken = []; speechSynthesis.speak = (said) => window.spoken.push(said.text);"
CLOCK_IS_SET = "() => { const before = Date.now; Date.now = () => before() + 8 * 3600 * 1000; }"

# A page of facts whose stream and answers the test gives; what it has asked for is in `window.asked`.
LIVE_PAGE = """async () => {
    const { LivePage } = await import("/static/js/controllers/live_page.js");
    window.asked = [];
    window.fetch = (url, { signal } = {}) => new Promise((answer, fail) => {
        asked.push({ answer: () => answer(new Response("<main></main>")) });
        signal?.addEventListener("abort", () => fail(signal.reason));
    });
    window.WebSocket = class {
        constructor({ pathname }) { if (pathname === "/ws/halls/heping") window.stream = this; }
        close() {}
    };
    const root = document.createElement("main");
    Object.assign(root.dataset, { stream: "/ws/halls/heping", timeZone: "Asia/Shanghai" });
    new LivePage(root);
}"""
CHANGES = """(version) => stream.onmessage({
    data: JSON.stringify({ type: "snapshot", epoch: "1", version, state: {} })
})"""
HIDDEN = """(hidden) => {
    Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
ASKED = "() => asked.length"
SILENCE = """() => {
    window.asked = [];
    window.fetch = (url, { signal } = {}) => new Promise((_answer, fail) => {
        asked.push({ url, signal });
        signal?.addEventListener("abort", () => fail(signal.reason));
    });
}"""

HELD = """async (aheadMs) => {
    const { Held } = await import("/static/js/controllers/held.js");
    const waits = [];
    window.setTimeout = (work, wait) => waits.push(wait);
    const [pass, held] = [document.createElement("article"), document.createElement("p")];
    const now = Date.now() - performance.now();
    Object.assign(pass.dataset, { timeZone: "Asia/Shanghai", now });
    Object.assign(held.dataset, { held: "active", until: new Date(now + 1_800_000).toISOString() });
    pass.append(held);
    const before = Date.now;
    Date.now = () => before() + aheadMs;
    new Held(held);
    return waits[0];
}"""
# An order's page, and what a ticket carries, that ask a network which says nothing.
FRESH = """async () => {
    const { Fresh } = await import("/static/js/controllers/fresh.js");
    const order = document.createElement("article");
    Object.assign(order.dataset, { url: "/api/v1/orders/o", version: 1 });
    new Fresh(order);
}"""
HELD_ASKS = """async () => {
    const { Held } = await import("/static/js/controllers/held.js");
    const [pass, held] = [document.createElement("article"), document.createElement("p")];
    const now = Date.now() - performance.now();
    Object.assign(pass.dataset, { timeZone: "Asia/Shanghai", now });
    Object.assign(held.dataset, { ticket: "/api/v1/tickets/t", held: "active", until: new Date(now).toISOString() });
    pass.append(held);
    new Held(held);
}"""
OPEN = "() => asked.filter(({ signal }) => !signal?.aborted).length"
BROKEN = "export class Share { constructor() { throw new Error('broken'); } }"


async def test_a_display_speaks_after_its_clock_was_set(window: Windows, sign_in: SignIn) -> None:
    """A small machine without a battery begins with last night's time, and is told the right one a minute later."""
    screen, office = await window(1920, 1080), await window()
    await screen.add_init_script(SPEAKS)
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    await screen.wait_for_selector(".next__row")
    await screen.evaluate(CLOCK_IS_SET)
    [ticket] = await steps.come(office, "nankai", ["device"])
    await steps.by_staff(office, "/counters/nankai-4/opening", {"take_over": True})
    await steps.by_staff(office, "/counters/nankai-4/calls", {"ticket": ticket})
    try:
        async with asyncio.timeout(10):
            while not await screen.evaluate("() => spoken.length"):
                await asyncio.sleep(0.1)
    finally:
        await steps.by_staff(office, f"/tickets/{ticket}/cancellation")
        await steps.by_staff(office, "/counters/nankai-4/opening", method="DELETE")


async def test_a_page_of_facts_that_is_seen_again_is_asked_for(window: Windows) -> None:
    page = await _live_page(window)
    await page.evaluate(HIDDEN, True)
    await page.evaluate(CHANGES, 1)
    await page.clock.run_for(4000)
    await page.evaluate(HIDDEN, False)
    assert await page.evaluate(ASKED) == 1


async def test_what_changes_while_a_page_of_facts_is_on_its_way_is_asked_for_too(window: Windows) -> None:
    page = await _live_page(window)
    for version in (1, 2):
        await page.evaluate(CHANGES, version)
        await page.clock.run_for(4000)
    await page.evaluate("() => asked[0].answer()")
    await page.clock.run_for(4000)
    assert await page.evaluate(ASKED) == 2


async def test_a_page_of_facts_asks_again_after_an_answer_that_never_came(window: Windows) -> None:
    page = await _live_page(window)
    await page.evaluate(CHANGES, 1)
    await page.clock.run_for(4000 + PATIENCE_MS)
    await page.evaluate(CHANGES, 2)
    await page.clock.run_for(4000)
    assert await page.evaluate(ASKED) == 2


async def test_a_page_that_could_not_be_shown_asks_again_after_an_answer_that_never_came(window: Windows) -> None:
    page = await window()
    await page.clock.install()
    await page.goto("/halls/nankai")
    await page.evaluate(SILENCE)
    await page.evaluate("""async () => {
        const { Again } = await import("/static/js/controllers/again.js");
        new Again();
    }""")
    for _second in range(27):
        await page.clock.run_for(1000)
    assert await page.evaluate(ASKED) == 2


async def test_a_screen_that_waits_to_be_paired_says_that_its_network_is_silent_and_asks_one_thing_at_a_time(
    window: Windows,
) -> None:
    screen = await window(1920, 1080)
    await screen.clock.install()
    await screen.goto("/display")
    await screen.evaluate(SILENCE)
    await screen.clock.run_for(3000)
    await screen.clock.run_for(PATIENCE_MS - 1000)
    assert await screen.evaluate(ASKED) == 1
    await screen.clock.run_for(1000)
    await expect(screen.locator("[data-pairing-said]")).to_contain_text("No connection.", timeout=5000)


async def test_a_sheet_whose_network_is_silent_says_so(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await tablet.clock.install()
    await sign_in(tablet, "clerk2", "/clerk")
    await tablet.evaluate(SILENCE)
    await tablet.keyboard.press("g")
    await tablet.clock.run_for(PATIENCE_MS)
    await expect(tablet.locator("[data-refusal]")).to_contain_text("The network is gone.", timeout=5000)


async def test_what_was_refused_is_said_though_its_sheet_was_closed(window: Windows, sign_in: SignIn) -> None:
    tablet = await window(1024, 768)
    await sign_in(tablet, "clerk2", "/clerk")
    await tablet.keyboard.press("g")
    await tablet.get_by_role("radio", name="Broadband").check()
    lose = asyncio.Event()

    async def cut(route: Route) -> None:
        await lose.wait()
        await route.abort()

    await tablet.route("**/clerk", cut)
    await tablet.get_by_role("button", name="Give the number").click()
    await steps.key(tablet, "Escape")
    await expect(tablet.locator("#sheet-title")).to_have_count(0)
    lose.set()
    await expect(tablet.locator("[data-refusal]")).to_contain_text("The network is gone.", timeout=5000)


async def test_a_form_that_was_stopped_on_its_way_is_sent_again(window: Windows) -> None:
    page = await window()
    await page.clock.install()
    await page.goto("/")
    await page.evaluate("""async () => {
        const { Once } = await import("/static/js/controllers/once.js");
        window.sent = [];
        window.form = document.createElement("form");
        new Once(form);
        form.addEventListener("submit", (event) => sent.push(!event.defaultPrevented));
    }""")
    for wait_ms in (0, 1000, PATIENCE_MS):
        await page.clock.run_for(wait_ms)
        await page.evaluate("() => form.dispatchEvent(new Event('submit', { cancelable: true }))")
    assert await page.evaluate("() => sent") == [True, False, True]


@pytest.mark.parametrize("asking", [FRESH, HELD_ASKS])
async def test_what_asks_again_and_again_leaves_no_question_open_on_a_silent_network(
    asking: str, window: Windows
) -> None:
    """A browser opens six connections: the seventh, a button's or a link's, would wait behind them."""
    page = await window()
    await page.clock.install()
    await page.goto("/")
    await page.evaluate(SILENCE)
    await page.evaluate(asking)
    for _second in range(120):
        await page.clock.run_for(1000)
    assert await page.evaluate("() => asked.length") > 2
    assert await page.evaluate(OPEN) <= 2


@pytest.mark.parametrize("ahead_ms", [-3_600_000, 0, 3_600_000])
async def test_how_long_something_is_held_is_judged_by_the_servers_clock(ahead_ms: int, window: Windows) -> None:
    phone = await window()
    await phone.goto("/")
    assert await phone.evaluate(HELD, ahead_ms) == pytest.approx(1_801_000, abs=60_000)


async def test_a_behaviour_that_breaks_takes_no_other_with_it(browser: Browser, address: str) -> None:
    context = await browser.new_context(base_url=address, locale="en")
    phone = await context.new_page()
    broken: dict[str, Any] = {"content_type": "text/javascript", "body": BROKEN}
    await phone.route("**/controllers/share.js", lambda route: route.fulfill(**broken))
    await steps.take_number(phone, "nankai", "bill")
    await steps.begun(phone)
    await phone.click(".leaving summary")
    await phone.evaluate("() => { window.stays = true; }")
    await phone.click(".leaving [type=submit]")
    await steps.phase_is(phone, "left")
    assert await phone.evaluate("() => window.stays")
    await context.close()


async def _live_page(window: Windows) -> Page:
    page = await window()
    await steps.take_number(page, "nankai", "sim")
    await page.clock.install()
    await page.evaluate(LIVE_PAGE)
    return page
