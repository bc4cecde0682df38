"""What was done in a hall, as one list: the line's events and how the hall is run."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final

import pytest
from httpx2 import AsyncClient

from o2o.app import routes
from o2o.kernel.archive import EVENTS, move
from o2o.kernel.database import connection
from o2o.kernel.models import ArchivedEvent, Deed
from staff.people import removing_pin, settle
from staff.sessions import By
from tests.asked import asked_from_now_on
from tests.serving import Service, add_halls, add_people, serve, with_key

PATH: Final = "/api/v1/halls/heping/events"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes()) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk5", "manager")
        yield service


async def write(client: AsyncClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await client.post(f"/api/v1{path}", json=body or {}, headers=with_key(token_urlsafe(16)))
    assert answer.is_success, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def a_call(service: Service, phone: str | None = None) -> dict[str, Any]:
    """A ticket that the clerk has called, a minute after each step."""
    clerk = await service.signed_in("clerk1")
    ticket = await write(
        service.client(), "/halls/heping/tickets", {"service": "sim", "phone": phone, "name": "王小明"}
    )
    for path in ("/counters/heping-1/opening", "/counters/heping-1/calls"):
        service.clock.advance(minutes=1)
        await write(clerk, path)
    return ticket


async def asked(service: Service, **wish: Any) -> list[dict[str, Any]]:
    manager = await service.signed_in("manager")
    answer = await manager.get(PATH, params=wish)
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["name"] for event in events]


async def test_events_and_deeds_are_one_list_latest_first(service: Service) -> None:
    ticket = await a_call(service)

    events = [event for event in await asked(service) if not event["name"].startswith("session.")]

    assert names(events) == ["ticket.called", "counter.opened", "ticket.issued", "hall.made"]
    called, _opened, _issued, made = events
    assert called["ticket"] == ticket["id"]
    assert (called["number"], called["actor"], called["counter"]) == ("A001", "staff:clerk1", "heping-1")
    assert (called["from"], called["to"], called["at"]) == ("waiting", "called", "2026-11-23T10:02:00.000+08:00")
    assert (made["actor"], made["subject"], made["after"]["capacity"]) == ("o2o", "heping", 120)


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({"name": "ticket.called"}, ["ticket.called"]),
        ({"name": "ticket"}, ["ticket.called", "ticket.issued"]),
        ({"name": "tick"}, []),
        ({"actor": "clerk1"}, ["ticket.called", "counter.opened", "session.begun"]),
        ({"actor": "staff:clerk1", "name": "counter"}, ["counter.opened"]),
        ({"actor": "clerk"}, []),
        ({"ticket": "a001"}, ["ticket.called", "ticket.issued"]),
        ({"ticket": "A002"}, []),
        ({"since": "2026-11-23T02:02:00Z", "name": "ticket"}, ["ticket.called"]),
        ({"until": "2026-11-23T02:02:00Z", "name": "ticket"}, ["ticket.issued"]),
    ],
)
async def test_one_asks_by_time_who_what_and_ticket(service: Service, wish: dict[str, str], found: list[str]) -> None:
    await a_call(service)

    assert names(await asked(service, **wish)) == found


async def test_one_asks_by_a_tickets_id(service: Service) -> None:
    await a_call(service)
    ticket = await a_call_elsewhere(service)

    assert names(await asked(service, ticket=ticket["id"])) == ["ticket.issued"]


async def test_days_gone_by_are_told_from_the_archive(service: Service) -> None:
    await a_call(service)
    await a_call_elsewhere(service)
    manager = await service.signed_in("manager")

    async def told(**wish: Any) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = (await manager.get(PATH, params=wish)).json()["events"]
        return events

    whole, found = await told(), await told(ticket="A001")
    await move(EVENTS, "hall:heping", service.clock() + timedelta(days=1), 2)

    assert await ArchivedEvent.all().count() == 2
    assert (await told(), await told(ticket="A001")) == (whole, found)
    assert [*await told(limit=5), *await told(cursor=whole[4]["id"])] == whole


async def a_call_elsewhere(service: Service) -> dict[str, Any]:
    return await write(service.client(), "/halls/heping/tickets", {"service": "bill"})


async def test_page_by_page_nothing_is_left_out_or_told_twice(service: Service) -> None:
    for _ in range(3):
        await a_call_elsewhere(service)
        await settle("clerk1", removing_pin("clerk1", By("staff:hq", 1)))
    at = 1_795_000_000_000
    await Deed.bulk_create(
        [Deed(tag="hall:heping", at=at, name="screen.renamed", actor=f"staff:{n}") for n in range(5)]
    )
    manager = await service.signed_in("manager")
    whole = (await manager.get(PATH)).json()["events"]

    pages: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await manager.get(PATH, params={"limit": 2, "cursor": cursor})).json()
        pages, cursor = pages + page["events"], page["next_cursor"]

    assert len(whole) > 8
    assert pages == whole


@pytest.mark.parametrize("cursor", ["x", "1", "1x1", "1e", "e1", "9" * 16 + "e1"])
async def test_a_cursor_of_nobodys_is_refused(service: Service, cursor: str) -> None:
    answer = await (await service.signed_in("manager")).get(PATH, params={"cursor": cursor})

    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


async def test_the_events_of_other_halls_are_not_among_them(service: Service) -> None:
    await write(service.client(), "/halls/nankai/tickets", {"service": "sim"})

    assert "ticket.issued" not in names(await asked(service))
    answer = await (await service.signed_in("manager")).get("/api/v1/halls/nankai/events")
    assert answer.status_code == 403


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00Z", "1970-01-02T00:00:00Z", "9999-12-31T23:59:59-08:00"])
async def test_a_number_is_looked_for_before_any_moment(service: Service, until: str) -> None:
    assert await asked(service, ticket="A001", until=until) == []


async def test_nothing_personal_is_told(service: Service) -> None:
    await a_call(service, phone="13800138000")

    told = str(await asked(service))

    assert "13800138000" not in told
    assert "王小明" not in told


async def test_what_is_no_halls_is_for_headquarters(service: Service) -> None:
    await add_people("hq", "province")
    await a_call(service)
    hq, province = await service.signed_in("hq"), await service.signed_in("province")

    found = (await hq.get("/api/v1/events")).json()
    first = (await hq.get("/api/v1/events", params={"limit": 1})).json()
    rest = (await hq.get("/api/v1/events", params={"cursor": first["next_cursor"]})).json()

    assert {event["subject"] for event in found["events"]} == {"hq", "province"}
    assert [*first["events"], *rest["events"]] == found["events"]
    assert names((await hq.get("/api/v1/events", params={"name": "ticket"})).json()["events"]) == []
    assert (await province.get("/api/v1/events")).status_code == 403
    refused = await hq.get("/api/v1/events", params={"ticket": "A001"})
    assert (refused.status_code, refused.json()["field"]) == (400, "ticket")


@pytest.mark.sqlite
async def test_what_is_no_halls_is_found_by_an_index_of_just_that(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_people("hq")
    hq = await service.signed_in("hq")
    asked = asked_from_now_on(monkeypatch)

    await hq.get("/api/v1/events", params={"name": "person", "actor": "hq"})

    [found] = [one for one in asked if 'FROM "audit"' in one.statement]
    plan = await connection().execute_query_dict(f"EXPLAIN QUERY PLAN {found.statement}", found.values)
    assert [row["detail"] for row in plan] == ["SCAN audit USING INDEX audit_beyond_halls"]
