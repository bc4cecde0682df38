"""The page of a hall's people, as a manager's browser uses it without a script."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

import pytest
from httpx2 import AsyncClient, Response

from o2o.app import routes
from o2o.kernel.models import Deed
from staff.models import ApiKey, Grant, Person, Session
from staff.people_schemas import PersonRow
from staff.queries import person_row
from tests.serving import PASSWORD, Service, add_halls, add_people, serve

pytestmark = pytest.mark.once

PATH: Final = "/manage/heping/people"
WANG: Final = {"name": "王芳", "username": "Wang", "password": "a long password", "counter": "heping-2"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes()) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk5", "manager", "province")
        yield service


async def press(browser: AsyncClient, act: str, of: str = "", key: str = "", **fields: str) -> Response:
    csrf = (await browser.get("/api/v1/session")).json()["csrf"]
    form = {"csrf": csrf, "key": key or token_urlsafe(16), "act": act, "of": of, **fields}
    return await browser.post(PATH, data=form)


async def test_the_page_lists_who_works_here_and_who_is_signed_in(service: Service) -> None:
    browser = await service.browser("manager")

    page = (await browser.get(PATH)).text

    assert "Clerk 1" in page
    assert "Clerk · Counter 1" in page
    assert "Clerk 5" not in page
    assert page.count("Not signed in") == 1


async def test_a_clerk_is_added_once_however_often_the_button_is_pressed(service: Service) -> None:
    browser = await service.browser("manager")

    answers = [await press(browser, "add", key="one-key-for-the-form", **WANG) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    grant = await Grant.get(person__username="wang")
    assert (grant.role, grant.scope, grant.counter) == ("clerk", "heping", "heping-2")


async def test_what_is_refused_keeps_what_was_typed_but_no_password(service: Service) -> None:
    browser = await service.browser("manager")

    page = await press(browser, "add", **WANG | {"username": "clerk5"})

    assert page.status_code == 409
    assert "already somebody called clerk5" in page.text
    assert 'value="王芳"' in page.text
    assert "a long password" not in page.text


async def test_a_manager_makes_no_manager_and_a_province_does(service: Service) -> None:
    manager, province = await service.browser("manager"), await service.browser("province")

    refused = await press(manager, "add", **WANG, role="manager")
    made = await press(province, "add", **WANG, role="manager")

    assert (refused.status_code, made.status_code) == (403, 303)
    assert 'value="manager"' not in (await manager.get(PATH)).text.split("new-key")[0]
    assert (await Grant.get(person__username="wang")).role == "manager"


async def test_a_clerk_moves_to_another_counter_and_stays_elsewhere(service: Service) -> None:
    await Grant.create(person=await Person.get(username="clerk1"), role="clerk", scope="nankai", counter="nankai-4")
    browser = await service.browser("manager")

    assert (await press(browser, "save", "clerk1", counter="heping-4")).status_code == 303

    grants = await Grant.filter(person__username="clerk1").order_by("scope")
    assert [grant.counter for grant in grants] == ["heping-4", "nankai-4"]
    assert "works elsewhere too" in (await browser.get(PATH)).text


@pytest.mark.parametrize("act", ["password", "disable", "enable", "pin"])
async def test_who_works_elsewhere_too_is_not_ones_own_to_settle(service: Service, act: str) -> None:
    await Grant.create(person=await Person.get(username="clerk1"), role="clerk", scope="nankai")
    browser = await service.browser("manager")

    answer = await press(browser, act, "clerk1", password="another password")

    assert answer.status_code == 403
    assert (await service.signed_in("clerk1")).headers["authorization"]


@pytest.mark.parametrize("act", ["save", "remove", "password", "disable", "end"])
async def test_nobody_elsewhere_is_settled_here(service: Service, act: str) -> None:
    browser, elsewhere = await service.browser("manager"), await service.signed_in("clerk5")
    session = await Session.get(person__username="clerk5")

    answer = await press(browser, act, session.id if act == "end" else "clerk5", password="another password")

    assert answer.status_code == 404
    assert (await elsewhere.get("/api/v1/session")).status_code == 200


async def test_what_somebody_is_elsewhere_is_not_given_back_to_them(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other hall takes them away between a form's reading and its writing."""
    person, read = await Person.get(username="clerk1"), person_row
    await Grant.create(person=person, role="clerk", scope="nankai")

    async def taken_away_since(username: str) -> PersonRow | None:
        row = await read(username)
        await Grant.filter(person=person, scope="nankai").delete()
        return row

    monkeypatch.setattr("staff.people_pages.person_row", taken_away_since)
    answer = await press(await service.browser("province"), "save", "clerk1", counter="heping-2")

    assert answer.status_code == 303
    grant = await Grant.get(person=person)
    assert (grant.scope, grant.counter) == ("heping", "heping-2")


