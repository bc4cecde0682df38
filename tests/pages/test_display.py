"""The display: every call in its turn, and right again after whatever happened to it."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows
from tests.pages.wires import Wires

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIZES = [(360, 740), (768, 1024), (1024, 768), (1080, 1920), (1200, 1600), (1920, 1080), (3840, 2160)]
SIZE = "(element) => parseFloat(getComputedStyle(element).fontSize)"


async def test_a_screen_cut_off_says_so_keeps_its_numbers_and_catches_up(window: Windows, sign_in: SignIn) -> None:
    screen, office, tablet, phone = await window(1920, 1080), await window(), await window(1024, 768), await window()
    wires = Wires()
    await wires.lay(screen)
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    await sign_in(tablet, "clerk7", "/clerk")
    number = await steps.take_number(phone, "nankai", "sim")
    await steps.open_counter(tablet)
    await expect(screen.locator("[data-next]")).to_contain_text("A0")

    await wires.cut(code=4408)
    await expect(screen.locator("[data-stale]")).to_be_visible()
    await expect(screen.locator("[data-next]")).to_contain_text("A0")
    await steps.call(tablet, number)
    wires.mend()
    await expect(screen.locator(".pair")).to_contain_text(number)
    await expect(screen.locator("[data-stale]")).to_be_hidden()
    await steps.finish(tablet)
    await steps.press(tablet, "close")


async def test_a_screen_that_waits_to_be_paired_keeps_its_code_while_a_proxy_answers_for_the_service(
    window: Windows,
) -> None:
    screen = await window(1920, 1080)
    await screen.goto("/display")
    code = await screen.locator("[data-code]").get_attribute("data-code")

    await screen.route("**/display", lambda route: route.fulfill(status=502, body="502 Bad Gateway"))
    await expect(screen.locator("[data-pairing-said]")).not_to_be_empty(timeout=10_000)
    assert await screen.locator("[data-code]").get_attribute("data-code") == code
    await screen.unroute("**/display")
    await expect(screen.locator("[data-pairing-said]")).to_be_empty(timeout=10_000)


async def test_calls_that_come_at_once_are_shown_one_after_the_other(window: Windows, sign_in: SignIn) -> None:
    screen, office, phone = await window(1920, 1080), await window(), await window()
    left, right = await window(1024, 768), await window(1024, 768)
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    await sign_in(left, "clerk7", "/clerk")
    await sign_in(right, "clerk8", "/clerk")
    numbers = [await steps.take_number(phone, "nankai", "bill") for _person in range(2)]
    await steps.open_counter(left)
    await steps.open_counter(right)
    await steps.call(left, numbers[0])
    await steps.call(right, numbers[1])
    await expect(screen.locator(".pair")).to_contain_text(numbers[0])
    await expect(screen.locator(".pair")).to_contain_text(numbers[1])
    for tablet in (left, right):
        await steps.finish(tablet)
        await steps.press(tablet, "close")


async def test_a_pause_stands_across_the_screen_in_both_languages_and_the_numbers_stay(
    window: Windows, sign_in: SignIn
) -> None:
    screen, office = await window(1920, 1080), await window()
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    [ticket] = await steps.come(office, "nankai", ["device"])
    await steps.by_staff(office, "/counters/nankai-4/opening", {"take_over": True})
    await steps.by_staff(office, "/counters/nankai-4/calls", {"ticket": ticket})
    await expect(screen.locator(".pair__number")).to_contain_text("D")
    number = await screen.inner_text(".pair__number")
    words = {"zh-CN": "停电，请稍候", "en": "The power is off: please wait"}
    await steps.by_staff(office, "/halls/nankai/pause", {"issuing": True, "calling": True, "message": words})
    try:
        await expect(screen.locator("[data-halt] [lang=zh-CN]")).to_have_text(words["zh-CN"])
        await expect(screen.locator("[data-halt] [lang=en]")).to_have_text(words["en"])
        await expect(screen.locator(".pair")).to_contain_text(number)
        assert await screen.locator(".pair__number").evaluate(SIZE) >= 1080 / 6
        assert await screen.locator("[data-halt]").evaluate(SIZE) >= 1080 / 18
        await screen.set_viewport_size({"width": 360, "height": 740})
        await _fits(screen)
    finally:
        await steps.by_staff(office, "/halls/nankai/pause", method="DELETE")
    await expect(screen.locator("[data-halt]")).to_be_hidden()
    await expect(screen.locator(".pair")).to_contain_text(number)
    await steps.by_staff(office, f"/tickets/{ticket}/cancellation")
    await steps.by_staff(office, "/counters/nankai-4/opening", method="DELETE")


async def test_what_a_hall_is_called_anew_is_shown_at_once(window: Windows, sign_in: SignIn) -> None:
    screen, office = await window(1920, 1080), await window()
    await sign_in(office, "hq", "/display/pair")
    hall = _hall("Old hall", service="Old service", counter="1")
    await steps.by_staff(office, "/halls/renamed", hall, method="PUT")
    await steps.by_staff(office, "/halls/renamed/displays", {"code": await _code(screen)})
    await screen.goto("/display")
    called, _waiting = await steps.come(office, "renamed", ["s", "s"])
    await steps.by_staff(office, "/counters/renamed-1/opening")
    await steps.by_staff(office, "/counters/renamed-1/calls", {"ticket": called})
    await expect(screen.locator("[data-next]")).to_have_text("Old serviceA002")
    await expect(screen.locator(".pair")).to_have_text(re.compile(r"A001\s+Counter 1"))

    hall = _hall("New hall", service="New service", counter="8")
    await steps.by_staff(office, "/halls/renamed", hall, method="PUT")
    await expect(screen.locator("#hall-name")).to_have_text("New hall", timeout=10_000)
    await expect(screen).to_have_title("New hall · o2o")
    await expect(screen.locator("[data-next]")).to_have_text("New serviceA002")
    await expect(screen.locator(".pair")).to_have_text(re.compile(r"A001\s+Counter 8"))


async def test_no_more_calls_stand_together_than_there_is_room_for(window: Windows) -> None:
    page = await window()
    await page.goto("/")
    shown = await page.evaluate("""async () => {
        document.documentElement.dataset.clientRules = JSON.stringify({ call: 4000, behind: 8000 });
        const { Announcer } = await import("/static/js/lib/announcer.js?of=this-test");
        const [turns, shown] = [[], []];
        window.setTimeout = (turn) => turns.push(turn);
        const announcer = new Announcer((calls) => shown.push(calls ? calls.length : 0));
        for (let id = 0; id < 17; id += 1) announcer.add({ id });
        while (turns.length) turns.shift()();
        return shown;
    }""")
    assert shown == [1, 10, 6, 0]


async def test_a_newer_call_takes_the_place_of_repeats_and_cuts_nobody_off(window: Windows) -> None:
    page = await window()
    await page.goto("/")
    said = await page.evaluate("""async () => {
        const { Voice } = await import("/static/js/lib/speech.js");
        const spoken = [];
        speechSynthesis.speak = (utterance) => spoken.push(utterance);
        const voice = new Voice();
        const speech = { languages: ["en"], times: 2, rate: 1, one: "yi" };
        voice.say({ number: "A1", counter: "1" }, speech);
        voice.say({ number: "A2", counter: "2" }, speech);
        for (let place = 0; place < spoken.length; place += 1) spoken[place].onend();
        return spoken.map(({ text }) => text);
    }""")
    assert said == ["Number A 1, counter 1", "Number A 2, counter 2", "Number A 2, counter 2"]


async def test_a_number_is_read_digit_by_digit(window: Windows) -> None:
    page = await window()
    await page.goto("/")
    said = await page.evaluate("""async () => {
        const { sentence } = await import("/static/js/lib/speech.js");
        const call = { number: "A012", counter: "3" };
        const named = ["VIP", "企业客户"].map((counter) => sentence({ ...call, counter }, "zh-CN", "yi"));
        return [sentence(call, "zh-CN", "yi"), sentence(call, "zh-CN", "yao"), sentence(call, "en", "yi"), ...named];
    }""")
    assert said == [
        "请 A 零 一 二 号，到 3 号柜台",
        "请 A 零 幺 二 号，到 3 号柜台",
        "Number A 0 1 2, counter 3",
        "请 A 零 一 二 号，到 VIP 柜台",
        "请 A 零 一 二 号，到 企业客户柜台",
    ]


@pytest.mark.parametrize("size", SIZES)
async def test_the_board_fits_every_screen(size: tuple[int, int], window: Windows, sign_in: SignIn) -> None:
    screen, office = await window(*size), await window()
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    await screen.wait_for_selector(".next__row")
    assert await _overflow(screen) <= 0
    assert await screen.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0  # Nobody scrolls a wall.


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080)])
@pytest.mark.parametrize("calls", [1, 3, 6])
async def test_a_counters_name_stays_in_its_card(
    calls: int, size: tuple[int, int], window: Windows, sign_in: SignIn
) -> None:
    screen, office = await window(*size), await window()
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    await screen.wait_for_selector(".next__row")
    out = await screen.evaluate(
        """async (calls) => {
            const { draw } = await import("/static/js/lib/page.js");
            const { fitted } = await import("/static/js/lib/room.js");
            const [list, template] = [document.querySelector("[data-pairs]"), document.querySelector("[data-pair]")];
            list.classList.toggle("calling__pairs--many", calls > 1);
            list.classList.toggle("calling__pairs--crowd", calls > 4);
            const names = ["Counter 1", "Counter VIP", "Counter 企业客户", "Counter Enterprise customers", "咨询台"];
            return names.map((counter) => {
                const pair = () => fitted(draw(template, { number: "A012", counter }), counter);
                list.replaceChildren(...Array.from({ length: calls }, pair));
                const right = (element) => element.getBoundingClientRect().right;
                return Math.max(...Array.from(list.children, (one) => right(one.lastElementChild))) - right(list);
            });
        }""",
        calls,
    )
    assert max(out) <= 1


async def test_of_many_services_those_that_somebody_waits_for_come_first(window: Windows) -> None:
    page = await window()
    await page.goto("/")
    shown = await page.evaluate("""async () => {
        const { nextRows } = await import("/static/js/lib/board.js");
        const next = ["", "A1", "", "B1"].map((number, place) => ({ service: place, numbers: number ? [number] : [] }));
        return [4, 3].map((most) => nextRows({ next }, most).map(({ service }) => service));
    }""")
    assert shown == [[0, 1, 2, 3], [1, 3, 0]]


def _hall(name: str, *, service: str, counter: str) -> dict[str, Any]:
    return {
        "name": name,
        "lat": 39.1,
        "lon": 117.2,
        "services": [{"id": "s", "prefix": "A", "name": service}],
        "counters": [{"id": "renamed-1", "name": counter}],
    }


async def _code(screen: Page) -> str:
    await screen.goto("/display")
    return await screen.locator("[data-code]").get_attribute("data-code") or ""


async def _fits(page: Page) -> None:
    """A script fits the words to the screen a moment after its size has changed."""
    async with asyncio.timeout(60):
        while await _overflow(page) > 0:
            await asyncio.sleep(0.1)


async def _overflow(page: Page) -> int:
    return int(await page.evaluate("document.documentElement.scrollWidth - innerWidth"))
