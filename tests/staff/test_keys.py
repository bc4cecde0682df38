"""Keys for programs: never more than their maker may, and told once."""

from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final

import pytest
from httpx2 import AsyncClient, Response

from o2o.app import routes
from o2o.kernel.models import Deed, Event, Idempotency
from staff.keys import USES
from staff.models import ApiKey, Grant, Person
from staff.people import disabling, doubt, settle
from staff.queries import valid_keys
from staff.ranks import holds
from staff.schemas import Right, Staff
from staff.sessions import By
from staff.states import Role
from tests.asked import asked_from_now_on
from tests.serving import START, Service, add_halls, add_people, serve, with_key

PATH: Final = "/api/v1/keys"
QUEUE: Final = {"name": "queue on the web site", "role": "clerk", "scope": "heping"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes()) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "manager", "province", "hq")
        yield service


async def make(client: AsyncClient, key: str | None = None, **changes: Any) -> Response:
    return await client.post(PATH, json=QUEUE | changes, headers=with_key(key or token_urlsafe(16)))


async def program(service: Service, who: str = "manager", **changes: Any) -> AsyncClient:
    """A program with a new key that this person made."""
    made = await make(await service.signed_in(who), **changes)
    assert made.status_code == 201, made.text
    return service.client(authorization=f"Bearer {made.json()['token']}")


async def opens(client: AsyncClient, counter: str = "heping-1") -> int:
    answer = await client.post(f"/api/v1/counters/{counter}/opening", headers=with_key(token_urlsafe(16)))
    return answer.status_code


async def test_a_key_works_as_its_right_in_its_own_name(service: Service) -> None:
    client = await program(service)
    key = await ApiKey.get()

    assert await opens(client) == 200
    assert await opens(client, "nankai-1") == 403
    assert (await client.get("/api/v1/halls/heping/displays")).status_code == 403
    assert (await Event.get(name="counter.opened")).actor == f"key:{key.id}"


async def test_its_token_is_told_to_a_repeat_and_kept_nowhere(service: Service) -> None:
    manager = await service.signed_in("manager")

    first, again = await make(manager, "one-key-for-both-1"), await make(manager, "one-key-for-both-1")

    token = first.json()["token"]
    assert token.startswith("o2ok_")
    assert again.json() == first.json()
    assert token not in str(await ApiKey.all().values()) + str(await Idempotency.all().values())
    assert token not in str(await Deed.all().values())
    [listed] = (await manager.get(PATH)).json()["keys"]
    assert "token" not in listed


@pytest.mark.parametrize(
    ("who", "role", "scope", "status"),
    [
        ("manager", "clerk", "heping", 201),
        ("manager", "manager", "heping", 201),
        ("manager", "manager", "nankai", 403),
        ("manager", "province", "tianjin", 403),
        ("manager", "hq", "*", 403),
        ("manager", "warehouse", "tianjin", 403),
        ("province", "manager", "nankai", 201),
        ("province", "province", "tianjin", 201),
        ("province", "province", "hebei", 403),
        ("province", "hq", "*", 403),
        ("hq", "hq", "*", 201),
        ("hq", "warehouse", "tianjin", 201),
        ("clerk1", "clerk", "heping", 403),
    ],
)
async def test_no_key_is_wider_than_its_maker(service: Service, who: str, role: str, scope: str, status: int) -> None:
    answer = await make(await service.signed_in(who), role=role, scope=scope)

    assert answer.status_code == status
    assert await ApiKey.exists() == (status == 201)


async def test_a_key_of_a_province_reaches_its_halls(service: Service) -> None:
    client = await program(service, "province", role="province", scope="tianjin")

    assert (await client.get("/api/v1/halls/nankai/displays")).status_code == 200


async def test_a_key_rests_while_its_maker_may_less(service: Service) -> None:
    client = await program(service, "province", role="manager", scope="nankai")
    assert await opens(client, "nankai-1") == 200

    await Grant.filter(person__username="province").update(scope="hebei")
    doubt("province")
    assert await opens(client, "nankai-1") == 401

    await Grant.filter(person__username="province").update(scope="tianjin")
    doubt("province")
    assert await opens(client, "nankai-1") == 200


async def test_a_key_rests_while_its_maker_is_shut_out(service: Service) -> None:
    client, by = await program(service), By("staff:hq", 1)
    assert await opens(client) == 200

    await settle("manager", disabling("manager", by))
    assert await opens(client) == 401

    await settle("manager", disabling("manager", by, disabled=False))
    assert await opens(client) == 200


async def test_a_revoked_key_opens_nothing_at_once(service: Service) -> None:
    client, manager = await program(service), await service.signed_in("manager")
    assert await opens(client) == 200
    key = await ApiKey.get()

    assert (await manager.delete(f"{PATH}/{key.id}")).status_code == 204

    assert await opens(client) == 401
    assert (await manager.delete(f"{PATH}/{key.id}")).json()["code"] == "key_not_found"
    assert [(deed.name, deed.tag) for deed in await Deed.filter(subject=key.id)] == [
        ("key.made", "hall:heping"),
        ("key.revoked", "hall:heping"),
    ]


async def test_a_key_ends_when_it_was_to_end(service: Service) -> None:
    client = await program(service, expires_at="2026-11-23T11:00:00+08:00")
    assert await opens(client) == 200

    service.clock.advance(hours=1)

    assert await opens(client) == 401
    assert (await (await service.signed_in("manager")).get(PATH)).json()["keys"] == []


async def test_a_key_does_not_end_before_it_begins(service: Service) -> None:
    answer = await make(await service.signed_in("manager"), expires_at="2026-11-23T01:59:00Z")

    assert (answer.status_code, answer.json()["field"]) == (400, "expires_at")


