"""Where a scan leads, and that no code is good for what another kind is for."""

import re
import secrets
from collections.abc import Awaitable, Callable

import pytest
from httpx2 import AsyncClient

from o2o.kernel.database import connection, transaction
from qr.schemas import NewCode
from qr.service import PAIRING, TICKET, code_for_counter, code_for_hall, revoke, signed_code
from tests.qr.printing import printed
from tests.serving import START, Service, with_key

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


async def hall_code(service: Service, hall: str = "heping") -> str:
    return (await code_for_hall(service.state["signer"], hall, now=START)).text


async def counter_code(service: Service, counter: str = "heping-3") -> str:
    return (await code_for_counter(service.state["signer"], "heping", counter, now=START)).text


async def a_ticket(service: Service) -> dict[str, str]:
    key = with_key(secrets.token_urlsafe(16))
    answer = await service.client().post("/api/v1/halls/heping/tickets", json={"service": "sim"}, headers=key)
    taken: dict[str, str] = answer.json()
    return taken


def ticket_code(service: Service, ticket: str) -> str:
    return signed_code(service.state["signer"], TICKET, ticket)


async def pairing_code(service: Service) -> tuple[str, str]:
    """The signed code of a screen, and the short one that it shows."""
    made = (await service.client().post("/api/v1/displays", json={}, headers=with_key("make-a-device-001"))).json()
    return signed_code(service.state["signer"], PAIRING, made["id"]), made["code"]


async def scanned(service: Service, code: str, client: AsyncClient | None = None) -> str | int:
    """Where the scan leads, or what it is refused with."""
    answer = await (client or service.client()).get(f"/q/{code}")
    return answer.headers.get("location", answer.status_code)


async def test_the_door_leads_to_the_page_of_the_hall(service: Service) -> None:
    code = await hall_code(service)

    answer = await service.client().get(f"/q/{code}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/halls/heping?code={code}")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_counter_leads_to_the_page_of_its_hall_with_what_is_done_there(service: Service) -> None:
    code = await counter_code(service)

    answer = await service.client(accept="text/html").get(f"/q/{code}", follow_redirects=True)

    assert answer.url.path == "/halls/heping"
    assert "You are at counter 3" in answer.text


async def test_a_screen_leads_to_the_form_that_pairs_it(service: Service) -> None:
    code, short = await pairing_code(service)

    assert await scanned(service, code) == f"/display/pair?code={short}"


async def test_a_screen_that_is_paired_or_gave_up_waiting_has_no_code_any_more(service: Service) -> None:
    code, _short = await pairing_code(service)

    service.clock.advance(minutes=15)

    assert await scanned(service, code) == 404
    assert (await service.client().get(f"/api/v1/codes/{code}")).status_code == 404


async def test_a_ticket_leads_its_owner_to_its_page_and_the_staff_to_the_counter(service: Service) -> None:
    ticket = await a_ticket(service)
    code = ticket_code(service, ticket["id"])
    owner = service.client(authorization=f"Bearer {ticket['token']}")

    assert await scanned(service, code, owner) == f"/t/{ticket['id']}"
    assert await scanned(service, code, await service.signed_in("clerk1")) == f"/clerk?ticket={ticket['id']}"
    assert await scanned(service, code, await service.signed_in("hq")) == f"/clerk?ticket={ticket['id']}"


async def test_a_tickets_code_opens_nothing_for_anybody_else(service: Service) -> None:
    ticket, other = await a_ticket(service), await a_ticket(service)
    code = ticket_code(service, ticket["id"])

    assert await scanned(service, code) == 404
    assert await scanned(service, code, service.client(authorization=f"Bearer {other['token']}")) == 404
    assert await scanned(service, code, await service.signed_in("clerk5")) == 404


async def test_a_tickets_code_is_no_token_and_a_token_no_code(service: Service) -> None:
    ticket = await a_ticket(service)
    code = ticket_code(service, ticket["id"])

    for shown in (code, code[-22:], code[:22]):
        assert (await service.client().get(f"/t/{ticket['id']}", params={"k": shown})).status_code == 404
    assert await scanned(service, ticket["token"]) == 404
    assert ticket["token"] not in code


async def test_a_code_says_what_it_is(service: Service) -> None:
    ticket = await a_ticket(service)
    pairing, _short = await pairing_code(service)
    codes = [await hall_code(service), await counter_code(service), ticket_code(service, ticket["id"]), pairing]

    said = [(await service.client().get(f"/api/v1/codes/{code}")).json() for code in codes]

    assert said == [
        {"kind": "hall", "hall": "heping", "place": None, "sku": None},
        {"kind": "counter", "hall": "heping", "place": "heping-3", "sku": None},
        {"kind": "ticket", "hall": "heping", "place": None, "sku": None},
        {"kind": "pairing", "hall": None, "place": None, "sku": None},
    ]


Maker = Callable[[Service], Awaitable[str]]


async def _forged(_service: Service) -> str:
    return "A" * 32


