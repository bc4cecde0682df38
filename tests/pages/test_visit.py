"""What becomes of a visit, as its owner sees it on the phone at once."""

import pytest
from playwright.async_api import Page, expect

from tests.pages import steps
from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WORDS = {"zh-CN": "消防演习，请到大厅外等候", "en": "Fire drill: please wait outside the hall"}
PAUSE = {"issuing": True, "calling": True, "message": WORDS}


async def test_letting_people_go_first_says_so_and_nothing_that_changes_while_it_is_read(window: Windows) -> None:
    phone, others = await window(), await window()
    await steps.take_number(phone, "nankai", "device")
    await steps.come(others, "nankai", ["device"] * 4)
    await steps.begun(phone)
    before = await _ahead(phone)
    await phone.click(".later summary")
    await phone.click(".later button[value='3']")
    await expect(phone.locator("[data-field=ahead]")).to_have_text(str(before + 3))
    await expect(phone.locator("[data-news]")).to_have_text("Done. You have let others go first.")
    await expect(phone.locator(".later")).not_to_have_attribute("open", "")
    await expect(phone.locator(".later summary")).to_be_focused()


async def test_with_nobody_behind_the_place_stays_and_the_page_says_so(window: Windows) -> None:
    phone = await window(locale="zh-CN")
    await steps.take_number(phone, "nankai", "device")
    await steps.begun(phone)
    await phone.click(".later summary")
    await phone.click(".later button[value='1']")
    await expect(phone.locator("[data-news]")).to_have_text("后面没有别人可以先办，您的位置不变。")


async def test_without_a_script_people_go_first_by_the_form(window: Windows) -> None:
    phone, others = await window(java_script_enabled=False), await window()
    await steps.take_number(phone, "nankai", "device")
    await steps.come(others, "nankai", ["device"])
    before = await _ahead(phone)
    await phone.click(".later summary")
    await phone.click(".later button[value='1']")
    await expect(phone.locator("[data-field=ahead]")).to_have_text(str(before + 1))


async def test_a_visit_on_hold_says_so_and_can_be_given_up(window: Windows) -> None:
    phone, office = await window(), await window()
    await steps.take_number(phone, "nankai", "bill")
    await steps.by_staff(office, f"{_ticket(phone)}/parking")
    await steps.phase_is(phone, "parked")
    await expect(phone.locator(".pass__truth")).to_contain_text("Your visit is on hold")
    assert "on hold" in await phone.title()
    await expect(phone.locator(".later")).to_be_hidden()
    await phone.click(".leaving summary")
    await phone.click(".leaving [type=submit]")
    await steps.phase_is(phone, "left")


async def test_a_number_that_staff_ended_says_so(window: Windows) -> None:
    phone, office = await window(), await window()
    await steps.take_number(phone, "nankai", "bill")
    await steps.by_staff(office, f"{_ticket(phone)}/cancellation")
    await steps.phase_is(phone, "cancelled")
    await expect(phone.get_by_role("link", name="Take a new number")).to_be_visible()


async def test_who_is_sent_elsewhere_is_told_where(window: Windows) -> None:
    phone, office = await window(), await window()
    await steps.take_number(phone, "nankai", "bill")
    await steps.by_staff(office, f"{_ticket(phone)}/transfer", {"service": "device", "position": "age"})
    await expect(phone.locator("[data-news]")).to_have_text(
        "The staff have put you in line for Phones and accessories."
    )
    await expect(phone.locator(".pass__service")).to_have_text("Phones and accessories")
    await steps.by_staff(office, "/counters/nankai-4/opening", {"take_over": True})
    await steps.by_staff(office, f"{_ticket(phone)}/transfer", {"counter": "nankai-4", "position": "first"})
    await expect(phone.locator("[data-fact=bound]")).to_have_text("Counter 4 will call you")
    await steps.by_staff(office, f"{_ticket(phone)}/parking")
    await steps.by_staff(office, f"{_ticket(phone)}/unparking")
    await expect(phone.locator("[data-news]")).to_have_text("You are back in line.")
    await steps.by_staff(office, f"{_ticket(phone)}/cancellation")
    await steps.by_staff(office, "/counters/nankai-4/opening", method="DELETE")


async def test_a_claim_counts_when_a_clerk_has_seen_it(window: Windows) -> None:
    phone, office = await window(locale="zh-CN"), await window()
    await phone.goto("/halls/nankai?service=bill")
    await phone.click(".more summary")
    await phone.check("input[name=class]")
    await phone.click(".sheet [type=submit]")
    await expect(phone.locator("[data-fact=claimed]")).to_have_text("优先办理：工作人员核实后生效")
    await steps.by_staff(office, f"{_ticket(phone)}/class", {"class": "priority", "reason": "elder"})
    await expect(phone.locator("[data-news]")).to_have_text("工作人员已确认您可以优先办理。")
    await expect(phone.locator("[data-fact=confirmed]")).to_be_visible()
    await expect(phone.locator("[data-fact=claimed]")).to_be_hidden()


async def test_a_visit_of_several_services_goes_on_by_itself(window: Windows) -> None:
    phone, office = await window(), await window()
    await phone.goto("/halls/nankai?service=bill")
    await phone.click(".more summary")
    await phone.select_option("#then-1", "device")
    await phone.click(".sheet [type=submit]")
    await expect(phone.locator("[data-fact=then]")).to_have_text("Then: Phones and accessories")
    ticket = _ticket(phone)
    await steps.by_staff(office, "/counters/nankai-4/opening", {"take_over": True})
    await steps.by_staff(office, "/counters/nankai-4/calls", {"ticket": ticket.rpartition("/")[2]})
    await steps.by_staff(office, f"{ticket}/start")
    await steps.phase_is(phone, "serving")
    await steps.by_staff(office, f"{ticket}/completion")
    await expect(phone.locator("[data-news]")).to_have_text(
        "That is done. Now you are in line for Phones and accessories."
    )
    await expect(phone.locator("[data-fact=then]")).to_be_hidden()
    await steps.by_staff(office, f"{ticket}/cancellation")
    await steps.by_staff(office, "/counters/nankai-4/opening", method="DELETE")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_a_pause_is_seen_at_once_and_gone_when_the_hall_goes_on(locale: str, window: Windows) -> None:
    phone, office = await window(locale=locale), await window()
    await steps.take_number(phone, "nankai", "bill")
    await steps.by_staff(office, "/halls/nankai/pause", PAUSE)
    try:
        await expect(phone.locator("[data-pause-said]")).to_have_text(WORDS[locale])
        await expect(phone.locator("[data-pause]")).to_be_visible()
    finally:
        await steps.by_staff(office, "/halls/nankai/pause", method="DELETE")
    await expect(phone.locator("[data-pause]")).to_be_hidden()


def _ticket(phone: Page) -> str:
    return f"/tickets/{phone.url.rpartition('/')[2]}"


async def _ahead(phone: Page) -> int:
    return int(await phone.inner_text("[data-field=ahead]") or 0)
