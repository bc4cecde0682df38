"""Changing a hall whole, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from httpx2 import AsyncClient

import staff.endpoints
from booking import hall_endpoints
from halls.demo import DEMO_HALLS
from tests.serving import Service, add_halls, add_people, serve

ADDRESS = "/api/v1/halls/heping"
DOCUMENT = msgspec.to_builtins(DEMO_HALLS["heping"])


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*hall_endpoints.routes, *staff.endpoints.routes]) as service:
        await add_halls(service, "heping")
        await add_people("hq")
        yield service


@pytest.fixture
async def headquarters(service: Service) -> AsyncClient:
    return await service.signed_in("hq")


async def test_a_hall_is_changed_only_at_the_revision_that_was_seen(headquarters: AsyncClient) -> None:
    first = await headquarters.put(ADDRESS, params={"rev": 1}, json={**DOCUMENT, "capacity": 7})
    second = await headquarters.put(ADDRESS, params={"rev": 1}, json={**DOCUMENT, "capacity": 9})

    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["code"] == "hall_changed"
    assert (await headquarters.get(ADDRESS)).json()["capacity"] == 7


async def test_the_same_change_again_is_no_conflict(headquarters: AsyncClient) -> None:
    answers = [
        await headquarters.put(ADDRESS, params={"rev": 1}, json={**DOCUMENT, "capacity": 7}) for _time in range(2)
    ]

    assert [answer.json()["rev"] for answer in answers] == [2, 2]


async def test_a_hall_that_must_be_new_is_not_changed(headquarters: AsyncClient) -> None:
    refused = await headquarters.put(ADDRESS, params={"rev": 0}, json={**DOCUMENT, "capacity": 7})
    made = await headquarters.put("/api/v1/halls/ours", params={"rev": 0}, json={**DOCUMENT, "counters": []})

    assert (refused.status_code, made.status_code) == (409, 201)
