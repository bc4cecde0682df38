"""The hall now: one page over line, counters, screens and the day."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from httpx2 import AsyncClient

import booking.endpoints
import booking.staff_endpoints
import staff.endpoints
import staff.pages
from booking import hall_endpoints
from halls.demo import DEMO_HALLS
from halls.schemas import HallInput
from halls.service import put_hall
from tests.serving import Service, add_halls, add_people, serve, with_key
from websocket import dashboard, pairing_endpoints
from websocket.pairing import seen


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    line = [*booking.endpoints.routes, *hall_endpoints.routes, *booking.staff_endpoints.routes]
    api = [*line, *staff.endpoints.routes, *pairing_endpoints.routes]
    async with serve(tmp_path, [*api, *staff.pages.routes, *dashboard.routes]) as service:
        await add_halls(service, "heping")
        await add_people("clerk1", "manager")
        yield service


@pytest.fixture
async def manager(service: Service) -> AsyncClient:
    return await service.browser("manager")


async def test_an_empty_hall_says_what_comes(manager: AsyncClient) -> None:
    page = (await manager.get("/manage/heping")).text

    assert "Open 24 hours" in page
    assert "nobody waits" in page
    assert "none is paired" in page
    assert "Nobody has come yet today" in page


async def test_a_closed_hall_says_why(service: Service, manager: AsyncClient) -> None:
    training = {"start": "2026-11-23T08:00", "end": "2026-11-23T12:00", "reason": {"zh-CN": "培训", "en": "training"}}
    given = msgspec.convert({**msgspec.to_builtins(DEMO_HALLS["heping"]), "closures": [training]}, HallInput)
    await put_hall(service.state["directory"], "heping", given, now=service.clock(), actor="o2o")

    assert "Closed for training, opens" in (await manager.get("/manage/heping")).text


async def test_a_counter_that_is_free_is_not_said_to_cost_nothing(service: Service, manager: AsyncClient) -> None:
    clerk = await service.signed_in("clerk1")
    await clerk.post("/api/v1/counters/heping-1/opening", headers=with_key("o" * 16))
    manager.cookies.set("lang", "zh-CN")

    page = await _until(manager, "Clerk 1")

    assert "免费" not in page
    assert "时长：不到" in page


async def test_a_visit_is_on_the_page_from_number_to_end(service: Service, manager: AsyncClient) -> None:
    clerk, person = await service.signed_in("clerk1"), service.client()
    taken = await person.post("/api/v1/halls/heping/tickets", json={"service": "sim"}, headers=with_key("k" * 16))
    await clerk.post("/api/v1/counters/heping-1/opening", headers=with_key("o" * 16))
    await clerk.post("/api/v1/counters/heping-1/calls", json={}, headers=with_key("c" * 16))
    await _until(manager, "called A001")
    await clerk.post(f"/api/v1/tickets/{taken.json()['id']}/start", headers=with_key("s" * 16))
    service.clock.advance(minutes=25)
    page = await _until(await service.browser("manager"), "serves A001")  # The first one is locked by now.

    assert "forgotten to finish, perhaps" in page
    assert "Came today: 1. Served: 0." in page


async def test_a_pause_is_said_with_its_words(service: Service, manager: AsyncClient) -> None:
    api, stop = await service.signed_in("manager"), {"issuing": True, "calling": True, "message": "Fire alarm."}
    await api.post("/api/v1/halls/heping/pause", json=stop, headers=with_key("f" * 16))

    assert "Fire alarm." in await _until(manager, "The hall is paused")


async def test_a_screen_that_is_not_heard_of_stands_out(service: Service, manager: AsyncClient) -> None:
    made = (await service.client().post("/api/v1/displays", headers=with_key("d" * 16))).json()
    api, code = await service.signed_in("manager"), {"code": made["code"]}
    paired = await api.post("/api/v1/halls/heping/displays", json=code, headers=with_key("p" * 16))
    assert "a screen: never heard of" in (await manager.get("/manage/heping")).text

    await seen({paired.json()["id"]}, service.clock())
    assert "all well" in (await manager.get("/manage/heping")).text

    service.clock.advance(minutes=3)
    assert "a screen: silent for 3 min" in (await manager.get("/manage/heping")).text


async def _until(manager: AsyncClient, words: str) -> str:
    """The page, once it says so: what is announced comes a moment after the answer."""
    for _look in range(200):
        page = (await manager.get("/manage/heping")).text
        if words in page:
            return page
        await asyncio.sleep(0.05)
    pytest.fail(f"the page never says {words}")
