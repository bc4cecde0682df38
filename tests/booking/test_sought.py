"""A ticket that a clerk looks for by its code is found on the clerk's page."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

import staff.endpoints
import staff.pages
from booking import clerk, endpoints, staff_endpoints
from tests.serving import Service, add_halls, add_people, serve, with_key


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    routes = [*endpoints.routes, *staff_endpoints.routes, *clerk.routes, *staff.pages.routes, *staff.endpoints.routes]
    async with serve(tmp_path, routes) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk5", "hq")
        yield service


async def a_ticket(service: Service, hall: str = "heping") -> str:
    path, key = f"/api/v1/halls/{hall}/tickets", with_key(f"take-a-number-{hall}")
    answer = await service.client().post(path, json={"service": "sim"}, headers=key)
    return str(answer.json()["id"])


async def said_of(browser: AsyncClient, ticket: str) -> str:
    page = (await browser.get("/clerk", params={"ticket": ticket})).text
    found = re.search(r'<strong class="number">(A\d+)</strong> ([^<]+)</span>', page)
    return f"{found[1]} {found[2]}" if found else ""


async def test_who_waits_is_found_in_the_line(service: Service) -> None:
    browser, ticket = await service.browser("clerk1"), await a_ticket(service)

    page = (await browser.get("/clerk", params={"ticket": ticket})).text

    assert await said_of(browser, ticket) == "A001 waits for: SIM cards and numbers"
    assert re.search(r'data-filter [^>]*value="A001"', page)


async def test_who_is_elsewhere_is_said_to_be_there(service: Service) -> None:
    browser, ticket = await service.browser("clerk1"), await a_ticket(service)
    staff = await service.signed_in("hq")
    for verb, said in (("opening", ""), ("calls", "is called to counter 3")):
        await staff.post(f"/api/v1/counters/heping-3/{verb}", json={}, headers=with_key(f"do-it-at-heping-3-{verb}"))
        assert said in await said_of(browser, ticket)
    for verb, said in (("start", "is at counter 3"), ("completion", "has ended: SIM cards and numbers")):
        await staff.post(f"/api/v1/tickets/{ticket}/{verb}", json={}, headers=with_key(f"do-it-with-it-{verb}"))
        assert said in await said_of(browser, ticket)


async def test_a_ticket_of_another_hall_and_none_at_all_are_not_there(service: Service) -> None:
    browser = await service.browser("clerk1")

    assert await said_of(browser, await a_ticket(service, "nankai")) == ""
    assert await said_of(browser, "nobody") == ""


async def test_who_has_no_counter_yet_chooses_one_in_the_tickets_hall(service: Service) -> None:
    page = (await (await service.browser("hq")).get("/clerk", params={"ticket": await a_ticket(service)})).text

    assert "/clerk?counter=heping-1&amp;ticket=" in page
    assert "nankai-1" not in page
