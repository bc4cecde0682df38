"""The customer's pages, asked for as a browser without scripts asks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from booking import endpoints, pages
from booking.models import TicketRecord
from tests.serving import Service, add_halls, serve

KEY = "a-key-of-a-form-1"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*endpoints.routes, *pages.routes]) as service:
        await add_halls(service, "heping", "nankai", "xiqing")
        yield service


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client(accept="text/html")


async def test_pages_speak_the_language_that_was_chosen(phone: AsyncClient) -> None:
    await phone.get("/?lang=zh-CN")
    assert "您要办什么业务？" in (await phone.get("/halls/heping")).text


async def test_a_closed_hall_says_when_it_opens_and_takes_nobody(service: Service, phone: AsyncClient) -> None:
    service.clock.advance(hours=12)
    page = (await phone.get("/halls/xiqing")).text
    assert "Closed, opens tomorrow 09:00" in page
    assert "<form" not in page


async def test_an_unknown_hall_is_a_page(phone: AsyncClient) -> None:
    answer = await phone.get("/halls/nowhere")
    assert answer.status_code == 404
    assert "There is no such hall." in answer.text


async def test_the_form_takes_a_number_and_makes_this_browser_its_owner(phone: AsyncClient) -> None:
    answer = await phone.post("/halls/heping", data={"service": "sim", "key": KEY}, follow_redirects=True)
    assert "A001" in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_the_form_sent_twice_takes_one_number(phone: AsyncClient) -> None:
    form = {"service": "sim", "key": KEY}
    first, second = await phone.post("/halls/heping", data=form), await phone.post("/halls/heping", data=form)
    assert first.headers["location"] == second.headers["location"]
    assert await TicketRecord.all().count() == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"service": "sim", "phone": "12", "key": KEY}, "This is not a phone number."),
        ({"service": "cheese", "key": KEY}, "This hall does not offer the service"),
        ({"service": "sim", "key": "short"}, "An Idempotency-Key has 16 to 64 characters."),
    ],
)
async def test_a_refused_form_says_why_and_writes_nothing(form: dict[str, str], said: str, phone: AsyncClient) -> None:
    answer = await phone.post("/halls/heping", data=form)
    assert answer.status_code == 400
    assert said in answer.text
    assert await TicketRecord.all().count() == 0
