"""A hall's codes for its manager."""

from datetime import date

import pytest

from o2o.kernel.database import transaction
from qr.models import CodeRecord
from qr.scans import Scan
from qr.service import code_for_counter, code_for_hall, find, revoke
from qr.states import Agent, Source
from tests.serving import START, Service, with_key

CODES, SCANS = "/api/v1/halls/heping/codes", "/api/v1/halls/heping/scans"
TODAY, YESTERDAY = date(2026, 11, 23), date(2026, 11, 22)


async def hall_code(service: Service, hall: str = "heping") -> str:
    return (await code_for_hall(service.state["signer"], hall, now=START)).text


async def test_the_door_and_each_counter_has_a_code(service: Service) -> None:
    manager = await service.signed_in("manager")

    listed = (await manager.get(CODES)).json()
    again = (await manager.get(CODES)).json()

    assert [(code["kind"], code["place"]) for code in listed["codes"]] == [
        ("hall", None),
        ("counter", "heping-1"),
        ("counter", "heping-2"),
        ("counter", "heping-3"),
        ("counter", "heping-4"),
    ]
    assert listed["codes"][0]["address"] == f"http://hall.test/q/{await hall_code(service)}"
    assert again == listed
    assert await CodeRecord.all().count() == 5


async def test_a_manager_revokes_the_code_of_the_own_hall(service: Service) -> None:
    code = await hall_code(service)
    manager = await service.signed_in("manager")

    assert (await manager.delete(f"/api/v1/codes/{code}")).status_code == 204
    assert (await manager.delete(f"/api/v1/codes/{code}")).status_code == 404
    assert await hall_code(service) != code


async def test_a_replaced_code_leads_nowhere_and_its_successor_to_the_same_place(service: Service) -> None:
    old = (await code_for_counter(service.state["signer"], "heping", "heping-3", now=START)).text
    manager = await service.signed_in("manager")

    answer = await manager.post(f"/api/v1/codes/{old}/replacement", headers=with_key("replace-the-code-1"))

    new = answer.json()["code"]
    assert answer.status_code == 201
    assert (await service.client().get(f"/api/v1/codes/{old}")).status_code == 404
    assert (await service.client().get(f"/api/v1/codes/{new}")).json()["place"] == "heping-3"
    assert (await code_for_counter(service.state["signer"], "heping", "heping-3", now=START)).text == new


async def test_replacing_again_with_the_same_key_makes_no_third_code(service: Service) -> None:
    old = await hall_code(service)
    manager = await service.signed_in("manager")

    answers = [
        await manager.post(f"/api/v1/codes/{old}/replacement", headers=with_key("replace-the-code-1")) for _ in range(2)
    ]
    late = await manager.post(f"/api/v1/codes/{old}/replacement", headers=with_key("replace-the-code-2"))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert late.status_code == 404
    assert await CodeRecord.all().count() == 2


@pytest.mark.parametrize(
    ("username", "hall", "status"), [(None, "heping", 401), ("clerk1", "heping", 403), ("manager", "nankai", 403)]
)
async def test_nobody_else_ends_a_code(service: Service, username: str | None, hall: str, status: int) -> None:
    code = await hall_code(service, hall)
    client = await service.signed_in(username) if username else service.client()

    deleted = await client.delete(f"/api/v1/codes/{code}")
    replaced = await client.post(f"/api/v1/codes/{code}/replacement", headers=with_key("replace-the-code-1"))

    assert (deleted.status_code, replaced.status_code) == (status, status)
    assert (await client.get(f"/api/v1/codes/{code}")).status_code == 200


async def scan(service: Service, code: str, times: int, day: date = TODAY, source: Source = Source.POSTER) -> None:
    known = await find(service.state["signer"], code)
    for _time in range(times):
        service.state["scans"].count(Scan(known.id, day, source, Agent.WECHAT, "heping"))
    await service.state["scans"].write()


