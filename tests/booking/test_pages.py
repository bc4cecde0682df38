"""The customer's pages, asked for as a browser without scripts asks."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from msgspec import structs

from booking import endpoints, pages
from booking.models import TicketRecord
from booking.service.arrivals import Arrivals
from halls.demo import DEMO_HALLS
from halls.schemas import Rules
from halls.service import put_hall
from tests.o2o.forms import Page
from tests.serving import START, Service, add_halls, serve
from tests.unanswered import unanswered

pytestmark = pytest.mark.once

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


async def test_a_hall_whose_address_nobody_wrote_down_leads_to_the_map_all_the_same(
    service: Service, phone: AsyncClient
) -> None:
    hall = structs.replace(DEMO_HALLS["heping"], address=None)
    await put_hall(service.state["directory"], "heping", hall, now=START, actor="o2o")
    page = (await phone.get("/halls/heping")).text
    assert re.search(r'<p class="place"><a [^>]*>.*?<span>Map</span></a>', page)
    assert "</strong> · </span>" not in (await phone.get("/?lat=39.1&lon=117.2")).text


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


async def test_a_form_whose_answer_was_lost_takes_one_number_when_it_is_sent_again(phone: AsyncClient) -> None:
    (form,) = Page("/halls/heping", (await phone.get("/halls/heping")).text).forms
    with unanswered(Arrivals, "take_number"):
        lost = await phone.post("/halls/heping", data=form.values | {"service": "sim"})
    (again,) = Page("/halls/heping", lost.text).forms

    answer = await phone.post("/halls/heping", data=again.values | {"service": "sim"})

    assert (lost.status_code, answer.status_code) == (503, 303)
    assert await TicketRecord.all().count() == 1


async def test_a_form_that_was_sent_with_something_else_says_so_in_plain_words(phone: AsyncClient) -> None:
    await phone.post("/halls/heping", data={"service": "sim", "key": KEY})

    answer = await phone.post("/halls/heping", data={"service": "bill", "key": KEY})

    assert answer.status_code == 422
    assert "This was sent before with something else in it." in answer.text
    assert "Idempotency-Key" not in answer.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"service": "sim", "phone": "12", "key": KEY}, "This is not a phone number. Check its digits."),
        ({"service": "cheese", "key": KEY}, "This hall does not offer the service"),
        ({"service": "sim", "key": "short"}, "An Idempotency-Key has 16 to 64 characters of ASCII, and no spaces."),
    ],
)
async def test_a_refused_form_says_why_and_writes_nothing(form: dict[str, str], said: str, phone: AsyncClient) -> None:
    answer = await phone.post("/halls/heping", data=form)
    assert answer.status_code == 400
    assert said in answer.text
    assert await TicketRecord.all().count() == 0


async def test_the_form_takes_several_services_and_a_claim(phone: AsyncClient) -> None:
    form = {"service": "sim", "class": "priority", "then_1": "bill", "then_2": "device", "then_3": "bill", "key": KEY}
    await phone.post("/halls/heping", data=form)
    ticket = await TicketRecord.get()
    assert (ticket.remaining, ticket.claimed) == ("bill,device", "priority")


@pytest.mark.parametrize(
    ("steps", "remaining"),
    [
        ({"then_1": "sim"}, None),
        ({"then_1": "sim", "then_2": "bill"}, "bill"),
        ({"then_1": "", "then_2": "bill"}, None),
    ],
)
async def test_what_comes_after_ends_at_the_first_nothing(
    steps: dict[str, str], remaining: str | None, phone: AsyncClient
) -> None:
    await phone.post("/halls/heping", data={"service": "sim", "key": KEY} | steps)
    assert (await TicketRecord.get()).remaining == remaining


async def test_a_refused_form_keeps_what_was_folded_away(phone: AsyncClient) -> None:
    form = {"service": "sim", "phone": "12", "class": "priority", "then_1": "bill", "key": KEY}
    page = (await phone.post("/halls/heping", data=form)).text
    assert '<details class="fold more" open>' in page
    assert 'value="priority" aria-describedby="claim-for" checked' in page
    assert '<option value="bill" selected>' in page


async def test_a_service_that_is_closed_can_not_be_chosen(service: Service, phone: AsyncClient) -> None:
    hall = DEMO_HALLS["nankai"]
    closed = structs.replace(hall, services=(structs.replace(hall.services[0], open=False), *hall.services[1:]))
    await put_hall(service.state["directory"], "nankai", closed, now=START, actor="o2o")
    page = (await phone.get("/halls/nankai?service=sim")).text
    assert 'id="service-sim" value="sim" required disabled>' in page
    assert '<option value="sim" disabled>' in page
    assert 'id="service-bill" value="bill" required>' in page


async def test_a_hall_of_one_service_and_one_class_asks_nothing_more(service: Service, phone: AsyncClient) -> None:
    hall = DEMO_HALLS["nankai"]
    one = structs.replace(hall, services=hall.services[:1], rules=Rules(classes=("standard",)))
    await put_hall(service.state["directory"], "nankai", one, now=START, actor="o2o")
    page = (await phone.get("/halls/nankai")).text
    assert "fold more" not in page
    assert "Everybody is called in the order of coming." in page


async def test_classes_of_the_halls_own_are_named(service: Service, phone: AsyncClient) -> None:
    rules = Rules(classes=("standard", "priority", "vip"))
    own = structs.replace(DEMO_HALLS["nankai"], rules=rules)
    await put_hall(service.state["directory"], "nankai", own, now=START, actor="o2o")
    page = (await phone.get("/halls/nankai")).text
    assert '<option value="vip">vip</option>' in page