async def test_a_session_is_ended_from_the_page(service: Service) -> None:
    browser, clerk = await service.browser("manager"), await service.signed_in("clerk1")
    session = await Session.get(person__username="clerk1")
    assert session.id in (await browser.get(PATH)).text

    answers = [await press(browser, "end", session.id, key="one-key-for-the-form") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert await Deed.filter(name="session.ended").count() == 1
    assert (await clerk.get("/api/v1/session")).status_code == 401


async def test_a_clerk_is_shut_out_and_let_in_again(service: Service) -> None:
    browser = await service.browser("manager")

    await press(browser, "disable", "clerk1")
    assert "Shut out" in (await browser.get(PATH)).text
    await press(browser, "enable", "clerk1")

    assert (await Person.get(username="clerk1")).disabled_at is None


async def test_a_button_that_takes_somebody_away_may_be_pressed_twice(service: Service) -> None:
    browser = await service.browser("manager")

    answers = [await press(browser, "remove", "clerk1", key="one-key-for-the-form") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert not await Grant.filter(person__username="clerk1").exists()


async def test_a_new_password_holds(service: Service) -> None:
    browser = await service.browser("manager")

    await press(browser, "password", "clerk1", password="another password")

    for password, status in ((PASSWORD, 401), ("another password", 201)):
        credentials = {"username": "clerk1", "password": password}
        assert (await service.client().post("/api/v1/session", json=credentials)).status_code == status


async def test_a_key_is_shown_this_once(service: Service) -> None:
    browser = await service.browser("manager")

    made = await press(browser, "make-key", name="queue", role="clerk", read_only="1", ends="2026-12-01")

    [token] = re.findall(r"o2ok_[\w-]+", made.text)
    assert (await service.client(authorization=f"Bearer {token}").get("/api/v1/counters/heping-1")).status_code == 200
    page = (await browser.get(PATH)).text
    assert "queue" in page
    assert "until 2026-12-01 00:00" in page
    assert token not in page
    key = await ApiKey.get()
    assert key.read_only
    answers = [await press(browser, "revoke-key", key.id, key="one-key-for-the-form") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert (await service.client(authorization=f"Bearer {token}").get("/api/v1/counters/heping-1")).status_code == 401


async def test_a_refused_key_stays_what_it_was_to_be(service: Service) -> None:
    browser = await service.browser("manager")

    page = await press(browser, "make-key", name="queue", role="manager", read_only="1", ends="2026-11-01")

    assert (page.status_code, await ApiKey.all().count()) == (400, 0)
    for kept in ('name="read_only" value="1" checked', 'name="role" value="manager" checked', 'value="2026-11-01"'):
        assert kept in page.text.split("new-key")[1]


async def test_what_the_page_does_not_have_is_refused(service: Service) -> None:
    browser = await service.browser("manager")

    assert (await press(browser, "make-hq", "clerk1")).status_code == 400
    assert (await press(browser, "save", "clerk1", counter="nankai-1")).status_code == 400


async def test_whoever_may_not_is_led_to_sign_in_as_somebody_else(service: Service) -> None:
    browser = await service.browser("clerk1")

    refused = await browser.get("/manage/heping", headers={"Accept": "text/html"})

    assert (refused.status_code, "/sign-in?next=%2Fmanage%2Fheping" in refused.text) == (403, True)
    assert 'name="password"' in (await browser.get("/sign-in?next=%2Fmanage%2Fheping")).text
