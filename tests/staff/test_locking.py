"""A tablet that is left alone is nobody's until its PIN is entered."""

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest
from httpx2 import AsyncClient, Response

from o2o.kernel.models import Deed
from staff import endpoints
from staff.locking import TRIES
from staff.models import Person, Session
from staff.people import removing_pin, settle
from staff.sessions import By
from tests.serving import PASSWORD, Service, add_people, serve

PATH: Final = "/api/v1/session"
PIN: Final = "2580"


async def with_a_pin(service: Service, username: str = "clerk1", pin: str = PIN) -> AsyncClient:
    client = await service.signed_in(username)
    answer = await client.put(f"{PATH}/pin", json={"password": PASSWORD, "pin": pin})
    assert answer.status_code == 204, answer.text
    return client


async def locked(service: Service) -> AsyncClient:
    client = await with_a_pin(service)
    assert (await client.put(f"{PATH}/lock")).status_code == 204
    return client


async def unlock(client: AsyncClient, pin: str = PIN) -> Response:
    return await client.post(f"{PATH}/unlocking", json={"pin": pin})


async def is_locked(client: AsyncClient) -> bool:
    answer: dict[str, Any] = (await client.get(PATH)).json()
    return bool(answer["locked"])


async def test_a_locked_session_may_do_nothing_until_the_pin_is_entered(service: Service) -> None:
    client = await locked(service)

    refused = await client.put(f"{PATH}/pin", json={"password": PASSWORD, "pin": "1379"})
    assert (refused.status_code, refused.json()["code"]) == (401, "locked")
    assert await is_locked(client)

    assert (await unlock(client)).json()["locked"] is False
    assert (await client.put(f"{PATH}/pin", json={"password": PASSWORD, "pin": "1379"})).status_code == 204


@pytest.mark.parametrize(("body", "field"), [(b"garbage", "body"), (b'{"pin":"0007"}', "pin"), (b"[]", "body")])
async def test_what_the_lock_does_not_understand_it_refuses_and_locks_nothing(
    service: Service, body: bytes, field: str
) -> None:
    client = await service.signed_in("clerk1")

    refused = await client.put(f"{PATH}/lock", content=body)

    assert (refused.status_code, refused.json()["field"]) == (400, field)
    assert not await is_locked(client)


async def test_only_this_session_is_locked(service: Service) -> None:
    other = await service.signed_in("clerk1")

    await locked(service)

    assert not await is_locked(other)


async def test_each_wrong_pin_leaves_fewer_tries_and_the_last_one_ends_the_session(service: Service) -> None:
    client = await locked(service)

    answers = [await unlock(client, "0007") for _ in range(TRIES)]

    assert [answer.json()["code"] for answer in answers] == ["wrong_pin"] * TRIES
    assert [answer.json()["left"] for answer in answers] == [4, 3, 2, 1, 0]
    assert (await unlock(client)).json()["code"] == "sign_in_required"
    assert (await Deed.get(name="session.ended")).after == '{"why":"wrong PINs"}'


async def test_many_guesses_at_once_are_not_more(service: Service) -> None:
    client = await locked(service)

    answers = await asyncio.gather(*(unlock(client, f"{guess:04}") for guess in range(20)))

    assert sum(answer.json().get("left", 0) > 0 for answer in answers) <= TRIES
    assert (await unlock(client)).status_code == 401
    assert (await Session.first()).ended_at is not None  # type: ignore[union-attr]  # there is one


async def test_the_right_pin_forgives_the_wrong_ones(service: Service) -> None:
    client = await locked(service)

    for _ in range(3):
        await unlock(client, "0007")
        assert (await unlock(client)).status_code == 200
        await client.put(f"{PATH}/lock")

    assert (await unlock(client, "0007")).json()["left"] == TRIES - 1


async def test_without_a_pin_unlocking_is_signing_in(service: Service) -> None:
    client = await service.signed_in("clerk1")
    await client.put(f"{PATH}/lock")

    answer = await unlock(client)

    assert (answer.status_code, answer.json()["code"]) == (409, "no_pin")
    assert await is_locked(client)


async def test_a_manager_takes_a_forgotten_pin_away(service: Service) -> None:
    client = await locked(service)

    await settle("clerk1", removing_pin("clerk1", By("staff:manager", 1)))

    assert (await unlock(client)).json()["code"] == "no_pin"
    assert [deed.name for deed in await Deed.filter(name__startswith="person.")] == [
        "person.pin_set",
        "person.pin_removed",
    ]


@pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "１２３４", "1111", "1234", "9876", "567890"])
async def test_a_pin_is_four_to_six_digits_and_no_run(service: Service, pin: str) -> None:
    client = await service.signed_in("clerk1")

    answer = await client.put(f"{PATH}/pin", json={"password": PASSWORD, "pin": pin})

    assert (answer.status_code, answer.json()["field"]) == (400, "pin")
    assert (await Person.get(username="clerk1")).pin_hash is None


async def test_a_pin_is_set_by_who_knows_the_password(service: Service) -> None:
    client = await service.signed_in("clerk1")

    answer = await client.put(f"{PATH}/pin", json={"password": "a guess", "pin": PIN})

    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


async def test_a_pin_is_kept_as_a_password_is(service: Service) -> None:
    await with_a_pin(service)

    person = await Person.get(username="clerk1")

    assert person.pin_hash is not None
    assert person.pin_hash.startswith("$argon2id$")
    assert person.pin_hash != person.password_hash


async def test_a_browser_that_is_left_alone_locks_itself(service: Service) -> None:
    await with_a_pin(service)
    browser, program = await service.browser("clerk1"), await service.signed_in("clerk1")
    service.clock.advance(minutes=9)
    assert not await is_locked(browser)

    service.clock.advance(minutes=10)

    assert await is_locked(browser)
    assert await is_locked(browser)  # Being looked at does not unlock it.
    assert not await is_locked(program)


@pytest.mark.parametrize("minutes", [1, 2, 10])
async def test_a_browser_that_is_used_does_not_lock(tmp_path: Path, minutes: int) -> None:
    async with serve(tmp_path, endpoints.routes, O2O_LOCK_MINUTES=str(minutes)) as service:
        await add_people("clerk1")
        browser = await service.browser("clerk1")

        for _ in range(8):
            service.clock.advance(minutes=minutes / 2)
            assert not await is_locked(browser)
            service.clock.advance(seconds=10)
            assert not await is_locked(browser)

        service.clock.advance(minutes=minutes)
        assert await is_locked(browser)


async def test_a_locked_browser_unlocks_with_its_csrf_token_only(service: Service) -> None:
    await with_a_pin(service)
    browser = await service.browser("clerk1")
    service.clock.advance(minutes=10)
    csrf = (await browser.get(PATH)).json()["csrf"]

    assert (await unlock(browser)).json()["code"] == "csrf"
    answer = await browser.post(f"{PATH}/unlocking", json={"pin": PIN}, headers={"X-CSRF-Token": csrf})

    assert answer.status_code == 200
    assert not await is_locked(browser)


async def test_a_locked_session_still_ends(service: Service) -> None:
    client = await locked(service)

    assert (await client.delete(PATH)).status_code == 204
    assert (await client.get(PATH)).status_code == 401
