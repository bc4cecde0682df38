"""Sessions over HTTP."""

import pytest

from staff.models import Session
from staff.passwords import verify_password
from staff.people import disabling, hashed, setting_password, settle
from staff.sessions import By
from tests.serving import PASSWORD, Service

PATH = "/api/v1/session"
BY = By("staff:hq", 1)
CLERK = {"username": "clerk1", "password": PASSWORD}


async def test_a_clerk_signs_in_and_is_told_who_they_are(service: Service) -> None:
    answer = await service.client().post(PATH, json=CLERK)

    assert answer.status_code == 201
    assert answer.json()["token"].startswith("o2os_")
    assert answer.json()["roles"] == [{"role": "clerk", "scope": "heping", "counter": "heping-1"}]
    assert answer.json()["expires_at"] == "2026-11-23T14:00:00Z"


async def test_the_token_opens_as_bearer(service: Service) -> None:
    client = await service.signed_in("clerk1")

    answer = await client.get(PATH)

    assert answer.status_code == 200
    assert answer.json()["username"] == "clerk1"
    assert "token" not in answer.json()


async def test_the_database_does_not_hold_the_token(service: Service) -> None:
    answer = await service.client().post(PATH, json=CLERK)

    row = await Session.all().values()

    assert answer.json()["token"] not in str(row)


async def test_nobody_is_signed_in_without_token_or_cookie(service: Service) -> None:
    answer = await service.client().get(PATH)

    assert answer.status_code == 401
    assert answer.json()["code"] == "sign_in_required"


async def test_unknown_user_and_wrong_password_get_the_same_answer(service: Service) -> None:
    wrong = await service.client().post(PATH, json={**CLERK, "password": "not it"})
    unknown = await service.client().post(PATH, json={**CLERK, "username": "nobody"})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["code"] == unknown.json()["code"] == "wrong_credentials"
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert await Session.all().count() == 0


async def test_a_disabled_person_gets_that_answer_too(service: Service) -> None:
    await settle("clerk1", disabling("clerk1", BY))

    answer = await service.client().post(PATH, json=CLERK)

    assert answer.status_code == 401
    assert answer.json()["code"] == "wrong_credentials"


@pytest.mark.parametrize("meanwhile", ["another password", "disabled"])
async def test_no_session_begins_by_a_password_that_is_another_one_meanwhile(
    service: Service, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """Looking at a password takes its time: a manager gives another one, which ends all sessions, just then."""
    another = setting_password("clerk1", await hashed("another password"), BY)

    async def verify(password_hash: str | None, password: str) -> bool:
        right = await verify_password(password_hash, password)
        await settle("clerk1", another if meanwhile == "another password" else disabling("clerk1", BY))
        return right

    monkeypatch.setattr("staff.service.verify_password", verify)
    answer = await service.client().post(PATH, json=CLERK)

    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert await Session.all().count() == 0


async def test_whoever_was_signed_out_meanwhile_changes_no_password(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manager gives a new password because somebody has the old one, who is just changing it."""
    client = await service.signed_in("clerk1")
    another = setting_password("clerk1", await hashed("the manager's"), BY)

    async def verify(password_hash: str | None, password: str) -> bool:
        right = await verify_password(password_hash, password)
        await settle("clerk1", another)
        return right

    monkeypatch.setattr("staff.service.verify_password", verify)
    answer = await client.put(f"{PATH}/password", json={"password": PASSWORD, "new": "a thief's own"})
    monkeypatch.undo()

    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required")
    again = await service.client().post(PATH, json={**CLERK, "password": "the manager's"})
    assert again.status_code == 201


async def test_an_unknown_field_is_refused(service: Service) -> None:
    answer = await service.client().post(PATH, json={**CLERK, "role": "hq"})

    assert answer.status_code == 400
    assert answer.json()["field"] == "role"


async def test_signing_out_ends_the_token_at_once(service: Service) -> None:
    client = await service.signed_in("clerk1")

    assert (await client.delete(PATH)).status_code == 204
    assert (await client.get(PATH)).status_code == 401


async def test_disabling_a_person_ends_their_sessions_at_once(service: Service) -> None:
    client = await service.signed_in("clerk1")
    other = await service.signed_in("manager")
    assert (await client.get(PATH)).status_code == 200

    await settle("clerk1", disabling("clerk1", BY))

    assert (await client.get(PATH)).status_code == 401
    assert (await other.get(PATH)).status_code == 200


async def test_a_new_password_ends_the_sessions_of_the_old_one(service: Service) -> None:
    client = await service.signed_in("clerk1")

    await settle("clerk1", setting_password("clerk1", await hashed("another password"), BY))

    assert (await client.get(PATH)).status_code == 401


async def test_a_session_ends_with_the_shift(service: Service) -> None:
    client = await service.signed_in("clerk1")
    for _hour in range(11):
        service.clock.advance(hours=1)
        assert (await client.get(PATH)).status_code == 200

    service.clock.advance(hours=1)

    assert (await client.get(PATH)).status_code == 401


async def test_a_session_that_nobody_uses_ends_sooner(service: Service) -> None:
    left_alone, used = await service.signed_in("clerk1"), await service.signed_in("clerk1")

    service.clock.advance(hours=3)
    assert (await used.get(PATH)).status_code == 200
    service.clock.advance(hours=1)

    assert [(await client.get(PATH)).status_code for client in (left_alone, used)] == [401, 200]


@pytest.mark.parametrize("token", ["o2os_forged", "", "x", "o2os_" + "a" * 43])
async def test_a_forged_token_opens_nothing(service: Service, token: str) -> None:
    answer = await service.client(authorization=f"Bearer {token}").get(PATH)

    assert answer.status_code == 401


async def test_the_cookie_is_kept_from_scripts_and_other_sites(service: Service) -> None:
    answer = await service.client().post(PATH, json=CLERK)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("staff=o2os_")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


async def test_under_https_the_cookie_is_bound_to_the_host(service: Service) -> None:
    client = service.client("https://hall.test")

    answer = await client.post(PATH, json=CLERK)

    assert answer.headers["set-cookie"].startswith("__Host-staff=o2os_")
    assert "Secure" in answer.headers["set-cookie"]
    assert (await client.get(PATH)).status_code == 200


async def test_under_https_a_cookie_set_over_plain_http_is_not_believed(service: Service) -> None:
    token = (await service.client().post(PATH, json=CLERK)).json()["token"]

    answer = await service.client("https://hall.test", cookie=f"staff={token}").get(PATH)

    assert answer.status_code == 401
