"""The clerk's page and its forms, as a browser without scripts sends them."""

import re

import msgspec
import pytest
from httpx2 import AsyncClient

from booking.clerk import pages
from booking.models import CounterRecord, TicketRecord
from halls.demo import DEMO_HALLS
from o2o.kernel.models import Event
from tests.booking.clerk.tablet import come, numbers, pause, press, tell
from tests.serving import Service

pytestmark = pytest.mark.once


async def test_whoever_is_not_signed_in_is_asked_to(service: Service) -> None:
    answer = await service.client().get("/clerk")
    assert answer.headers["location"] == "/sign-in?next=%2Fclerk"


async def test_a_clerk_comes_to_their_own_counter_and_others_choose(service: Service, tablet: AsyncClient) -> None:
    assert "Counter 1 · Heping hall" in (await tablet.get("/clerk")).text
    page = (await (await service.browser("hq")).get("/clerk")).text
    assert "At which counter are you?" in page
    assert "Manage the hall instead" in page


async def test_who_chooses_a_counter_sees_whose_each_is(service: Service, tablet: AsyncClient) -> None:
    await press(tablet, "open")
    await press(await service.browser("clerk2"), "open", "heping-2")

    page = (await tablet.get("/clerk?choose=yes")).text

    assert page.count("open, yours") == 1
    assert page.count("open, Clerk 2") == 1
    assert "nankai-1" not in page


async def test_who_has_many_halls_chooses_one_before_the_counter(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FEW", 1)
    headquarters = await service.browser("hq")

    halls = (await headquarters.get("/clerk")).text
    assert "Which hall?" in halls
    assert "heping-1" not in halls
    found = (await headquarters.get("/clerk?choose=yes&q=nankai")).text
    (hall,) = re.findall(r'class="hall-row" href="([^"]+)"', found)
    counters = (await headquarters.get(hall.replace("&amp;", "&"))).text

    assert set(re.findall(r"counter=(\w+)-", counters)) == {"nankai"}
    assert 'href="/clerk?choose=yes"' in counters


async def test_another_halls_counter_is_not_shown(tablet: AsyncClient) -> None:
    assert (await tablet.get("/clerk?counter=nankai-1")).status_code == 403


async def test_the_buttons_carry_a_visit_from_the_line_to_its_end(service: Service, tablet: AsyncClient) -> None:
    ticket = await come(service)
    await press(tablet, "open")
    await press(tablet, f"call:{ticket}")
    await press(tablet, "recall")
    await press(tablet, "start")
    page = await press(tablet, "complete")
    assert 'data-phase="idle"' in page.text
    row = await TicketRecord.get(id=ticket)
    assert (row.state, row.calls) == ("completed", 2)


async def test_calling_the_next_completes_who_is_served(service: Service, tablet: AsyncClient) -> None:
    first, second = await come(service), await come(service)
    for act in ("open", "call", "start", "call"):
        page = await press(tablet, act)
    assert 'data-phase="called"' in page.text
    assert [(await TicketRecord.get(id=one)).state for one in (first, second)] == ["completed", "called"]


async def test_the_line_stands_in_the_order_of_calling(service: Service, tablet: AsyncClient) -> None:
    for _ in range(2):
        await come(service)
    await press(tablet, "issue", service="sim", **{"class": "priority"})

    page = (await tablet.get("/clerk")).text

    assert numbers(page) == ["A003", "A001", "A002"]
    assert "While people with priority wait, 2 of every 3 calls are theirs." in page


async def test_the_line_is_searched(service: Service, tablet: AsyncClient) -> None:
    for wish in ("sim", "bill", "sim"):
        await come(service, wish)

    assert numbers((await tablet.get("/clerk", params={"q": "a00"})).text) == ["A001", "A002"]
    assert numbers((await tablet.get("/clerk", params={"service": "bill"})).text) == ["B001"]


async def test_a_refusal_is_said_on_the_page(tablet: AsyncClient) -> None:
    answer = await press(tablet, "call")
    assert answer.status_code == 409
    assert "The counter is closed. Open it first, or choose another." in answer.text


async def test_calling_when_nobody_waits_changes_nothing(tablet: AsyncClient) -> None:
    await press(tablet, "open")
    page = (await press(tablet, "call")).text
    assert 'data-phase="idle"' in page
    assert "Nobody waits just now." in page


async def test_a_counter_that_somebody_has_is_taken_over_only_when_they_say_so(
    service: Service, tablet: AsyncClient
) -> None:
    await press(tablet, "open")
    other = await service.browser("clerk2")

    page = (await other.get("/clerk?counter=heping-1")).text
    assert 'data-phase="taken"' in page
    assert "Clerk 1 has this counter since 10:00" in page
    assert (await press(other, "open")).status_code == 409

    assert 'data-phase="idle"' in (await press(other, "take-over")).text
    assert (await CounterRecord.get(id="heping-1")).clerk == "staff:clerk2"
    assert "Clerk 2 has this counter" in (await tablet.get("/clerk")).text


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"calling": True}, "Nobody is called just now"),
        ({"issuing": True}, "No numbers are given just now"),
        ({"calling": True, "issuing": True}, "Nobody is called and no numbers are given just now"),
    ],
)
async def test_what_has_paused_is_said_with_the_managers_words(
    what: dict[str, bool], said: str, service: Service, tablet: AsyncClient
) -> None:
    await press(tablet, "open")
    await pause(service, **what, message={"zh-CN": "停电", "en": "The power is off."})

    page = (await tablet.get("/clerk")).text

    assert said in page
    assert "The power is off." in page
    assert ("disabled>" in page) is ("calling" in what)
    assert ("The hall has paused" in (await press(tablet, "call")).text) is ("calling" in what)


