"""What pages say of goods that a number carries, to its owner and at the counter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from tests.booking.holds import at_the_counter, attempt, carrying, held, serve_holds, shown
from tests.serving import Service


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve_holds(tmp_path) as service:
        yield service


@pytest.fixture
async def clerk(service: Service) -> AsyncClient:
    return await at_the_counter(service)


async def test_the_pages_say_what_is_held_and_when_it_is_no_more(service: Service) -> None:
    hold, phone = await held(service, 2), service.client(accept="text/html")
    link = f"/halls/heping?hold={shown(service, hold)}"
    assert "Your number carries 2 × case-clear: held for you until 10:10" in (await phone.get(link)).text
    form = {"key": "a-key-of-a-form-1", "service": "device", "hold": shown(service, hold)}
    answer = await phone.post("/halls/heping", data=form)
    page = (await phone.get(answer.headers["location"])).text
    assert 'data-held="active"' in page
    await service.state["stock"].release(hold.id, attempt(service), why="test")
    assert 'data-held="gone"' in (await phone.get(answer.headers["location"])).text
    page = (await phone.get(link)).text
    assert "Your number carries" not in page
    assert "Not held any more: 2 × case-clear." in page


async def test_the_page_says_that_it_is_ordered_and_then_that_they_have_it(service: Service) -> None:
    hold, phone = await held(service, 2), service.client(accept="text/html")
    form = {"key": "a-key-of-a-form-1", "service": "device", "hold": shown(service, hold)}
    there = (await phone.post("/halls/heping", data=form)).headers["location"]
    stock = service.state["stock"]
    await stock.allocate(hold.id, attempt(service), line="order:1")
    assert 'data-held="converted"' in (await phone.get(there)).text

    await stock.hand_over(hold.id, attempt(service))
    page = (await phone.get(there)).text
    assert 'data-held="handed"' in page
    assert "You have it: 2 × case-clear" in page


async def test_the_clerk_sees_it_before_calling(service: Service, clerk: AsyncClient) -> None:
    made = await carrying(service, await held(service, 2))
    await service.state["line"].close()
    page = (await clerk.get("/clerk?counter=heping-1")).text
    assert page.count("2 × case-clear") == 1
    assert 'data-field="goods">2 × case-clear' in page
    sheet = (await clerk.get(f"/clerk?counter=heping-1&ticket={made['id']}")).text
    assert "Held for them: 2 × case-clear, until 10:10." in sheet
