"""Unsafe requests that rely on the cookie: only our own pages may send them."""

import pytest

from tests.serving import PASSWORD, Service

pytestmark = pytest.mark.once

PATH = "/api/v1/session"


async def test_a_cookie_alone_changes_nothing(service: Service) -> None:
    browser = await service.browser("clerk1")

    answer = await browser.delete(PATH)

    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf"
    assert (await browser.get(PATH)).status_code == 200


async def test_with_the_token_of_its_session_it_does(service: Service) -> None:
    browser = await service.browser("clerk1")
    csrf = (await browser.get(PATH)).json()["csrf"]

    answer = await browser.delete(PATH, headers={"X-CSRF-Token": csrf})

    assert answer.status_code == 204
    assert (await browser.get(PATH)).status_code == 401


async def test_the_token_of_another_session_is_refused(service: Service) -> None:
    browser, other = await service.browser("clerk1"), await service.browser("clerk1")
    csrf = (await other.get(PATH)).json()["csrf"]

    answer = await browser.delete(PATH, headers={"X-CSRF-Token": csrf})

    assert answer.status_code == 403


async def test_a_bearer_client_needs_none_even_with_a_cookie_beside(service: Service) -> None:
    browser = await service.browser("clerk1")
    program = await service.signed_in("clerk1")
    browser.headers["authorization"] = program.headers["authorization"]

    assert (await browser.delete(PATH)).status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_is_refused_even_with_the_token(service: Service, headers: dict[str, str]) -> None:
    browser = await service.browser("clerk1")
    csrf = (await browser.get(PATH)).json()["csrf"]

    answer = await browser.delete(PATH, headers={"X-CSRF-Token": csrf, **headers})

    assert answer.status_code == 403
    assert (await browser.get(PATH)).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "http://hall.test"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_own_pages_pass(service: Service, headers: dict[str, str]) -> None:
    browser = await service.browser("clerk1")
    csrf = (await browser.get(PATH)).json()["csrf"]

    assert (await browser.delete(PATH, headers={"X-CSRF-Token": csrf, **headers})).status_code == 204


async def test_another_site_can_not_sign_somebody_in(service: Service) -> None:
    browser = service.client(origin="http://evil.test")

    answer = await browser.post("/sign-in", data={"username": "clerk1", "password": PASSWORD})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_form_carries_the_token_in_its_hidden_field(service: Service) -> None:
    browser = await service.browser("clerk1")
    csrf = (await browser.get(PATH)).json()["csrf"]

    assert (await browser.post("/sign-out")).status_code == 403
    assert (await browser.post("/sign-out", data={"csrf": csrf})).status_code == 303
    assert (await browser.get(PATH)).status_code == 401