async def test_a_repeat_is_answered_as_before_when_the_key_has_ended_since(service: Service) -> None:
    manager = await service.signed_in("manager")
    sent = {"key": "one-key-for-both-1", "expires_at": "2026-11-23T03:00:00Z"}

    first = await make(manager, **sent)
    service.clock.advance(hours=2)
    again = await make(manager, **sent)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-08:00", "2127-01-01T00:00:00Z"])
async def test_no_key_ends_where_dates_do(service: Service, end: str) -> None:
    manager, browser = await service.signed_in("manager"), await service.browser("manager")

    answer = await make(manager, expires_at=end)

    assert (answer.status_code, answer.json()["field"]) == (400, "expires_at")
    assert (await manager.get(PATH)).json()["keys"] == []
    assert (await browser.get("/manage/heping/people")).status_code == 200


async def test_a_key_that_may_only_read_changes_nothing(service: Service) -> None:
    client = await program(service, read_only=True)

    answer = await client.post("/api/v1/counters/heping-1/opening", headers=with_key("a-key-of-this-test"))

    assert (answer.status_code, answer.json()["code"]) == (403, "read_only")
    assert (await client.get("/api/v1/counters/heping-1")).json()["open"] is False


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/session"),
        ("DELETE", "/api/v1/session"),
        ("GET", "/api/v1/people"),
        ("POST", "/api/v1/people"),
        ("PUT", "/api/v1/people/clerk1/password"),
        ("GET", "/api/v1/sessions"),
        ("POST", "/api/v1/keys"),
        ("GET", "/api/v1/keys"),
    ],
)
async def test_no_key_lets_others_in(service: Service, method: str, path: str) -> None:
    client = await program(service, "hq", role="hq", scope="*")

    answer = await client.request(method, path, headers=with_key("a-key-of-this-test"))

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_manager_sees_and_ends_only_keys_within_the_own_right(service: Service) -> None:
    hq, manager = await service.signed_in("hq"), await service.signed_in("manager")
    wide, mine = (await make(hq, role="hq", scope="*")).json(), (await make(hq, role="manager")).json()

    listed = (await manager.get(PATH, params={"hall": "heping"})).json()["keys"]

    assert [(key["id"], key["made_by"]) for key in listed] == [(mine["id"], "hq")]
    assert (await manager.delete(f"{PATH}/{wide['id']}")).status_code == 404
    assert (await manager.delete(f"{PATH}/{mine['id']}")).status_code == 204


async def test_its_last_use_is_known_to_the_minute(service: Service) -> None:
    client, manager = await program(service), await service.signed_in("manager")
    assert (await manager.get(PATH)).json()["keys"][0]["last_used_at"] is None

    await opens(client)
    service.clock.advance(seconds=30)
    await opens(client)

    assert (await manager.get(PATH)).json()["keys"][0]["last_used_at"] == "2026-11-23T02:00:00Z"


async def test_a_key_asks_only_so_often(service: Service) -> None:
    client, key = await program(service), await ApiKey.get()
    await service.state["redis"].mutate.set(f"o2o:limit:key:{key.id}", USES[0], ex=USES[1])

    answer = await client.get("/api/v1/counters/heping-1")

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")


@pytest.mark.parametrize("token", ["o2ok_", "o2ok_forged", "o2ok_" + "a" * 43])
async def test_a_forged_key_opens_nothing(service: Service, token: str) -> None:
    assert await opens(service.client(authorization=f"Bearer {token}")) == 401


async def test_keys_come_a_page_at_a_time_newest_first(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    hq = await service.signed_in("hq")
    made = [(await make(hq, role="manager")).json()["id"] for _ in range(2)]
    service.clock.advance(seconds=1)
    made.append((await make(hq, role="hq", scope="*")).json()["id"])
    asked = asked_from_now_on(monkeypatch)
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (await hq.get(PATH, params={"limit": 1} | ({"cursor": cursor} if cursor else {}))).json()
        pages.append([key["id"] for key in answer["keys"]])
        cursor = answer["next_cursor"]

    assert pages == [[key] for key in [made[2], *sorted(made[:2])]]
    assert (
        max(one.rows for one in asked if "api_keys" in one.statement) == 2
    )  # One more than is asked for says whether others follow.


async def test_a_page_of_keys_goes_on_behind_one_that_was_revoked(service: Service) -> None:
    hq = await service.signed_in("hq")
    for _ in range(2):
        await make(hq)
    first = (await hq.get(PATH, params={"limit": 1})).json()
    assert (await hq.delete(f"{PATH}/{first['keys'][0]['id']}")).status_code == 204

    rest = (await hq.get(PATH, params={"cursor": first["next_cursor"]})).json()
    lost = await hq.get(PATH, params={"cursor": "nobodys"})

    assert len(rest["keys"]) == 1
    assert (lost.status_code, lost.json()["field"]) == (400, "cursor")


async def test_sql_finds_the_keys_that_somebody_holds(service: Service) -> None:
    scopes = ("heping", "nankai", "tianjin", "*")
    given = [(role, scope) for role in Role for scope in scopes if role is not Role.HQ or scope == "*"]
    hq = await Person.get(username="hq")
    for role, scope in given:
        name = f"{role}-{scope}"
        key = ApiKey(id=name, token_hash=name, name=name, role=role.value, scope=scope, read_only=True, created_at=1)
        key.maker = hq
        await key.save(force_create=True)
    provinces = {"tianjin": frozenset({"heping", "nankai"})}
    everybody = [Staff(1, "", "", (Right(role, scope),), "", "", provinces) for role, scope in given]

    for staff in everybody:
        found = {(key.role, key.scope) for key in await valid_keys(staff, START, most=99)}
        assert found == {(role, scope) for role, scope in given if holds(staff, Right(role, scope))}
