"""A ticket's page, asked for as a browser without scripts asks."""

import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

import staff.endpoints
from booking import endpoints, hall_endpoints, pages, staff_endpoints
from booking.service.moving import Moving
from tests.o2o.forms import Page
from tests.serving import Service, add_halls, add_people, serve, with_key
from tests.unanswered import unanswered

pytestmark = pytest.mark.once

KEY = "a-key-of-a-form-1"
ROUTES = [
    *endpoints.routes, *hall_endpoints.routes, *staff_endpoints.routes, *staff.endpoints.routes, *pages.routes
]  # fmt: skip

PAUSE = "/api/v1/halls/heping/pause"
WORDS = {"zh-CN": "停电了", "en": "The power is off."}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES) as service:
        await add_halls(service, "heping")
        await add_people("hq")
        yield service


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client(accept="text/html")


async def test_the_link_gives_the_right_and_hides_it_at_once(service: Service, phone: AsyncClient) -> None:
    made = await _ticket(service)
    answer = await phone.get(f"/t/{made['id']}?k={made['token']}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/t/{made['id']}"
    assert (await phone.get(f"/t/{made['id']}")).status_code == 200


async def test_a_wrong_token_no_token_and_no_ticket_are_told_the_same(service: Service, phone: AsyncClient) -> None:
    made, other = await _ticket(service), "A" * 22
    paths = [f"/t/{made['id']}?k=wrong", f"/t/{made['id']}", f"/t/{other}?k={made['token']}", f"/t/{other}"]
    answers = [await phone.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert all("There is no such ticket, or it is not yours." in answer.text for answer in answers)


async def test_it_knows_when_the_hall_closes(service: Service, phone: AsyncClient) -> None:
    await add_halls(service, "xiqing")
    page = (await phone.get(await _own(service, phone, "xiqing"))).text
    assert 'data-closes-at="2026-11-23T04:00:00.000+00:00"' in page


async def test_without_a_script_it_asks_anew_until_it_has_ended(service: Service, phone: AsyncClient) -> None:
    path, anew = await _own(service, phone), '<noscript><meta http-equiv="refresh"'
    assert anew in (await phone.get(path)).text
    await _by_staff(service, f"/api/v1/tickets/{path[3:]}/cancellation", {})
    assert anew not in (await phone.get(path)).text


async def test_only_the_owner_gives_a_ticket_up(service: Service, phone: AsyncClient) -> None:
    made = await _ticket(service)
    path = f"/t/{made['id']}/cancellation"
    assert (await phone.post(path, data={"key": KEY})).status_code == 404
    await phone.get(f"/t/{made['id']}?k={made['token']}")
    assert (await phone.post(path, data={"key": KEY})).status_code == 303
    assert "You left the line" in (await phone.get(f"/t/{made['id']}")).text


async def test_a_form_whose_answer_was_lost_lets_people_go_first_once(service: Service, phone: AsyncClient) -> None:
    path = await _own(service, phone)
    for _nobody in range(4):
        await _ticket(service)
    later, _leave = Page(path, (await phone.get(path)).text).forms
    with unanswered(Moving, "postpone"):
        lost = await phone.post(later.action, data=later.values | {"places": "1"})
    again, _leave = Page(path, lost.text).forms

    answer = await phone.post(again.action, data=again.values | {"places": "1"})

    assert (lost.status_code, answer.status_code) == (503, 303)
    page = await phone.get(answer.headers["location"])
    assert ("1 person ahead" in _truth(page), "You have let others go first." in _news(page)) == (True, True)


async def test_its_owner_lets_people_go_first_by_the_form(service: Service, phone: AsyncClient) -> None:
    path = await _own(service, phone)
    await _ticket(service)
    assert "You are next" in _truth(await phone.get(path))
    answer = await phone.post(f"{path}/postponement", data={"key": KEY, "places": "3"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?later=moved")
    page = await phone.get(answer.headers["location"])
    assert "1 person ahead" in _truth(page)
    assert "Done. You have let others go first." in _news(page)
    assert _news(await phone.get(path)) == ""


async def test_who_could_let_nobody_go_first_is_told_so_by_the_form_too(service: Service, phone: AsyncClient) -> None:
    await _ticket(service)
    path = await _own(service, phone)
    answer = await phone.post(f"{path}/postponement", data={"key": KEY, "places": "3", "ahead": "1"})

    assert "you keep your place" in _news(await phone.get(answer.headers["location"]))


def _news(page: Response) -> str:
    found = re.search(r"data-news[^>]*>(.*?)</p>", page.text)
    assert found
    return found[1]


async def test_nobody_else_makes_it_later(service: Service, phone: AsyncClient) -> None:
    made = await _ticket(service)
    answer = await phone.post(f"/t/{made['id']}/postponement", data={"key": KEY, "places": "3"})
    assert answer.status_code == 404


async def test_what_can_not_be_put_off_is_said_on_the_page(service: Service, phone: AsyncClient) -> None:
    path = await _own(service, phone)
    await _by_staff(service, f"/api/v1/tickets/{path[3:]}/parking", {})
    answer = await phone.post(f"{path}/postponement", data={"key": KEY, "places": "3"})
    assert answer.status_code == 409
    assert "the ticket is parked" in answer.text


async def test_a_visit_on_hold_and_one_that_staff_ended_say_so(service: Service, phone: AsyncClient) -> None:
    path = await _own(service, phone)
    await _by_staff(service, f"/api/v1/tickets/{path[3:]}/parking", {})
    assert "Your visit is on hold" in _truth(await phone.get(path))
    await _by_staff(service, f"/api/v1/tickets/{path[3:]}/cancellation", {})
    assert "The staff have ended this number" in _truth(await phone.get(path))


async def test_it_tells_what_comes_after_and_that_a_claim_must_be_seen(service: Service, phone: AsyncClient) -> None:
    path = await _own(service, phone, then=["bill", "device"], **{"class": "priority"})
    page = await phone.get(path)
    assert _facts(page) == {"then", "claimed"}
    assert "Bills and payments → Phones and accessories" in page.text
    await _by_staff(service, f"/api/v1/tickets/{path[3:]}/class", {"class": "priority"})
    assert _facts(await phone.get(path)) == {"then", "confirmed"}


async def test_it_names_the_one_counter_that_will_call(service: Service, phone: AsyncClient) -> None:
    path = await _own(service, phone)
    await _by_staff(service, "/api/v1/counters/heping-2/opening", {})
    await _by_staff(service, f"/api/v1/tickets/{path[3:]}/transfer", {"counter": "heping-2", "position": "age"})
    page = await phone.get(path)
    assert _facts(page) == {"bound"}
    assert ">Counter 2 will call you<" in page.text


async def test_a_pause_is_said_in_the_managers_words_until_the_hall_goes_on(
    service: Service, phone: AsyncClient
) -> None:
    path = await _own(service, phone)
    await _by_staff(service, PAUSE, {"issuing": True, "calling": True, "message": WORDS})
    page = (await phone.get(path)).text
    assert "The power is off." in page
    assert "Nobody is called for now. Your place is kept.</span>" in page
    assert "停电了" in (await phone.get(f"{path}?lang=zh-CN")).text
    await _by_staff(service, PAUSE, {"issuing": True, "calling": False})
    page = (await phone.get(f"{path}?lang=en")).text
    assert "<strong data-pause-said>The hall has paused</strong>" in page
    assert "No new numbers are given for now. Yours stays good.</span>" in page
    await _by_staff(service, PAUSE, {"issuing": False, "calling": False})
    assert "<strong data-pause-said></strong>" in (await phone.get(path)).text


async def test_the_rule_of_the_line_is_told(service: Service, phone: AsyncClient) -> None:
    page = (await phone.get(await _own(service, phone))).text
    assert "While people with priority wait, 2 of every 3 calls are theirs." in page


async def _ticket(service: Service, hall: str = "heping", **wish: Any) -> dict[str, str]:
    headers = with_key(secrets.token_urlsafe(16))
    wanted = {"service": "sim", **wish}
    answer = await service.client().post(f"/api/v1/halls/{hall}/tickets", json=wanted, headers=headers)
    made: dict[str, str] = answer.json()
    return made


async def _own(service: Service, phone: AsyncClient, hall: str = "heping", **wish: Any) -> str:
    """The path of a ticket that the phone owns."""
    made = await _ticket(service, hall, **wish)
    await phone.get(f"/t/{made['id']}?k={made['token']}")
    return f"/t/{made['id']}"


async def _by_staff(service: Service, path: str, body: dict[str, Any]) -> None:
    client = await service.signed_in("hq")
    answer = await client.post(path, json=body, headers=with_key(secrets.token_urlsafe(16)))
    assert answer.is_success, answer.text


def _truth(page: Response) -> str:
    """The sentence that is true now."""
    phase = re.search(r'data-phase="(\w+)"', page.text)
    assert phase
    sentence = re.search(rf'<p data-when="{phase[1]}">(.*?)</p>', page.text)
    assert sentence
    return sentence[1]


def _facts(page: Response) -> set[str]:
    """What else is shown of the ticket."""
    return set(re.findall(r'data-fact="(\w+)" data-when="[^"]*">', page.text))


@pytest.mark.parametrize("deed", ["cancellation", "postponement"])
async def test_a_refused_deed_leads_to_the_ticket_in_the_other_language(
    deed: str, service: Service, phone: AsyncClient
) -> None:
    path = await _own(service, phone)
    await phone.post(f"{path}/cancellation", data={"key": KEY})
    form = {"key": KEY.replace("1", "2")} | ({"places": "3"} if deed == "postponement" else {})
    refused = await phone.post(f"{path}/{deed}", data=form)
    assert refused.status_code == 409
    other = next(link for link in Page(f"{path}/{deed}", refused.text).links if "lang=" in link)
    assert "您已离开队伍" in _truth(await phone.get(other))