async def test_scans_are_told_by_day_place_source_and_program(service: Service) -> None:
    counter = (await code_for_counter(service.state["signer"], "heping", "heping-3", now=START)).text
    await scan(service, await hall_code(service), 3)
    await scan(service, await hall_code(service), 2, YESTERDAY, Source.DISPLAY)
    await scan(service, counter, 1)
    manager = await service.signed_in("manager")

    told = (await manager.get(SCANS)).json()

    rows = {(row["day"], row["place"], row["source"], row["agent"]): row["count"] for row in told["scans"]}
    assert (told["from"], told["to"], told["total"]) == ("2026-10-25", "2026-11-23", 6)
    assert rows == {
        ("2026-11-23", None, "poster", "wechat"): 3,
        ("2026-11-23", "heping-3", "poster", "wechat"): 1,
        ("2026-11-22", None, "display", "wechat"): 2,
    }


async def test_a_replaced_codes_scans_count_on(service: Service) -> None:
    old = await hall_code(service)
    await scan(service, old, 2)
    await transaction(lambda client: revoke(client, service.state["signer"], old, actor="staff:manager", now=START))
    await scan(service, await hall_code(service), 1)
    manager = await service.signed_in("manager")

    assert [row["count"] for row in (await manager.get(SCANS)).json()["scans"]] == [3]


async def test_scans_of_some_days_a_page_at_a_time(service: Service) -> None:
    for day, times in ((YESTERDAY, 2), (TODAY, 3)):
        await scan(service, await hall_code(service), times, day)
    manager = await service.signed_in("manager")
    days = f"{SCANS}?from=2026-11-22&to=2026-11-23&limit=1"

    first = (await manager.get(days)).json()
    second = (await manager.get(f"{days}&cursor={first['next_cursor']}")).json()

    assert [(answer["total"], answer["scans"][0]["count"]) for answer in (first, second)] == [(5, 3), (5, 2)]
    assert second["next_cursor"] is None


async def test_the_last_days_may_be_the_first_that_there_are(service: Service) -> None:
    told = (await (await service.signed_in("manager")).get(SCANS, params={"to": "0001-01-10"})).json()

    assert (told["from"], told["to"], told["total"]) == ("0001-01-01", "0001-01-10", 0)


@pytest.mark.parametrize("days", [{"from": "2026-11-24"}, {"from": "2020-01-01"}, {"to": "yesterday"}])
async def test_days_that_make_no_sense_are_refused(service: Service, days: dict[str, str]) -> None:
    manager = await service.signed_in("manager")

    answer = await manager.get(SCANS, params=days)

    assert answer.status_code == 400
    assert answer.json()["field"] in days


@pytest.mark.parametrize(
    ("username", "status"), [(None, 401), ("clerk1", 403), ("clerk5", 403), ("manager", 200), ("hq", 200)]
)
async def test_who_may_look_at_codes_and_scans(service: Service, username: str | None, status: int) -> None:
    client = await service.signed_in(username) if username else service.client()

    assert (await client.get(CODES)).status_code == status
    assert (await client.get(SCANS)).status_code == status


async def test_a_tickets_code_is_given_to_its_owner_and_to_the_halls_staff(service: Service) -> None:
    address, key = "/api/v1/halls/heping/tickets", with_key("take-a-number-001")
    ticket = (await service.client().post(address, json={"service": "sim"}, headers=key)).json()
    path = f"/api/v1/tickets/{ticket['id']}/code"
    owner, clerk = service.client(authorization=f"Bearer {ticket['token']}"), await service.signed_in("clerk1")

    code = (await owner.get(path)).json()

    assert code["address"] == f"http://hall.test/q/{code['code']}"
    assert (await clerk.get(path)).json() == code
    assert (await service.client().get(code["picture"])).status_code == 200
    for stranger in (service.client(), await service.signed_in("clerk5")):
        assert (await stranger.get(path)).status_code == 404
