"""The sign-in page."""

import re

import pytest
from httpx2 import AsyncClient

from o2o.kernel.models import Deed
from staff.browsers import own_path
from staff.locking import TRIES
from tests.serving import PASSWORD, Service, add_people

pytestmark = pytest.mark.once


async def test_signing_in_leads_to_the_page_that_was_asked_for(service: Service) -> None:
    form = {"username": "clerk1", "password": PASSWORD, "next": "/clerk?counter=heping-1"}

    answer = await service.client().post("/sign-in", data=form)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/clerk?counter=heping-1"


@pytest.mark.parametrize(
    ("username", "home"),
    [("clerk1", "/clerk"), ("manager", "/manage"), ("warehouse", "/stock"), ("hq", "/manage")],
)
async def test_who_asked_for_no_page_is_led_to_the_one_they_work_at(service: Service, username: str, home: str) -> None:
    if username == "warehouse":
        await add_people(username)
    browser = service.client()
    assert 'name="next" value=""' in (await browser.get("/sign-in")).text
    answer = await browser.post("/sign-in", data={"username": username, "password": PASSWORD, "next": ""})

    assert (answer.status_code, answer.headers["location"]) == (303, home)


async def test_the_form_keeps_where_to_go_next(service: Service) -> None:
    answer = await service.client().get("/sign-in?next=/display/pair")

    assert answer.status_code == 200
    assert 'name="next" value="/display/pair"' in answer.text


async def test_a_wrong_password_is_said_in_the_readers_language(service: Service) -> None:
    form = {"username": "clerk1", "password": "not it"}

    english = await service.client().post("/sign-in", data=form)
    chinese = await service.client().post("/sign-in?lang=zh-CN", data=form)

    assert english.status_code == chinese.status_code == 401
    assert "The user name or the password is not right." in english.text
    assert "The user name or the password is not right." not in chinese.text
    assert 'value="clerk1"' in english.text
    assert re.findall(r'id="(\w+)"[^>]*autofocus', english.text) == ["password"]
    assert "not it" not in english.text


async def test_signing_in_again_ends_the_session_before(service: Service) -> None:
    browser = await service.browser("clerk1")
    before = browser.cookies["staff"]

    await browser.post("/sign-in", data={"username": "clerk1", "password": PASSWORD})

    old = await service.client(authorization=f"Bearer {before}").get("/api/v1/session")
    assert old.status_code == 401
    assert browser.cookies["staff"] != before


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.test", "//evil.test", "/\\evil.test", "\\/evil.test", "javascript:x", "", "/\t/evil.test"],
)
def test_nobody_is_led_to_another_site(elsewhere: str) -> None:
    assert own_path(elsewhere) == "/clerk"


async def csrf_of(browser: AsyncClient) -> str:
    return str((await browser.get("/api/v1/session")).json()["csrf"])


async def with_a_pin(service: Service) -> AsyncClient:
    browser = await service.browser("clerk1")
    form = {"csrf": await csrf_of(browser), "password": PASSWORD, "pin": "2580", "next": "/clerk?counter=heping-1"}
    answer = await browser.post("/pin", data=form)
    assert answer.headers["location"].endswith("/pin?next=%2Fclerk%3Fcounter%3Dheping-1&done=")
    return browser


async def lock(browser: AsyncClient) -> str:
    """Where one is led."""
    form = {"csrf": await csrf_of(browser), "next": "/clerk?counter=heping-1"}
    return str((await browser.post("/lock", data=form)).headers["location"])


async def test_locking_asks_for_the_pin_and_leads_back(service: Service) -> None:
    browser = await with_a_pin(service)

    page = await browser.get(await lock(browser))
    assert 'name="pin"' in page.text
    form = {"csrf": await csrf_of(browser), "next": "/clerk?counter=heping-1"}
    wrong = await browser.post("/sign-in", data=form | {"pin": "0007"})
    right = await browser.post("/sign-in", data=form | {"pin": "2580"})

    assert (wrong.status_code, "Tries left: 4." in wrong.text) == (401, True)
    assert (right.status_code, right.headers["location"]) == (303, "/clerk?counter=heping-1")


async def test_a_locked_page_leads_to_the_lock(service: Service) -> None:
    browser = await with_a_pin(service)
    await lock(browser)

    answer = await browser.get("/pin?next=/clerk")

    assert answer.headers["location"] == "/sign-in?next=%2Fpin%3Fnext%3D%2Fclerk"
    assert 'name="pin"' in (await browser.get(answer.headers["location"])).text