async def test_who_was_not_there_is_kept_where_they_were_called_whatever_it_serves(
    service: Service, tablet: AsyncClient
) -> None:
    document = msgspec.to_builtins(DEMO_HALLS["heping"])
    counters = [one | {"services": ["bill"]} for one in document["counters"]]
    await (await service.signed_in("hq")).put("/api/v1/halls/heping", json=document | {"counters": counters})
    ticket = await come(service, "sim")
    await press(tablet, "open")

    await press(tablet, f"call:{ticket}")
    page = (await press(tablet, "no-show")).text

    assert "A001" in page[page.index("data-absent>") : page.index("<template")]


@pytest.mark.parametrize("act", ["call", "start", "no-show", "requeue-last", "transfer", "park", "cancel", "confirm"])
async def test_another_halls_ticket_is_out_of_reach(act: str, service: Service, tablet: AsyncClient) -> None:
    ticket = await come(service, hall="nankai")
    await press(tablet, "open")
    assert (await press(tablet, f"{act}:{ticket}")).status_code == 403
    assert (await TicketRecord.get(id=ticket)).state == "waiting"


async def test_a_form_without_the_pages_proof_does_nothing(tablet: AsyncClient) -> None:
    form = {"act": "open", "counter": "heping-1", "key": "a-key-of-a-form-1", "csrf": "guessed"}
    assert (await tablet.post("/clerk", data=form)).status_code == 403
    assert await CounterRecord.all().count() == 0


async def test_a_form_that_is_sent_twice_is_one_act(service: Service, tablet: AsyncClient) -> None:
    await come(service)
    await come(service)
    await press(tablet, "open")
    for _ in range(2):
        await press(tablet, "call", key="the-same-press-twice")
    assert await Event.filter(name="ticket.called").count() == 1


async def test_each_button_of_a_page_is_an_act_of_its_own(service: Service, tablet: AsyncClient) -> None:
    await press(tablet, "open")
    number = (await TicketRecord.get(id=await come(service))).number
    await press(tablet, "open", key="the-key-of-one-page")  # As an old page asks that was left open.

    answer = await press(tablet, "call", key="the-key-of-one-page")

    assert (answer.status_code, (await TicketRecord.get(number=number)).state) == (200, "called")


async def test_a_script_is_told_what_was_done_and_how_to_undo_it(service: Service, tablet: AsyncClient) -> None:
    ticket = await come(service)
    await press(tablet, "open")
    await press(tablet, "call")

    told = (await tell(tablet, "no-show")).json()

    assert told == {"said": "A001 was not there.", "undo": f"requeue-first:{ticket}", "sheet": None}
    assert (await tell(tablet, told["undo"])).json()["said"] == "A001 is back in the line, nobody before it."


async def test_a_script_is_told_of_a_refusal_as_programs_are(tablet: AsyncClient) -> None:
    answer = await tell(tablet, "call")
    assert (answer.status_code, answer.json()["code"]) == (409, "counter_closed")
