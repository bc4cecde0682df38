"""The hall finder, asked for as a browser without scripts asks, and as programs do."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

import staff.endpoints
from booking import endpoints, finder, hall_endpoints, pages, staff_endpoints
from booking.finder import HALLS_A_PAGE
from halls.service import put_hall
from tests.halls.documents import hall_input, week
from tests.serving import Service, add_halls, add_people, serve

ROUTES = [*endpoints.routes, *staff_endpoints.routes, *hall_endpoints.routes, *pages.routes]
REPAIRS = {"zh-CN": "维修", "en": "repairs"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*staff.endpoints.routes, *ROUTES]) as service:
        yield service


@pytest.fixture
async def demo(service: Service) -> None:
    await add_halls(service, "heping", "nankai", "xiqing")


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client(accept="text/html")


async def add(service: Service, hall_id: str = "heping", **changes: Any) -> None:
    """A hall with other counters than those of the rest."""
    counters = [{"id": f"{hall_id}-1", "name": "1"}]
    given = hall_input(**{"counters": counters, "names": {"zh-CN": hall_id, "en": f"Hall {hall_id}"}} | changes)
    await put_hall(service.state["directory"], hall_id, given, now=service.clock(), actor="staff:hq")


async def seen(phone: AsyncClient, path: str) -> str:
    """The page as text without markup."""
    answer = await phone.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text.partition("<main")[2]))


async def links(phone: AsyncClient, path: str) -> dict[str, str]:
    """Where the wishes of the page lead, by what they say."""
    page = (await phone.get(path)).text
    found = re.findall(r'class="chip[^"]*" href="([^"]*)".*?<span>([^<]*)</span>', page, re.DOTALL)
    return {text: address.replace("&amp;", "&") for address, text in found}


async def ids(service: Service, path: str) -> list[str]:
    return [hall["id"] for hall in (await service.client().get(f"/api/v1/halls{path}")).json()["halls"]]


@pytest.mark.usefixtures("demo")
async def test_the_nearest_open_hall_comes_first(service: Service, phone: AsyncClient) -> None:
    page = await seen(phone, "/?lat=39.137&lon=117.144")
    assert page.index("Nankai hall") < page.index("Heping hall") < page.index("Xiqing hall")
    assert "50 m" in page
    service.clock.advance(hours=9)
    page = await seen(phone, "/?lat=39.1402&lon=117.0027")
    assert page.index("Nankai hall") < page.index("Closed or full") < page.index("Xiqing hall")


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("nearest", "first"), [(2, "Nankai hall"), (1, "Xiqing hall")])
async def test_an_open_hall_far_away_does_not_come_before_a_closed_one_nearby(
    service: Service, phone: AsyncClient, monkeypatch: pytest.MonkeyPatch, nearest: int, first: str
) -> None:
    monkeypatch.setattr(finder, "HALLS_A_PAGE", 1)
    monkeypatch.setattr(finder, "NEAREST", nearest)
    service.clock.advance(hours=9)

    assert first in await seen(phone, "/?lat=39.1402&lon=117.0027")


@pytest.mark.usefixtures("demo")
async def test_behind_a_hall_that_is_gone_the_list_begins_anew(phone: AsyncClient) -> None:
    assert await seen(phone, "/?cursor=gone") == await seen(phone, "/")


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("?q=和平", ["heping"]),
        ("?q=ＨＥＰＩＮＧ hall", ["heping"]),
        ("?q=天津和平", ["heping"]),
        ("?q=宽带&lat=39.137&lon=117.144", ["nankai", "heping", "xiqing"]),
        ("?service=broadband&q=xiqing", ["xiqing"]),
        ("?service=Bills and payments", ["heping", "nankai", "xiqing"]),
        ("?service=cheese", []),
    ],
)
async def test_programs_find_by_text_service_and_distance(service: Service, path: str, found: list[str]) -> None:
    assert await ids(service, path) == found


@pytest.mark.usefixtures("demo")
async def test_closed_halls_can_be_left_out(service: Service, phone: AsyncClient) -> None:
    service.clock.advance(hours=9)
    assert await ids(service, "?open=true") == ["heping", "nankai"]
    assert "Xiqing hall" not in await seen(phone, "/?open=true")
    assert "Xiqing hall" in await seen(phone, "/")


@pytest.mark.usefixtures("demo")
async def test_a_wish_is_a_link_that_keeps_the_others(phone: AsyncClient) -> None:
    wishes = await links(phone, "/?q=hall&lat=39.1&lon=117.2")
    assert wishes["Open now"] == "/?lat=39.1&lon=117.2&q=hall&open=true"
    assert wishes["Near me"] == "/?q=hall"
    wishes = await links(phone, "/?q=hall&service=bill&open=true")
    assert wishes["Bills and payments"] == "/?q=hall&open=true"
    assert wishes["Broadband"] == "/?q=hall&service=broadband&open=true"


async def test_a_position_on_the_equator_is_one(service: Service, phone: AsyncClient) -> None:
    await add(service, lat=0.0, lon=0.0)
    assert (await links(phone, "/?lat=0&lon=0"))["Open now"] == "/?lat=0.0&lon=0.0&open=true"


@pytest.mark.usefixtures("demo")
async def test_with_a_service_it_says_how_many_would_be_ahead(service: Service, phone: AsyncClient) -> None:
    headers = {"Idempotency-Key": "another-person-01"}
    await service.client().post("/api/v1/halls/heping/tickets", json={"service": "sim"}, headers=headers)
    while "1 waiting" not in await seen(phone, "/?q=heping"):  # It is announced a moment after the answer.
        await asyncio.sleep(0.02)
    assert "1 ahead" in await seen(phone, "/?q=heping&service=sim")
    assert "1 ahead" in await seen(phone, "/?q=heping&service=bill")  # The same counters serve both.
    assert 'href="/halls/heping?service=sim"' in (await phone.get("/?service=sim")).text


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("path", ["/?from=singlemessage&isappinstalled=0", "/?cursor=gone", "/?lang=fr"])
async def test_a_link_that_was_passed_on_opens_the_finder(phone: AsyncClient, path: str) -> None:
    answer = await phone.get(path)
    assert (answer.status_code, "Heping hall" in answer.text) == (200, True)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/?q=nowhere", "No hall is found for “nowhere”"),
        ("/?service=cheese", "No hall offers this now"),
        ("/?service=cheese&open=true", "No hall is open just now"),
    ],
)
async def test_an_empty_list_says_what_to_do(phone: AsyncClient, path: str, said: str) -> None:
    page = await seen(phone, path)
    assert said in page
    assert "Show all halls" in page


async def test_a_service_without_a_hall_says_so(phone: AsyncClient) -> None:
    assert "There is no hall yet" in await seen(phone, "/")


@pytest.mark.parametrize("path", ["/?lat=91&lon=0", "/?lat=39.1", "/?open=perhaps"])
async def test_a_wish_that_makes_no_sense_is_refused_with_a_page(phone: AsyncClient, path: str) -> None:
    answer = await phone.get(path)
    assert answer.status_code == 400
    assert "text/html" in answer.headers["content-type"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hours": week(("12:00", "13:00"))}, "Closed, opens 12:00"),
        ({"hours": week(("09:00", "09:30"))}, "Closed, opens tomorrow 09:00"),
        ({"hours": {"thu": [("09:00", "12:00")]}}, "Closed, opens Thu 09:00"),
        ({"days": [{"date": "2026-11-23"}]}, "Closed, opens tomorrow 00:00"),
        (
            {"closures": [{"start": "2026-11-23T09:00", "end": "2026-11-26T15:00", "reason": REPAIRS}]},
            "Closed for repairs, opens Thu 26 Nov 15:00",
        ),
        (
            {"closures": [{"start": "2026-11-23T09:00", "end": "2026-12-01T15:00"}]},
            "Closed, opens Tue 1 Dec 15:00",
        ),
        (
            {"closures": [{"start": "2026-11-23T09:00", "end": "2028-01-01T00:00", "reason": REPAIRS}]},
            "Closed for repairs",
        ),
        ({"hours": {}}, "Closed"),
        ({"hours": week(("09:00", "17:30"))}, "Open until 17:30"),
        ({"capacity": 0}, "Full just now"),
    ],
)
async def test_a_hall_says_when_it_opens_and_why_it_is_closed(
    service: Service, phone: AsyncClient, changes: dict[str, Any], said: str
) -> None:
    await add(service, **changes)
    assert f"{said} " in await seen(phone, "/")
    assert f"{said} " in await seen(phone, "/halls/heping")


async def test_on_a_holiday_a_hall_names_it_and_the_day_it_opens(service: Service, phone: AsyncClient) -> None:
    weekdays = {day: [("09:00", "17:30")] for day in ("mon", "tue", "wed", "thu", "fri")}
    await add(service, hours=weekdays, calendar="cn")
    service.clock.now = service.clock.now.replace(month=10, day=3)
    assert "Closed for National Day, opens Thu 8 Oct 09:00" in await seen(phone, "/")
    assert "因国庆节休业，10月8日周四 09:00 开门" in await seen(phone, "/?lang=zh-CN")


async def test_when_every_hall_is_closed_the_first_to_open_is_named(service: Service, phone: AsyncClient) -> None:
    await add(service, "early", hours={"tue": [("08:00", "12:00")]})
    await add(service, "late", hours={"tue": [("09:00", "12:00")]})
    assert "The first to open is Hall early: tomorrow 08:00." in await seen(phone, "/")
    await add(service, "open")
    assert "The first to open" not in await seen(phone, "/")


async def test_a_long_list_comes_in_pages_and_every_hall_is_on_one(service: Service, phone: AsyncClient) -> None:
    for number in range(HALLS_A_PAGE + 3):
        await add(service, f"hall-{number:03}")
    first = (await phone.get("/?q=hall")).text
    more = re.search(r'href="([^"]*cursor[^"]*)"', first)
    assert more
    second = (await phone.get(more[1].replace("&amp;", "&"))).text
    assert [page.count('class="hall-row"') for page in (first, second)] == [HALLS_A_PAGE, 3]
    assert "More halls" in first
    assert "More halls" not in second


async def test_a_hall_whose_services_are_all_closed_gives_no_numbers(service: Service, phone: AsyncClient) -> None:
    sim = {"id": "sim", "prefix": "A", "name": "SIM", "open": False}
    await add(service, services=[sim])
    page = await seen(phone, "/")
    assert page.index("Closed or full") < page.index("Hall heping")


async def pause(service: Service, hall_id: str, **wish: Any) -> None:
    await add_people("hq")
    headquarters = await service.signed_in("hq")
    headers = {"Idempotency-Key": "a-pause-of-a-hall"}
    answer = await headquarters.post(f"/api/v1/halls/{hall_id}/pause", json=wish, headers=headers)
    assert answer.status_code == 200


@pytest.mark.usefixtures("demo")
async def test_a_hall_that_gives_no_numbers_says_so_in_the_managers_words(service: Service, phone: AsyncClient) -> None:
    words = {"zh-CN": "停电了", "en": "The power is off."}
    await pause(service, "heping", issuing=True, calling=True, message=words)
    while "Paused" not in await seen(phone, "/?q=heping"):
        await asyncio.sleep(0.02)
    for path in ("/?q=heping", "/halls/heping"):
        page = (await phone.get(path)).text
        assert "The power is off." in page
        assert "Take a number" not in page


@pytest.mark.usefixtures("demo")
async def test_a_hall_that_only_stops_calling_still_gives_numbers(service: Service, phone: AsyncClient) -> None:
    await pause(service, "heping", issuing=False, calling=True)
    while "Calling pauses just now." not in await seen(phone, "/?q=heping"):
        await asyncio.sleep(0.02)
    page = (await phone.get("/halls/heping")).text
    assert "Calling pauses just now." in page
    assert "Take a number" in page


async def test_a_full_hall_shows_halls_nearby_that_have_room(service: Service, phone: AsyncClient) -> None:
    await add(service, capacity=0)
    await add(service, "near", lat=39.12)
    await add(service, "full", capacity=0)
    await add(service, "closed", hours={})
    page = (await phone.get("/halls/heping?service=bill")).text
    assert re.findall(r'class="hall-row" href="([^"]*)"', page) == ["/halls/near?service=bill"]


async def test_a_closed_hall_shows_no_others(service: Service, phone: AsyncClient) -> None:
    await add(service, hours={})
    await add(service, "near", lat=39.12)
    assert 'class="hall-row"' not in (await phone.get("/halls/heping")).text
