"""Who may what."""

import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher
from msgspec import structs
from starlette.requests import Request

from halls.demo import DEMO_HALLS
from halls.service import put_hall
from staff.errors import NoRightError
from staff.models import Person
from staff.passwords import is_outdated
from staff.schemas import Credentials, Right, Staff
from staff.service import authenticate, require, sign_in, still_signed_in
from staff.service import sign_out as end
from staff.states import Role, SessionKind
from tests.serving import PASSWORD, Service, add_halls, add_people

CLERK, MANAGER, HQ = Right(Role.CLERK, "heping", "heping-1"), Right(Role.MANAGER, "heping"), Right(Role.HQ, "*")
PROVINCE, WAREHOUSE = Right(Role.PROVINCE, "tianjin"), Right(Role.WAREHOUSE, "heping")
HALLS = frozenset({"heping", "nankai"})


def _staff(*grants: Right) -> Staff:
    return Staff(1, "somebody", "Somebody", grants, "session", "csrf", {"tianjin": HALLS})


@pytest.mark.parametrize(
    ("grant", "role", "hall", "allowed"),
    [
        (CLERK, "clerk", "heping", True),
        (CLERK, "clerk", None, True),
        (CLERK, "clerk", "nankai", False),
        (CLERK, "manager", "heping", False),
        (CLERK, "hq", None, False),
        (MANAGER, "clerk", "heping", True),
        (MANAGER, "manager", "heping", True),
        (MANAGER, "manager", "nankai", False),
        (MANAGER, "hq", None, False),
        (PROVINCE, "clerk", "heping", True),
        (PROVINCE, "manager", "nankai", True),
        (PROVINCE, "province", "nankai", True),
        (PROVINCE, "manager", "tianjin", False),
        (PROVINCE, "manager", "elsewhere", False),
        (PROVINCE, "hq", None, False),
        (PROVINCE, "warehouse", None, False),
        (WAREHOUSE, "warehouse", "heping", True),
        (WAREHOUSE, "warehouse", "nankai", False),
        (WAREHOUSE, "clerk", "heping", False),
        (WAREHOUSE, "clerk", None, False),
        (HQ, "warehouse", "tianjin", True),
        (HQ, "clerk", "nankai", True),
        (HQ, "manager", "nankai", True),
        (HQ, "hq", None, True),
    ],
)
def test_rights_by_role_and_hall(grant: Right, role: str, hall: str | None, allowed: bool) -> None:
    assert _staff(grant).may(role, hall) is allowed


def test_a_provinces_halls_are_named_as_its_staffs() -> None:
    assert _staff(PROVINCE, CLERK).halls("manager") == ["heping", "nankai"]
    assert _staff(WAREHOUSE).halls() == []
    assert _staff(HQ).halls() == ["*"]


async def test_a_hall_that_moves_to_another_province_takes_its_rights_along(service: Service) -> None:
    await add_halls(service, "heping")
    await add_people("province")
    request = await _request(service, "province")
    assert (await require(request, "manager", "heping")).username == "province"

    hebei = structs.replace(DEMO_HALLS["heping"], province="hebei")
    await put_hall(service.state["directory"], "heping", hebei, now=service.clock(), actor="o2o")

    with pytest.raises(NoRightError):
        await require(request, "manager", "heping")


def test_nobody_may_anything_without_a_grant() -> None:
    assert not _staff().may("clerk")


def test_the_principal_is_what_events_name() -> None:
    assert _staff(CLERK).principal == "staff:somebody"


async def _request(service: Service, username: str, method: str = "GET", *, cookie: bool = False) -> Request[Any]:
    made = await sign_in(service.state, Credentials(username, PASSWORD), "192.0.2.1", SessionKind.API)
    shown = f"staff={made.token}" if cookie else f"Bearer {made.token}"
    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"hall.test"), (b"cookie" if cookie else b"authorization", shown.encode())],
        "scheme": "http",
        "server": ("hall.test", 80),
        "state": dict(service.state),
    }
    return Request(scope)


async def test_a_clerk_of_another_hall_is_refused(service: Service) -> None:
    request = await _request(service, "clerk1")

    assert (await require(request, "clerk", "heping")).username == "clerk1"
    with pytest.raises(NoRightError):
        await require(request, "clerk", "nankai")


async def test_by_cookie_alone_an_unsafe_request_is_from_nobody(service: Service) -> None:
    assert await authenticate(await _request(service, "clerk1", "POST", cookie=True)) is None
    assert await authenticate(await _request(service, "clerk1", "GET", cookie=True)) is not None
    assert await authenticate(await _request(service, "clerk1", "POST")) is not None


async def test_a_socket_hears_that_its_session_is_over(service: Service) -> None:
    made = await sign_in(service.state, Credentials("clerk1", PASSWORD), "192.0.2.1", SessionKind.BROWSER)
    assert await still_signed_in(service.state, made.staff) == made.staff

    await end(made.staff, service.clock())

    assert await still_signed_in(service.state, made.staff) is None


async def test_an_open_page_alone_does_not_keep_a_session(service: Service) -> None:
    made = await sign_in(service.state, Credentials("clerk1", PASSWORD), "192.0.2.1", SessionKind.BROWSER)
    service.clock.advance(hours=3)
    assert await still_signed_in(service.state, made.staff) is not None

    service.clock.advance(hours=1)

    assert await still_signed_in(service.state, made.staff) is None


async def test_a_hash_made_with_other_parameters_is_made_anew_whoever_signs_in_at_once(service: Service) -> None:
    other = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash(PASSWORD)
    await Person.filter(username="clerk1").update(password_hash=other)
    given = (service.state, Credentials("clerk1", PASSWORD), "192.0.2.1", SessionKind.BROWSER)

    made = await asyncio.gather(*(sign_in(*given) for _tablet in range(3)))

    assert [await still_signed_in(service.state, one.staff) for one in made] == [one.staff for one in made]
    assert not is_outdated((await Person.get(username="clerk1")).password_hash)
    assert (await sign_in(*given)).staff.username == "clerk1"
