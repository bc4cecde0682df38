"""The outbox says what it is: what was sent, what was not, and why."""

import re
from html import unescape
from pathlib import Path

import pytest

from messages.models import Outgoing
from messages.states import Purpose, State
from o2o.outbox import pages
from o2o.outbox.pages import PURPOSES, STATES
from tests.o2o.outbox.conftest import ROUTES, Put
from tests.serving import Service, add_halls, add_people, serve

pytestmark = pytest.mark.once

PATH = "/outbox"


def form_of(page: str, message: str) -> dict[str, str]:
    forms = re.findall(r"<form method=\"post\".*?</form>", page, re.DOTALL)
    (mine,) = [form for form in forms if message in form]
    return dict(re.findall(r"name=\"(\w+)\" value=\"([^\"]*)\"", mine))


def test_there_are_words_for_each_state_and_purpose() -> None:
    assert set(STATES) == set(State)
    assert set(PURPOSES) == set(Purpose)


async def test_what_was_not_sent_is_not_called_sent(service: Service, told: Put) -> None:
    await told("order-1")

    page = unescape((await (await service.browser("manager")).get(PATH)).text)

    assert "Nothing was sent: there was no channel to reach them by." in page
    assert "138****1234" in page
    assert "Ready for you at Heping Hall" in page
    assert "Send now" not in page
    assert "No channel is set up" not in page


async def test_without_a_channel_the_page_says_that_nothing_is_sent(tmp_path: Path) -> None:
    async with serve(tmp_path, ROUTES) as silent:
        await add_halls(silent, "heping")
        await add_people("hq")
        page = (await (await silent.browser("hq")).get(PATH)).text

    assert "No channel is set up, so nothing is sent to anybody." in page


async def test_a_button_sends_again(service: Service, told: Put) -> None:
    message, browser = await told("order-1", "failed", email="zhang@customer.test"), await service.browser("manager")
    form = form_of((await browser.get(PATH)).text, message)

    answer = await browser.post(PATH, data=form, headers={"origin": "http://hall.test"}, follow_redirects=True)

    assert "It is sent again now." in answer.text
    assert (await Outgoing.get(id=message)).state == "waiting"


async def test_a_refusal_is_said_on_the_page(service: Service, told: Put) -> None:
    message, browser = await told("order-1", "failed", email="zhang@customer.test"), await service.browser("manager")
    form = form_of((await browser.get(PATH)).text, message)
    await Outgoing.filter(id=message).update(state="waiting")

    answer = await browser.post(PATH, data=form, headers={"origin": "http://hall.test"})

    assert answer.status_code == 409
    assert "still waiting to be sent" in answer.text


async def test_a_filter_that_is_not_theirs_shows_nothing(service: Service, told: Put) -> None:
    await told("order-1", hall="nankai")

    answer = await (await service.browser("manager")).get(PATH, params={"hall": "nankai"})

    assert answer.status_code == 403
    assert "order-1" not in answer.text


async def test_whoever_is_not_signed_in_is_led_there(service: Service) -> None:
    answer = await service.client().get(PATH)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_who_has_many_halls_finds_the_one_whose_messages_they_want(
    service: Service, told: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FEW", 1)
    here, there = await told("order-1"), await told("order-2", hall="nankai")
    headquarters = await service.browser("hq")

    page = (await headquarters.get(f"{PATH}?state=kept")).text
    assert page.count("<option value=") == 1 + 1 + len(STATES)
    assert f'href="{PATH}?choose=yes&amp;state=kept"' in page
    halls = (await headquarters.get(f"{PATH}?choose=yes&state=kept&q=nankai")).text
    assert re.findall(r'class="hall-row" href="([^"]+)"', halls) == [f"{PATH}?state=kept&amp;hall=nankai"]
    page = (await headquarters.get(f"{PATH}?state=kept&hall=nankai")).text

    assert [f"m-{one}" in page for one in (here, there)] == [False, True]
    assert '<option value="nankai" selected>' in page
