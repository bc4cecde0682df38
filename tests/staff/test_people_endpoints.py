"""People and sessions over HTTP: everybody settles what is below them, and nobody more than they hold."""

from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final

import pytest
from httpx2 import AsyncClient, Response
from msgspec import structs

from halls.demo import DEMO_HALLS
from halls.service import put_hall
from o2o.kernel.models import Deed, Idempotency
from staff import endpoints, people_endpoints
from staff.models import Grant, Person
from tests.serving import PASSWORD, START, Service, add_halls, add_people, serve, with_key

PATH: Final = "/api/v1/people"
WANG: Final = {
    "username": "wang",
    "name": "Wang",
    "password": "a long password",
    "roles": [{"role": "clerk", "scope": "heping", "counter": "heping-2"}],
}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*endpoints.routes, *people_endpoints.routes]) as service:
        await add_halls(service, "heping", "nankai")
        hebei = structs.replace(DEMO_HALLS["nankai"], province="hebei")
        await put_hall(service.state["directory"], "nankai", hebei, now=START, actor="o2o")
        await add_people("clerk1", "clerk5", "manager", "province", "hq")
        yield service


async def add(client: AsyncClient, **changes: Any) -> Response:
    return await client.post(PATH, json=WANG | changes, headers=with_key(token_urlsafe(16)))


async def also_in_nankai(username: str, role: str = "clerk") -> None:
    await Grant.create(person=await Person.get(username=username), role=role, scope="nankai")


async def told(name: str) -> list[Deed]:
    return await Deed.filter(name=name).order_by("id")


async def test_a_manager_adds_a_clerk_who_can_sign_in(service: Service) -> None:
    manager = await service.signed_in("manager")

    answer = await add(manager)

    assert answer.status_code == 201
    assert answer.json() == {
        "username": "wang",
        "name": "Wang",
        "roles": [{"role": "clerk", "scope": "heping", "counter": "heping-2"}],
        "disabled": False,
        "pin": False,
    }
    credentials = {"username": "wang", "password": "a long password"}
    assert (await service.client().post("/api/v1/session", json=credentials)).status_code == 201


