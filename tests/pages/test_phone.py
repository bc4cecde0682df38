"""The phone: two taps to a number, nothing lost with the network, and all of it without a script."""

import re
from typing import Any

import pytest
from msgspec import structs, to_builtins
from playwright.async_api import Route, expect

from booking.hall_wording import WARNINGS
from halls.demo import DEMO_HALLS
from tests.pages import steps
from tests.pages.conftest import SignIn, Windows
from tests.pages.keyboard import press_on
from tests.pages.wires import Wires

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

COVERED = """() => document.activeElement.getBoundingClientRect().bottom
    - document.querySelector(".sheet").getBoundingClientRect().top"""


@pytest.mark.story
async def test_two_taps_lead_from_the_hall_to_a_number(window: Windows) -> None:
    phone = await window(has_touch=True)
    await phone.goto("/halls/nankai")
    await phone.tap("label[for=service-sim]")
    await phone.tap(".sheet [type=submit]")
    await phone.wait_for_selector(".pass")
    assert "?k=" not in phone.url


async def test_the_sheet_names_what_was_chosen_and_covers_nothing_that_has_the_focus(window: Windows) -> None:
    phone = await window()
    await phone.goto("/halls/nankai")
    await phone.click("label[for=service-sim]")
    for service in ("device", "bill"):
        await phone.click(f"label[for=service-{service}]")
        name = await phone.inner_text(f"label[for=service-{service}] .service__name")
        await expect(phone.locator("[data-chosen]")).to_have_text(name)
    await phone.focus(".sheet [type=submit]")
    await phone.keyboard.press("Tab")
    await expect(phone.locator(".why summary")).to_be_focused()
    assert await phone.evaluate(COVERED) <= 0


async def test_pressing_twice_takes_one_number(window: Windows) -> None:
    phone = await window()
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.method))
    await phone.goto("/halls/nankai?service=sim")
    await phone.dblclick(".sheet [type=submit]")
    await phone.wait_for_selector(".pass")
    assert sent.count("POST") == 1


async def test_going_back_from_the_ticket_leads_to_no_form_that_takes_another(window: Windows) -> None:
    phone = await window()
    await phone.goto("/?q=nankai")
    await steps.take_number(phone, "nankai", "sim")
    await phone.go_back()
    assert phone.url.endswith("/?q=nankai")


@pytest.mark.story
async def test_a_lost_answer_is_asked_for_again_with_the_same_key(window: Windows) -> None:
    phone = await window()
    keys: list[str] = []
    await phone.goto("/halls/nankai?service=sim")

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await phone.route("**/api/v1/halls/nankai/tickets", lose, times=1)
    phone.on("request", lambda request: keys.append(request.headers.get("idempotency-key", "")))
    await phone.click(".sheet [type=submit]")
    await expect(phone.locator("[data-refusal]")).to_contain_text("Nothing is lost")
    await phone.click(".sheet [type=submit]")
    await phone.wait_for_selector(".pass")
    assert len(list(filter(None, keys))) == 2
    assert len(set(filter(None, keys))) == 1


async def test_a_wrong_phone_number_is_said_in_place_and_what_was_typed_stays(window: Windows) -> None:
    phone = await window()
    await phone.goto("/halls/nankai?service=sim")
    await phone.fill("#phone", "12")
    await phone.click(".sheet [type=submit]")
    await expect(phone.locator("[data-refusal]")).to_have_text("This is not a phone number. Check its digits.")
    await expect(phone.locator("#phone")).to_have_value("12")
    await expect(phone.locator("#phone")).to_be_focused()


async def test_the_button_stays_in_view_however_much_there_is_to_fill_in(window: Windows) -> None:
    phone = await window()
    await phone.goto("/halls/nankai?service=sim")
    await phone.locator(".more summary").click()
    await phone.get_by_label("And then").select_option("bill")
    await phone.fill("#phone", "12")
    await phone.click(".sheet [type=submit]")

    await expect(phone.locator("[data-refusal]")).to_be_visible()
    await expect(phone.locator(".sheet [type=submit]")).to_be_in_viewport(ratio=1)


