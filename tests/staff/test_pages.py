"""The sign-in page."""

import pytest

from staff.pages import own_path
from tests.serving import PASSWORD, Service


async def test_signing_in_leads_to_the_page_that_was_asked_for(service: Service) -> None:
    form = {"username": "clerk1", "password": PASSWORD, "next": "/clerk?counter=heping-1"}

    answer = await service.client().post("/sign-in", data=form)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/clerk?counter=heping-1"


async def test_the_form_keeps_where_to_go_next(service: Service) -> None:
    answer = await service.client().get("/sign-in?next=/display/pair")

    assert answer.status_code == 200
    assert 'name="next" value="/display/pair"' in answer.text


async def test_a_wrong_password_is_said_in_the_readers_language(service: Service) -> None:
    form = {"username": "clerk1", "password": "not it"}

    english = await service.client().post("/sign-in", data=form)
    chinese = await service.client().post("/sign-in?lang=zh-CN", data=form)

    assert english.status_code == chinese.status_code == 401
    assert "The username or the password is not right." in english.text
    assert "The username or the password is not right." not in chinese.text
    assert 'value="clerk1"' in english.text
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