async def test_a_repeat_adds_nobody_twice_and_its_password_is_not_to_be_guessed_from_sql(service: Service) -> None:
    manager, key = await service.signed_in("manager"), with_key("the-same-key-again")

    answers = [await manager.post(PATH, json=WANG, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert await Person.filter(username="wang").count() == 1
    assert "a long password" not in str(await Idempotency.all().values())
    again = await manager.post(PATH, json=WANG | {"password": "another password"}, headers=key)
    assert again.json()["code"] == "idempotency_key_reused"


async def test_a_username_is_somebody_elses(service: Service) -> None:
    answer = await add(await service.signed_in("manager"), username="clerk5")

    assert (answer.status_code, answer.json()["code"]) == (409, "person_exists")


@pytest.mark.parametrize(
    ("who", "role", "scope", "status"),
    [
        ("manager", "clerk", "heping", 201),
        ("manager", "clerk", "nankai", 403),
        ("manager", "manager", "heping", 403),
        ("manager", "province", "tianjin", 403),
        ("manager", "warehouse", "tianjin", 403),
        ("manager", "hq", "*", 403),
        ("province", "clerk", "heping", 201),
        ("province", "manager", "heping", 201),
        ("province", "manager", "nankai", 403),
        ("province", "province", "tianjin", 403),
        ("province", "warehouse", "tianjin", 403),
        ("province", "hq", "*", 403),
        ("hq", "manager", "nankai", 201),
        ("hq", "province", "hebei", 201),
        ("hq", "warehouse", "tianjin", 201),
        ("hq", "hq", "*", 201),
        ("clerk1", "clerk", "heping", 403),
    ],
)
@pytest.mark.once
async def test_everybody_gives_what_is_below_them(
    service: Service, who: str, role: str, scope: str, status: int
) -> None:
    answer = await add(await service.signed_in(who), roles=[{"role": role, "scope": scope}])

    assert answer.status_code == status
    assert await Person.filter(username="wang").exists() == (status == 201)


@pytest.mark.parametrize(
    ("roles", "field"),
    [
        ([{"role": "clerk", "scope": "nowhere"}], "roles[0].scope"),
        ([{"role": "clerk", "scope": "heping", "counter": "nankai-1"}], "roles[0].counter"),
        ([{"role": "clerk", "scope": "*"}], "roles[0].scope"),
        ([{"role": "hq", "scope": "heping"}], "roles[0].scope"),
        ([{"role": "hq"}, {"role": "hq"}], "roles[1]"),
        ([{"role": "boss", "scope": "heping"}], "roles[0].role"),
        ([], "roles"),
    ],
)
async def test_a_role_that_can_not_hold_is_refused(service: Service, roles: list[Any], field: str) -> None:
    answer = await add(await service.signed_in("hq"), roles=roles)

    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_a_manager_moves_a_clerk_to_another_counter_at_once(service: Service) -> None:
    manager, clerk = await service.signed_in("manager"), await service.signed_in("clerk1")
    assert (await clerk.get("/api/v1/session")).json()["roles"][0]["counter"] == "heping-1"
    roles = [{"role": "clerk", "scope": "heping", "counter": "heping-3"}]

    assert (await manager.put(f"{PATH}/clerk1/roles", json={"roles": roles})).json()["roles"] == roles

    assert (await clerk.get("/api/v1/session")).json()["roles"] == roles
    [deed] = await told("person.roles_given")
    assert (deed.tag, deed.actor, deed.subject) == ("hall:heping", "staff:manager", "clerk1")
    assert deed.after == '{"roles":[{"role":"clerk","scope":"heping","counter":"heping-3"}]}'


async def test_what_is_not_ones_own_to_give_stays_when_the_rest_changes(service: Service) -> None:
    await also_in_nankai("clerk1")
    manager, nankai = await service.signed_in("manager"), {"role": "clerk", "scope": "nankai"}

    kept = await manager.put(f"{PATH}/clerk1/roles", json={"roles": [nankai]})
    taken = await manager.put(f"{PATH}/clerk1/roles", json={"roles": []})

    assert (kept.status_code, kept.json()["roles"]) == (200, [nankai])
    assert taken.status_code == 404  # Whoever works only elsewhere is nobody here.
    assert [grant.scope for grant in await Grant.filter(person__username="clerk1")] == ["nankai"]


@pytest.mark.parametrize("role", ["manager", "clerk"])
async def test_a_manager_gives_nobody_more_than_is_theirs(service: Service, role: str) -> None:
    manager = await service.signed_in("manager")
    roles = [{"role": "clerk", "scope": "heping", "counter": "heping-1"}, {"role": role, "scope": "nankai"}]

    assert (await manager.put(f"{PATH}/clerk1/roles", json={"roles": roles})).status_code == 403
    assert (await manager.put(f"{PATH}/manager/roles", json={"roles": [{"role": "hq"}]})).status_code == 403
    assert await Grant.all().count() == 5


async def test_only_who_is_wholly_ones_own_is_shut_out_or_gets_a_password(service: Service) -> None:
    await also_in_nankai("clerk1")
    manager, province, hq = [await service.signed_in(who) for who in ("manager", "province", "hq")]

    for client, status in ((manager, 403), (province, 403), (hq, 204)):
        answer = await client.put(f"{PATH}/clerk1/password", json={"password": "another password"})
        assert answer.status_code == status
    for client, status in ((manager, 403), (province, 403), (hq, 200)):
        answer = await client.post(f"{PATH}/clerk1/disablement", headers=with_key(token_urlsafe(16)))
        assert answer.status_code == status


async def test_nobody_settles_a_colleague_of_the_same_rank(service: Service) -> None:
    manager = await service.signed_in("manager")
    await Grant.filter(person__username="clerk1").update(role="manager", counter=None)

    assert (await manager.get(f"{PATH}/clerk1")).status_code == 200
    assert (await manager.put(f"{PATH}/clerk1/password", json={"password": "another one"})).status_code == 403
    assert (await manager.put(f"{PATH}/clerk1/roles", json={"roles": []})).status_code == 403


async def test_who_works_elsewhere_is_nobody_here(service: Service) -> None:
    manager = await service.signed_in("manager")

    for username in ("clerk5", "province", "hq", "nobody", "No Name"):
        assert (await manager.get(f"{PATH}/{username}")).json()["code"] == "person_not_found"
        assert (await manager.put(f"{PATH}/{username}/roles", json={"roles": []})).status_code == 404


async def test_whoever_is_shut_out_is_out_at_once_and_may_come_back(service: Service) -> None:
    manager, clerk = await service.signed_in("manager"), await service.signed_in("clerk1")
    assert (await clerk.get("/api/v1/session")).status_code == 200

    shut = await manager.post(f"{PATH}/clerk1/disablement", headers=with_key("shut-out-for-good"))
    assert shut.json()["disabled"]
    assert (await clerk.get("/api/v1/session")).status_code == 401

    assert (await manager.delete(f"{PATH}/clerk1/disablement")).status_code == 204
    assert (await clerk.get("/api/v1/session")).status_code == 401
    assert (await (await service.signed_in("clerk1")).get("/api/v1/session")).status_code == 200
    assert [len(await told(name)) for name in ("person.disabled", "person.enabled")] == [1, 1]


async def test_the_people_of_a_hall_a_page_at_a_time(service: Service) -> None:
    manager = await service.signed_in("manager")

    first = (await manager.get(PATH, params={"hall": "heping", "limit": 1})).json()
    second = (await manager.get(PATH, params={"hall": "heping", "cursor": first["next_cursor"]})).json()

    assert [person["username"] for person in first["people"]] == ["clerk1"]
    assert [person["username"] for person in second["people"]] == ["manager"]
    assert second["next_cursor"] is None


async def test_everyone_is_for_headquarters_to_see(service: Service) -> None:
    assert len((await (await service.signed_in("hq")).get(PATH)).json()["people"]) == 5
    assert (await (await service.signed_in("province")).get(PATH)).status_code == 403
    assert (await (await service.signed_in("manager")).get(PATH, params={"hall": "nankai"})).status_code == 403


async def test_a_manager_ends_any_session_of_the_hall(service: Service) -> None:
    manager, clerk, other = [await service.signed_in(who) for who in ("manager", "clerk1", "clerk5")]
    sessions = (await manager.get("/api/v1/sessions", params={"hall": "heping"})).json()["sessions"]
    assert {session["username"] for session in sessions} == {"manager", "clerk1"}
    [mine] = [session["id"] for session in sessions if session["username"] == "clerk1"]

    assert (await manager.delete(f"/api/v1/sessions/{mine}")).status_code == 204

    assert (await clerk.get("/api/v1/session")).status_code == 401
    assert (await other.get("/api/v1/session")).status_code == 200
    assert (await manager.delete(f"/api/v1/sessions/{mine}")).json()["code"] == "session_not_found"
    [deed] = await told("session.ended")
    assert (deed.actor, deed.subject, deed.after) == ("staff:manager", "clerk1", '{"why":"ended"}')


async def test_a_session_elsewhere_is_none(service: Service) -> None:
    manager, clerk, hq = [await service.signed_in(who) for who in ("manager", "clerk5", "hq")]
    sessions = (await hq.get("/api/v1/sessions")).json()["sessions"]

    for session in sessions:
        if session["username"] != "manager":
            assert (await manager.delete(f"/api/v1/sessions/{session['id']}")).status_code == 404
    assert (await clerk.get("/api/v1/session")).status_code == 200


async def test_a_clerk_ends_an_own_session_elsewhere(service: Service) -> None:
    lost, hq = await service.signed_in("clerk1"), await service.signed_in("hq")
    sessions = (await hq.get("/api/v1/sessions")).json()["sessions"]
    clerk = await service.signed_in("clerk1")

    answers = [(await clerk.delete(f"/api/v1/sessions/{session['id']}")).status_code for session in sessions]

    assert sorted(answers) == [204, 404]
    assert (await lost.get("/api/v1/session")).status_code == 401


async def test_the_audit_holds_no_secret(service: Service) -> None:
    await add(await service.signed_in("manager"))
    await service.client().post("/api/v1/session", json={"username": "clerk1", "password": "a wrong guess"})

    rows = str(await Deed.all().values())

    assert "session.refused" in rows
    assert "person.added" in rows
    for secret in ("a long password", "a wrong guess", PASSWORD, "argon2"):
        assert secret not in rows