async def test_leaving_changes_the_page_without_a_reload(window: Windows) -> None:
    phone = await window()
    await steps.take_number(phone, "nankai", "bill")
    await phone.click(".leaving summary")
    await phone.click(".leaving [type=submit]")
    await steps.phase_is(phone, "left")
    await expect(phone.get_by_role("link", name="Take a new number")).to_be_visible()


async def test_without_a_script_a_number_is_taken_and_given_up(window: Windows) -> None:
    phone = await window(java_script_enabled=False)
    number = await steps.take_number(phone, "nankai", "broadband")
    assert number.startswith("C")
    await phone.click(".leaving summary")
    await phone.click(".leaving [type=submit]")
    await expect(phone.locator("body")).to_have_attribute("data-phase", "left")


async def test_without_a_script_a_refusal_comes_back_with_the_form(window: Windows) -> None:
    phone = await window(java_script_enabled=False)
    await phone.goto("/halls/nankai?service=sim")
    await phone.fill("#phone", "12")
    await phone.click(".sheet [type=submit]")
    await expect(phone.locator("[data-refusal]")).to_have_text("This is not a phone number. Check its digits.")
    await expect(phone.locator("#phone")).to_have_value("12")
    await expect(phone.locator("#service-sim")).to_be_checked()


WISHES: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"service": "sim", "phone": " "}, {}),
    ({"service": "sim", "phone": " 138 "}, {"phone": "138"}),
    ({"service": "sim", "class": "priority"}, {"class": "priority"}),
    ({"service": "sim", "then_1": "bill", "then_2": "device", "then_3": ""}, {"then": ["bill", "device"]}),
    ({"service": "sim", "then_1": "sim", "then_2": "bill", "then_3": "bill"}, {"then": ["bill"]}),
    ({"service": "sim", "then_1": "", "then_2": "bill"}, {}),
]


async def test_the_script_asks_for_what_the_form_says(window: Windows) -> None:
    phone = await window()
    await phone.goto("/")
    asked = await phone.evaluate(
        """async (forms) => {
            const { wishOf } = await import("/static/js/lib/wish.js");
            return forms.map((filled) => wishOf(filled, "web"));
        }""",
        [filled for filled, _wish in WISHES],
    )
    assert asked == [{"service": "sim", "channel": "web"} | wish for _filled, wish in WISHES]


@pytest.mark.parametrize("scripted", [True, False])
async def test_several_services_and_a_claim_are_taken_in_one_visit(*, scripted: bool, window: Windows) -> None:
    phone = await window(java_script_enabled=scripted)
    await phone.goto("/halls/nankai")
    await phone.click("label[for=service-sim]")
    await phone.click(".more summary")
    await phone.check("input[name=class]")
    await phone.select_option("#then-1", "bill")
    await phone.select_option("#then-2", "device")
    await phone.click(".sheet [type=submit]")
    await expect(phone.locator("[data-fact=then]")).to_have_text("Then: Bills and payments → Phones and accessories")
    await expect(phone.locator("[data-fact=claimed]")).to_be_visible()


async def test_a_service_that_closed_is_shown_and_can_not_be_chosen(window: Windows) -> None:
    phone, office = await window(), await window()
    hall = DEMO_HALLS["heping"]
    sim = structs.replace(hall.services[0], open=False)
    closed = structs.replace(hall, services=(sim, *hall.services[1:]))
    await steps.by_staff(office, "/halls/heping", to_builtins(closed), method="PUT")
    try:
        await phone.goto("/halls/heping?service=sim")
        await expect(phone.locator("#service-sim")).to_be_disabled()
        await expect(phone.locator("label[for=service-sim]")).to_contain_text("closed just now")
        await expect(phone.locator(".sheet")).to_be_hidden()
    finally:
        await steps.by_staff(office, "/halls/heping", to_builtins(hall), method="PUT")


async def test_by_keyboard_alone_a_number_is_taken_and_people_go_first(window: Windows) -> None:
    phone = await window()
    await phone.goto("/halls/nankai")
    await phone.focus("#service-sim")
    await phone.keyboard.press("Space")
    await press_on(phone, "More than one service, or priority")
    await expect(phone.locator("input[name=class]")).to_be_visible()
    await phone.keyboard.press("Tab")
    await expect(phone.locator("input[name=class]")).to_be_focused()
    await phone.keyboard.press("Space")
    await press_on(phone, "Take a number")
    await expect(phone.locator("[data-fact=claimed]")).to_be_visible()
    await steps.begun(phone)
    await press_on(phone, "Let me be later")
    await expect(phone.locator(".later__places")).to_be_visible()
    await press_on(phone, "1person")
    await expect(phone.locator("[data-news]")).to_be_visible()


