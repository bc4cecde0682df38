"""The clerk's page and its forms, as a browser without scripts sends them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Response

import staff.endpoints
import staff.pages
from booking import clerk, endpoints
from booking.models import CounterRecord, TicketRecord
from tests.serving import Service, add_halls, add_people, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    routes = [*endpoints.routes, *clerk.routes, *staff.pages.routes, *staff.endpoints.routes]
    async with serve(tmp_path, routes) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk5", "hq")
        yield service


@pytest.fixture
async def tablet(service: Service) -> AsyncClient:
    return await service.browser("clerk1")


async def test_whoever_is_not_signed_in_is_asked_to(service: Service) -> None:
    answer = await service.client().get("/clerk")
    assert answer.headers["location"] == "/sign-in?next=%2Fclerk"


async def test_a_clerk_comes_to_their_own_counter_and_others_choose(service: Service, tablet: AsyncClient) -> None:
    assert "Counter 1 · Heping hall" in (await tablet.get("/clerk")).text
    choice = (await (await service.browser("hq")).get("/clerk")).text
    assert "At which counter are you?" in choice
    assert 'href="/manage"' in choice


async def test_another_halls_counter_is_not_shown(tablet: AsyncClient) -> None:
    assert (await tablet.get("/clerk?counter=nankai-1")).status_code == 403


async def test_the_buttons_carry_a_visit_from_the_line_to_its_end(service: Service, tablet: AsyncClient) -> None:
    ticket = await _ticket(service, "heping")
    await _press(tablet, "open")
    await _press(tablet, f"call:{ticket}")
    await _press(tablet, "recall")
    await _press(tablet, "start")
    page = await _press(tablet, "complete")
    assert 'data-phase="idle"' in page.text
    row = await TicketRecord.get(id=ticket)
    assert (row.state, row.calls) == ("completed", 2)


async def test_whoever_was_not_there_is_put_back(service: Service, tablet: AsyncClient) -> None:
    ticket = await _ticket(service, "heping")
    await _press(tablet, "open")
    await _press(tablet, "call")
    assert f'value="requeue-first:{ticket}"' in (await _press(tablet, "no-show")).text
    await _press(tablet, f"requeue-first:{ticket}")
    assert (await TicketRecord.get(id=ticket)).state == "waiting"


async def test_a_refusal_is_said_on_the_page(tablet: AsyncClient) -> None:
    answer = await _press(tablet, "call")
    assert answer.status_code == 409
    assert "The counter is closed. Open it first." in answer.text


async def test_calling_when_nobody_waits_changes_nothing(tablet: AsyncClient) -> None:
    await _press(tablet, "open")
    assert 'data-phase="idle"' in (await _press(tablet, "call")).text


@pytest.mark.parametrize("act", ["call", "start", "no-show", "requeue-last"])
async def test_another_halls_ticket_is_out_of_reach(act: str, service: Service, tablet: AsyncClient) -> None:
    ticket = await _ticket(service, "nankai")
    await _press(tablet, "open")
    assert (await _press(tablet, f"{act}:{ticket}")).status_code == 403
    assert (await TicketRecord.get(id=ticket)).state == "waiting"


async def test_a_form_without_the_pages_proof_does_nothing(tablet: AsyncClient) -> None:
    form = {"act": "open", "counter": "heping-1", "key": "a-key-of-a-form-1", "csrf": "guessed"}
    assert (await tablet.post("/clerk", data=form)).status_code == 403
    assert await CounterRecord.all().count() == 0


async def _press(tablet: AsyncClient, act: str) -> Response:
    """Send the page's form with one of its buttons, with the hidden fields as they are."""
    page = (await tablet.get("/clerk")).text
    form = page[page.index('id="deeds"') :]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    return await tablet.post("/clerk", data=hidden | {"act": act}, follow_redirects=True)


async def _ticket(service: Service, hall: str) -> str:
    headers = {"Idempotency-Key": "another-person-01"}
    answer = await service.client().post(f"/api/v1/halls/{hall}/tickets", json={"service": "sim"}, headers=headers)
    return str(answer.json()["id"])
