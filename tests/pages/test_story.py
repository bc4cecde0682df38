"""The whole story, with phone, clerk and display open at once, in both languages.

With `O2O_PICTURES=docs/pictures` it also takes the README's pictures.
"""

from typing import NamedTuple

import pytest
from playwright.async_api import Page, expect

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows, sign_in_by_hand
from tests.pages.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

OTHERS = ("sim", "bill", "sim", "broadband", "bill", "device", "sim")


class Words(NamedTuple):
    language: str
    hall: str
    clerk: str
    ahead: str
    turn: str
    counter: str
    done: str


STORIES = (
    Words("zh-CN", "heping", "clerk1", "前面还有 7 人", "轮到您", "1 号柜台", "感谢光临"),
    Words("en", "nankai", "clerk5", "7 people ahead", "Your turn", "Counter 1", "Thank you for coming"),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
async def test_a_number_taken_on_the_phone_is_called_on_the_tablet_and_shown_on_the_display(
    story: Words, window: Windows, sign_in: SignIn
) -> None:
    phone, tablet = await window(locale=story.language), await window(1024, 768, locale=story.language)
    screen, office = await window(1280, 720, locale=story.language), await window(1024, 768)
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, story.hall)
    await sign_in_by_hand(tablet, story.clerk, "/clerk")
    await _others_were_served(office, tablet, story.hall)

    await steps.come(office, story.hall, OTHERS)
    number = await steps.take_number(phone, story.hall, "sim")
    await expect(phone.locator(".pass__truth")).to_contain_text(story.ahead)
    await picture(phone, f"ticket-{story.language}")
    await picture(tablet, f"clerk-{story.language}")
    await steps.call(tablet, number)

    await steps.phase_is(phone, "called")
    await expect(phone.locator(".pass__truth")).to_contain_text(story.turn)
    await expect(phone.locator(".pass__truth")).to_contain_text(story.counter)
    assert number in await phone.title()
    await expect(screen.locator(".pair")).to_contain_text(number)
    await expect(screen.locator(".pair")).to_contain_text(story.counter)
    await picture(phone, f"turn-{story.language}")
    await picture(screen, f"display-{story.language}")

    await steps.finish(tablet)
    await expect(phone.locator(".pass__truth")).to_contain_text(story.done)
    await steps.press(tablet, "close")
    await steps.phase_is(tablet, "closed")
    await phone.goto("/?lat=39.12&lon=117.2")
    await picture(phone, f"finder-{story.language}")


async def _others_were_served(office: Page, tablet: Page, hall: str) -> None:
    await steps.come(office, hall, OTHERS)
    await steps.open_counter(tablet)
    while not await tablet.locator(".desk--nobody").count():
        await steps.key(tablet, "Space")
        await steps.phase_is(tablet, "called")
        await steps.finish(tablet)