async def _revoked(service: Service) -> str:
    code = await hall_code(service)
    await transaction(lambda client: revoke(client, service.state["signer"], code, actor="staff:manager", now=START))
    return code


async def _unknown_ticket(service: Service) -> str:
    return ticket_code(service, secrets.token_urlsafe(16))


async def _unknown_screen(service: Service) -> str:
    return signed_code(service.state["signer"], PAIRING, secrets.token_urlsafe(16))


async def _screen_signed_as_ticket(service: Service) -> str:
    made = (await service.client().post("/api/v1/displays", json={}, headers=with_key("make-a-device-001"))).json()
    return ticket_code(service, made["id"])


async def _ticket_signed_as_screen(service: Service) -> str:
    return signed_code(service.state["signer"], PAIRING, (await a_ticket(service))["id"])


async def _printed_under_a_tickets_purpose(service: Service) -> str:
    code = await code_for_hall(service.state["signer"], "heping", now=START)
    return ticket_code(service, code.id)


BAD = (
    _forged,
    _revoked,
    _unknown_ticket,
    _unknown_screen,
    _screen_signed_as_ticket,
    _ticket_signed_as_screen,
    _printed_under_a_tickets_purpose,
)


@pytest.mark.parametrize("path", ["/api/v1/codes/{}", "/q/{}"])
async def test_whatever_is_wrong_with_a_code_the_answer_is_the_same(service: Service, path: str) -> None:
    staff = await service.signed_in("hq")
    answers = [await staff.get(path.format(await make(service))) for make in BAD]

    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.json()["code"], answer.json()["detail"]) for answer in answers}) == 1


async def test_a_code_of_a_kind_without_a_page_leads_nowhere(service: Service) -> None:
    code = await printed(service.state["signer"], NewCode(kind="odd", hall="heping"), now=START)

    assert await scanned(service, code.text) == 404


async def test_whoever_scans_a_bad_code_gets_a_page(service: Service) -> None:
    answer = await service.client(accept="text/html").get("/q/nonsense")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "This code leads nowhere" in answer.text


async def take_number_on_the_page(service: Service, address: str) -> str:
    """Take a number without a script; says how it was taken."""
    browser = service.client(accept="text/html")
    page = (await browser.get(address, follow_redirects=True)).text
    form = {name: _field(page, name) for name in ("key", "code")} | {"service": "sim"}
    answer = await browser.post("/halls/heping", data={name: value for name, value in form.items() if value})
    assert answer.status_code == 303
    rows = await connection().execute_query_dict("SELECT channel FROM tickets ORDER BY created_at DESC")
    return str(rows[0]["channel"])


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


async def test_a_number_taken_after_a_scan_says_so(service: Service) -> None:
    assert await take_number_on_the_page(service, f"/q/{await hall_code(service)}?s=poster") == "code"


async def test_a_number_taken_without_one_is_the_webs(service: Service) -> None:
    other = await hall_code(service, "nankai")

    assert await take_number_on_the_page(service, "/halls/heping") == "web"
    assert await take_number_on_the_page(service, f"/halls/heping?code={other}") == "web"


async def write_scans(service: Service) -> None:
    """As each worker does every few seconds."""
    for state in service.states:
        await state["scans"].write()


async def test_a_scan_is_counted_for_its_halls_day_by_source_and_program(service: Service) -> None:
    code = await hall_code(service)
    wechat = service.client(**{"user-agent": f"{PHONE} MicroMessenger/8.0.60"})

    await service.client(**{"user-agent": PHONE}).get(f"/q/{code}?s=poster")
    await wechat.get(f"/q/{code}?s=poster")
    await wechat.get(f"/q/{code}?s=poster")
    await wechat.get(f"/q/{code}?s=nonsense")
    for worker in service.states:
        await worker["scans"].write()

    columns = "hall, day, source, agent, count"
    rows = await connection().execute_query_dict(f"SELECT {columns} FROM scans ORDER BY source, agent")
    assert [tuple(row.values()) for row in rows] == [
        ("heping", "2026-11-23", "other", "wechat", 1),
        ("heping", "2026-11-23", "poster", "phone", 1),
        ("heping", "2026-11-23", "poster", "wechat", 2),
    ]


async def test_what_no_person_scanned_is_not_counted(service: Service) -> None:
    code = await hall_code(service)
    phone = service.client(**{"user-agent": PHONE})

    await phone.head(f"/q/{code}")
    await phone.get(f"/q/{code}", headers={"sec-purpose": "prefetch;prerender"})
    await phone.get(f"/q/{'A' * 32}")
    await service.client().get(f"/q/{code}")
    await write_scans(service)

    assert await connection().execute_query_dict("SELECT * FROM scans") == []


async def test_a_scan_leads_on_while_nothing_can_be_counted(service: Service) -> None:
    code = await hall_code(service)
    await connection().execute_script("DROP TABLE scans")

    first = await scanned(service, code, service.client(**{"user-agent": PHONE}))
    await write_scans(service)
    again = await scanned(service, code, service.client(**{"user-agent": PHONE}))

    assert first == again == f"/halls/heping?code={code}"
