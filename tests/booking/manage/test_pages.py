"""Where a manager comes in, as a browser without scripts sees it."""

import pytest

from tests.serving import Service

pytestmark = pytest.mark.once


async def test_whoever_is_not_signed_in_is_asked_to(service: Service) -> None:
    answer = await service.client().get("/manage/heping/rules?lang=en")
    assert answer.headers["location"] == "/sign-in?next=%2Fmanage%2Fheping%2Frules%3Flang%3Den"


async def test_a_manager_of_one_hall_comes_to_it_at_once(service: Service) -> None:
    answer = await (await service.browser("manager")).get("/manage")
    assert answer.headers["location"] == "/manage/heping"


async def test_headquarters_choose_a_hall_by_its_name(service: Service) -> None:
    browser = await service.browser("hq")
    page = (await browser.get("/manage?q=nank")).text
    assert 'href="/manage/nankai"' in page
    assert 'href="/manage/heping"' not in page
    assert "No hall is found for" in (await browser.get("/manage?q=zzz")).text


async def test_the_frame_names_the_hall_and_the_tab(service: Service) -> None:
    answer = await (await service.browser("manager")).get("/manage/heping/rules")
    assert answer.headers["cache-control"] == "no-store"
    assert "<title>Rules · Heping hall</title>" in answer.text


@pytest.mark.parametrize(("username", "hall"), [("clerk1", "heping"), ("manager", "nankai"), ("manager", "nowhere")])
async def test_whoever_may_not_manage_the_hall_is_told_so(username: str, hall: str, service: Service) -> None:
    assert (await (await service.browser(username)).get(f"/manage/{hall}/rules")).status_code == 403


async def test_a_hall_that_is_not_there_is_not_found(service: Service) -> None:
    assert (await (await service.browser("hq")).get("/manage/nowhere/rules")).status_code == 404
