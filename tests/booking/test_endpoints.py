"""The line as programs use it over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx2 import AsyncClient

import staff.endpoints
from booking import endpoints, hall_endpoints, staff_endpoints
from halls.demo import DEMO_HALLS
from tests.serving import Service, add_halls, add_people, serve, with_key

OPENING = "/api/v1/counters/heping-1/opening"
NUMBERS = "/api/v1/halls/heping/tickets"
KEY = "0123456789abcdef"
LONG = "x" * 60


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(
        tmp_path, [*endpoints.routes, *staff_endpoints.routes, *hall_endpoints.routes, *staff.endpoints.routes]
    ) as service:
        await add_halls(service, "heping")
        await add_people("clerk1", "hq")
        yield service


@pytest.fixture
async def clerk(service: Service) -> AsyncClient:
    return await service.signed_in("clerk1")


async def test_a_repeated_opening_is_answered_as_it_was_and_opens_nothing_again(clerk: AsyncClient) -> None:
    first = await clerk.post(OPENING, json={}, headers=with_key(KEY))
    await clerk.delete(OPENING)

    repeat = await clerk.post(OPENING, json={}, headers=with_key(KEY))

    assert first.json()["open"] is True
    assert repeat.json() == first.json()
    assert (await clerk.get("/api/v1/counters/heping-1")).json()["open"] is False


@pytest.mark.parametrize(
    "wish", [{"service": "bill"}, {"service": "sim", "class": "priority"}], ids=["service", "class"]
)
async def test_a_repeat_is_answered_as_then_when_the_hall_offers_it_no_more(
    service: Service, wish: dict[str, str]
) -> None:
    first = await service.client().post(NUMBERS, json=wish, headers=with_key(KEY))
    left = {"authorization": f"Bearer {first.json()['token']}", "idempotency-key": KEY}
    await service.client().post(f"/api/v1/tickets/{first.json()['id']}/cancellation", json={}, headers=left)
    document = msgspec.to_builtins(DEMO_HALLS["heping"])
    offered = [one for one in document["services"] if one["id"] == "sim"]
    changed = {**document, "services": offered, "rules": {"classes": ["standard"]}}
    answer = await (await service.signed_in("hq")).put("/api/v1/halls/heping", json=changed)
    assert answer.status_code == 200, answer.text

    repeat = await service.client().post(NUMBERS, json=wish, headers=with_key(KEY))
    later = await service.client().post(NUMBERS, json=wish, headers=with_key("a-key-of-its-own"))

    assert (repeat.status_code, repeat.json()) == (201, first.json())
    assert (later.status_code, later.json()["field"]) == (400, next(reversed(wish)))


async def test_when_a_hall_opens_is_said_as_people_say_times(service: Service) -> None:
    await add_halls(service, "xiqing")
    service.clock.advance(hours=12)
    headers = with_key(KEY) | {"accept-language": "en"}
    answer = await service.client().post("/api/v1/halls/xiqing/tickets", json={"service": "sim"}, headers=headers)

    assert answer.json()["code"] == "hall_closed"
    assert "Come back from 2026-11-24 09:00 on" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["two\nlines", "turned \u202e round", "nul \u0000", "   "])
async def test_a_name_that_hides_or_turns_its_letters_is_refused(service: Service, name: str) -> None:
    answer = await service.client().post(NUMBERS, json={"service": "sim", "name": name}, headers=with_key(KEY))

    assert answer.status_code == 400
    assert _problem(answer.json()) == ("invalid", "name")


async def test_so_is_such_an_outcome(service: Service, clerk: AsyncClient) -> None:
    ticket = (await service.client().post(NUMBERS, json={"service": "sim"}, headers=with_key(KEY))).json()["id"]

    answer = await clerk.post(
        f"/api/v1/tickets/{ticket}/completion", json={"outcome": "nul \u0000"}, headers=with_key(KEY)
    )

    assert _problem(answer.json()) == ("invalid", "outcome")


async def test_the_finder_is_read_a_page_at_a_time(service: Service) -> None:
    await add_halls(service, "nankai")
    client = service.client()
    near = {"lat": "39.116", "lon": "117.208", "limit": "1"}

    first = (await client.get("/api/v1/halls", params=near)).json()
    second = (await client.get("/api/v1/halls", params={**near, "cursor": first["next_cursor"]})).json()

    assert [hall["id"] for hall in first["halls"] + second["halls"]] == ["heping", "nankai"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("limit", "201"), ("limit", "x"), ("cursor", "nowhere")])
async def test_a_page_that_is_none_is_refused(service: Service, name: str, value: str) -> None:
    answer = await service.client().get("/api/v1/halls", params={name: value})

    assert (answer.status_code, *_problem(answer.json())) == (400, "invalid", name)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/api/v1/tickets/{LONG}", None),
        ("POST", f"/api/v1/tickets/{LONG}/start", {}),
        ("GET", f"/api/v1/counters/{LONG}", None),
        ("GET", f"/api/v1/halls/{LONG}", None),
        ("POST", "/api/v1/counters/heping-1/calls", {"ticket": LONG}),
    ],
)
async def test_at_an_id_longer_than_any_there_is_nothing(
    clerk: AsyncClient, method: str, path: str, body: dict[str, str] | None
) -> None:
    await clerk.post(OPENING, json={}, headers=with_key(KEY))

    answer = await clerk.request(method, path, json=body, headers=with_key(KEY))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def _problem(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["code"], answer["field"]


async def test_an_owner_reads_at_every_worker_what_has_just_been_written(service: Service) -> None:
    client = service.client()
    ticket = (await client.post(NUMBERS, json={"service": "sim"}, headers=with_key(KEY))).json()
    owner = {"Authorization": f"Bearer {ticket['token']}"}
    address = f"/api/v1/tickets/{ticket['id']}"
    before = [(await client.get(address, headers=owner)).json()["state"] for _time in range(4)]

    await client.post(f"{address}/cancellation", json={}, headers=owner | with_key(KEY))

    assert before == ["waiting"] * 4
    assert [(await client.get(address, headers=owner)).json()["state"] for _time in range(4)] == ["left"] * 4