async def test_a_form_that_comes_too_late_leads_to_the_lock_and_not_to_another_person(service: Service) -> None:
    browser = await service.browser("clerk1")
    await lock(browser)

    late = await browser.post("/pin", data={"password": PASSWORD, "pin": "2580"}, headers={"Accept": "text/html"})

    assert late.status_code == 401
    assert "This page is locked. Sign in to unlock it." in late.text
    assert re.search(r'href="/sign-in">Sign in<', late.text)


async def test_the_password_unlocks_too_and_whoever_has_no_pin_needs_it(service: Service) -> None:
    without = await service.browser("clerk1")
    first = await without.get(await lock(without))
    browser = await with_a_pin(service)
    second = await browser.get(await lock(browser) + "&password=1")

    for page in (first, second):
        assert 'name="password"' in page.text
        assert 'value="clerk1"' in page.text
        assert "as you left it" in page.text


async def test_the_last_wrong_pin_asks_for_the_password(service: Service) -> None:
    browser = await with_a_pin(service)
    await lock(browser)
    form = {"csrf": await csrf_of(browser), "pin": "0007"}

    pages = [(await browser.post("/sign-in", data=form)).text for _ in range(TRIES + 1)]

    assert ["Too many tries" in page for page in pages] == [False] * 4 + [True, False]
    assert 'name="password"' in pages[-1]


async def test_the_unlock_form_is_our_own(service: Service) -> None:
    browser = await with_a_pin(service)
    await lock(browser)

    assert (await browser.post("/sign-in", data={"pin": "2580"})).status_code == 403
    assert (await browser.get("/api/v1/session")).json()["locked"]


async def test_a_pin_that_is_refused_is_said_on_the_page(service: Service) -> None:
    browser = await service.browser("clerk1")
    form = {"csrf": await csrf_of(browser), "password": PASSWORD, "pin": "1111"}

    page = await browser.post("/pin", data=form)

    assert (page.status_code, "too easy to guess" in page.text) == (400, True)
    assert PASSWORD not in page.text


async def test_ones_own_password_is_changed_by_who_knows_it_and_the_other_sessions_end(service: Service) -> None:
    browser, elsewhere = await service.browser("clerk1"), await service.signed_in("clerk1")
    form = {"csrf": await csrf_of(browser), "next": "/clerk", "password": PASSWORD, "new": "another-password"}

    guessed = await browser.post("/password", data=form | {"password": "a guess"})
    still = await elsewhere.get("/api/v1/session")
    short = await browser.post("/password", data=form | {"new": "short"})
    done = await browser.post("/password", data=form)

    assert (guessed.status_code, still.status_code) == (401, 200)
    assert (short.status_code, "A password has 8 to 128 characters." in short.text) == (400, True)
    assert "another-password" not in guessed.text + short.text
    assert "Your new password holds" in (await browser.get(done.headers["location"])).text
    assert (await browser.get("/api/v1/session")).status_code == 200
    assert (await elsewhere.get("/api/v1/session")).status_code == 401
    assert await Deed.filter(name="person.password_set", actor="staff:clerk1", subject="clerk1").count() == 1


async def test_a_program_changes_ones_own_password_too(service: Service) -> None:
    client = await service.signed_in("clerk1")

    short = await client.put("/api/v1/session/password", json={"password": PASSWORD, "new": "short"})
    done = await client.put("/api/v1/session/password", json={"password": PASSWORD, "new": "another-password"})

    assert (short.status_code, short.json()["field"], done.status_code) == (400, "new", 204)
    signed_in = {"username": "clerk1", "password": "another-password"}
    assert (await service.client().post("/api/v1/session", json=signed_in)).status_code == 201


async def test_who_has_a_pin_still_finds_pin_and_password(service: Service) -> None:
    browser = await with_a_pin(service)

    assert "/password?next=/clerk" in (await browser.get("/pin?next=/clerk")).text


@pytest.mark.parametrize("hours", [0, 13])
async def test_who_is_signed_out_already_is_led_to_the_sign_in(service: Service, hours: int) -> None:
    browser = await service.browser("clerk1")
    cookie, csrf = browser.cookies["staff"], (await browser.get("/api/v1/session")).json()["csrf"]
    service.clock.advance(hours=hours)

    answers = []
    for _press in range(2):
        browser.cookies.set("staff", cookie)
        answers.append(await browser.post("/sign-out", data={"csrf": csrf}))

    assert [(answer.status_code, answer.headers.get("location")) for answer in answers] == [(303, "/sign-in")] * 2
    assert all("Max-Age=0" in answer.headers["set-cookie"] for answer in answers)