async def test_a_hall_that_filled_up_meanwhile_names_others(window: Windows) -> None:
    phone, office = await window(), await window()
    await phone.goto("/halls/heping?service=bill")
    hall = structs.replace(DEMO_HALLS["heping"], capacity=0)
    await steps.by_staff(office, "/halls/heping", to_builtins(hall), method="PUT")
    try:
        await phone.click(".sheet [type=submit]")
        await expect(phone.locator(".empty")).to_contain_text("The hall is full just now")
        await expect(phone.locator(".hall-row").first).to_have_attribute("href", re.compile("service=bill"))
    finally:
        await steps.by_staff(office, "/halls/heping", to_builtins(DEMO_HALLS["heping"]), method="PUT")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_a_hall_that_paused_meanwhile_says_so_in_the_managers_words(locale: str, window: Windows) -> None:
    phone, office = await window(locale=locale), await window()
    await phone.goto("/halls/heping?service=bill")
    words = {"zh-CN": "停电，稍后恢复", "en": "The power is off for a moment"}
    await steps.by_staff(office, "/halls/heping/pause", {"issuing": True, "calling": False, "message": words})
    try:
        await phone.click(".sheet [type=submit]")
        await expect(phone.locator("[data-pause-said]")).to_have_text(words[locale])
        await expect(phone.locator("form")).to_have_count(0)
    finally:
        await steps.by_staff(office, "/halls/heping/pause", method="DELETE")


@pytest.mark.story
async def test_the_link_passes_the_ticket_on_and_a_stranger_sees_nothing(window: Windows) -> None:
    phone, friend, stranger = await window(), await window(), await window()
    number = await steps.take_number(phone, "nankai", "sim")
    link = await phone.get_attribute("[data-controller=share]", "data-link")
    await friend.goto(link or "")
    await expect(friend.locator("[data-field=number]")).to_have_text(number)
    answer = await stranger.goto(phone.url)
    assert answer is not None
    assert answer.status == 404


async def test_a_phone_that_lost_the_network_says_since_when_and_is_right_again(
    window: Windows, sign_in: SignIn
) -> None:
    phone, tablet, wires = await window(), await window(1024, 768), Wires()
    await wires.lay(phone)
    number = await steps.take_number(phone, "nankai", "device")
    await sign_in(tablet, "clerk6", "/clerk")
    await steps.open_counter(tablet)
    await wires.cut()
    await expect(phone.locator("[data-stale]")).to_be_visible()
    await expect(phone.locator("[data-stale]")).to_contain_text("No connection. As of")
    await steps.call(tablet, number)
    await expect(phone.locator("[data-field=number]")).to_have_text(number)
    await expect(phone.locator("body")).not_to_have_attribute("data-phase", "called")
    wires.mend()
    await steps.phase_is(phone, "called")
    await expect(phone.locator("[data-stale]")).to_be_hidden()
    await steps.finish(tablet)
    await steps.press(tablet, "close")


@pytest.mark.parametrize(
    ("low_s", "high_s", "warning"),
    [
        (60, 120, ""),
        (60, 7200, "You may not be called before it closes"),
        (7100, 7200, "At this pace you would not be called before it closes"),
        (None, None, ""),
    ],
)
async def test_a_ticket_warns_when_its_wait_runs_past_closing(
    low_s: int | None, high_s: int | None, warning: str, window: Windows
) -> None:
    phone = await window()
    await phone.goto("/halls/heping")
    main = await phone.get_attribute("script[type=module]", "src")
    said = await phone.evaluate(
        """async ([times, estimate, texts]) => {
          const { passesClosing } = await import(times);
          return texts[passesClosing(estimate, Date.now() + 3600000, Date.now())] || "";
        }""",
        [
            str(main).replace("main.js", "lib/times.js"),
            {"known": low_s is not None, "low_s": low_s, "high_s": high_s},
            WARNINGS,
        ],
    )
    assert said == warning
