"""The display where there is little room: nothing is cut in half, and nothing covers something else."""

from typing import Any

import pytest

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ZOOMED = (640, 360)
"""A TV of 1280 by 720 whose browser shows everything twice as large."""

AT_ONCE: dict[str, Any] = {"reduced_motion": "no-preference"}
"""With reduced motion every change of style is one of no time, and shows only in the next frame."""

LONG_PAUSE = """async () => {
    const { draw } = await import("/static/js/lib/page.js");
    const { showHalt } = await import("/static/js/lib/halt.js");
    const many = (name, values, count) => {
        const template = document.querySelector(`template[data-${name}]`);
        const list = template.parentElement.querySelector("ol, ul");
        list.replaceChildren(...Array.from({ length: count }, () => draw(template, values)));
    };
    many("pair", { number: "A1000", counter: "Counter 3" }, 1);
    many("call", { number: "A1000", counter: "Counter 企业客户专席" }, 5);
    many("next-row", { name: "Home broadband", numbers: "A1001 A1002" }, 8);
    const words = ["因设备检修，本厅暂停叫号与取号，请在座位上稍候。", "Please stay seated: repairs. "];
    const message = { "zh-CN": words[0].repeat(2), en: words[1].repeat(5) };
    showHalt(document.body, { calling: true, issuing: true, message });
}"""
CUT = """() => {
    const box = (name) => document.querySelector(name).getBoundingClientRect();
    const [calls, wall] = [box(".calls"), { top: 0, bottom: innerHeight }];
    const isCut = (inner, { top, bottom }) => inner.top < top - 1 || inner.bottom > bottom + 1;
    const rows = Array.from(document.querySelectorAll(".calls__row"), (row) => row.getBoundingClientRect());
    const shown = rows.filter(({ left }) => left < calls.right);
    const others = [isCut(box(".calls h2"), calls), isCut(box(".entry"), wall)];
    const cut = shown.map((row) => isCut(row, calls)).concat(others);
    return { shown: shown.length > 0, cut: cut.filter((one) => one).length };
}"""
COVERED = """() => {
    const [name, button] = ["#hall-name", "[data-start]"].map((one) => document.querySelector(one));
    button.hidden = false;
    name.textContent = "Tianjin Hexi District Friendship Road Flagship Business Hall";
    const text = document.createRange();
    text.selectNodeContents(name);
    return text.getBoundingClientRect().right - button.getBoundingClientRect().left;
}"""


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), ZOOMED])
async def test_a_long_pause_in_a_busy_hall_cuts_nothing_in_half(
    size: tuple[int, int], window: Windows, sign_in: SignIn
) -> None:
    screen, office = await window(*size, **AT_ONCE), await window()
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    await screen.wait_for_selector(".next__row")
    await screen.evaluate(LONG_PAUSE)
    assert await screen.evaluate(CUT) == {"shown": True, "cut": 0}


async def test_the_button_for_sound_does_not_cover_the_halls_name(window: Windows, sign_in: SignIn) -> None:
    screen, office = await window(*ZOOMED, **AT_ONCE), await window()
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    await screen.wait_for_selector(".next__row")
    assert await screen.evaluate(COVERED) <= 0


async def test_the_code_of_a_small_screen_is_seen_without_scrolling(window: Windows) -> None:
    screen = await window(*ZOOMED)
    await screen.goto("/display")
    assert await screen.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
