"""One ticket with all that can be done to it, and a number for somebody who stands there."""

import re
from base64 import b64decode
from typing import Any

import pytest
from httpx2 import AsyncClient

from booking.models import TicketRecord
from o2o.kernel.models import Event
from tests.booking.clerk.tablet import come, press, tell
from tests.serving import Service

pytestmark = pytest.mark.once


async def sheet(tablet: AsyncClient, ticket: str) -> str:
    page = (await tablet.get("/clerk", params={"ticket": ticket})).text
    return page[page.index("data-sheet") :] if "data-sheet" in page else page


def acts(page: str) -> set[str]:
    return {act.partition(":")[0] for act in re.findall(r'name="act" value="([^"]+)"', page)}


async def test_a_ticket_whose_code_was_scanned_is_shown_with_what_can_be_done(
    service: Service, tablet: AsyncClient
) -> None:
    page = await sheet(tablet, await come(service))

    assert '<h2 id="sheet-title" tabindex="-1">A001</h2>' in page
    assert "in the line, nobody before it" in page
    assert acts(page) == {"call", "transfer", "postpone", "park", "class", "cancel"}


@pytest.mark.parametrize(
    ("done", "standing", "can"),
    [
        (["call"], "called at 10:00 to counter 1", {"requeue", "transfer", "cancel"}),
        (["call", "start"], "at counter 1 since 10:00", {"transfer", "park", "cancel"}),
        (["park"], "parked, its turn is kept", {"unpark", "cancel"}),
        (["call", "no-show"], "not there when called at 10:00", {"requeue"}),
        (["call", "start", "complete"], "served", set()),
        (["cancel"], "ended by the staff", set()),
    ],
)
async def test_a_ticket_elsewhere_or_at_its_end_says_so(
    done: list[str], standing: str, can: set[str], service: Service, tablet: AsyncClient
) -> None:
    ticket = await come(service)
    await press(tablet, "open")
    for act in done:
        await press(tablet, f"{act}:{ticket}")

    page = await sheet(tablet, ticket)

    assert standing in page
    assert {act.partition("-")[0] for act in acts(page)} == can
    assert ("Nothing more can be done with this ticket." in page) is (not can)


async def test_a_ticket_of_another_hall_and_none_at_all_are_not_there(service: Service, tablet: AsyncClient) -> None:
    for ticket in (await come(service, hall="nankai"), "nobody"):
        assert (await tablet.get("/clerk", params={"ticket": ticket})).status_code == 404
    hq, ticket = await service.browser("hq"), await come(service, hall="nankai")
    assert (await hq.get("/clerk", params={"counter": "heping-1", "ticket": ticket})).status_code == 404


async def test_who_has_no_counter_yet_chooses_one_in_the_tickets_hall(service: Service) -> None:
    hq, ticket = await service.browser("hq"), await come(service)

    page = (await hq.get("/clerk", params={"ticket": ticket})).text

    assert f"/clerk?counter=heping-1&amp;ticket={ticket}" in page
    assert "nankai-1" not in page


async def test_who_has_opened_another_counter_looks_after_a_ticket_there(service: Service, tablet: AsyncClient) -> None:
    await press(tablet, "open", "heping-3")
    page = (await tablet.get("/clerk", params={"ticket": await come(service)})).text
    assert "Counter 3 · Heping hall" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"service": "bill", "position": "last"}, "A001 waits for Bills and payments now, 1 before it."),
        ({"service": "bill", "position": "first"}, "A001 waits for Bills and payments now, nobody before it."),
        ({"to": "heping-1", "position": "age"}, "A001 waits for counter 1 alone now, nobody before it."),
    ],
)
async def test_a_transfer_is_said_in_words(
    fields: dict[str, str], said: str, service: Service, tablet: AsyncClient
) -> None:
    ticket = await come(service)
    await come(service, "bill")
    await press(tablet, "open")

    page = (await press(tablet, "transfer", ticket=ticket, sheet="ticket", why="a child cries", **fields)).text

    assert said in page
    assert (await Event.get(name="ticket.transferred")).reason == "a child cries"


async def test_a_refused_transfer_loses_nothing_that_was_typed(service: Service, tablet: AsyncClient) -> None:
    typed = {"ticket": await come(service), "sheet": "ticket", "service": "bill", "to": "heping-4", "why": "her wish"}

    page = (await press(tablet, "transfer", position="first", **typed)).text

    assert "The counter is closed. Open it first, or choose another." in page[page.index("data-sheet") :]
    for kept in ('value="her wish"', '<option value="bill" selected>', 'value="first" checked'):
        assert kept in page


@pytest.mark.parametrize(
    ("act", "fault"), [("park", {"why": "no\u200bbody"}), ("park", {"why": "a" * 81}), ("postpone", {"places": "0"})]
)
async def test_what_does_not_fit_is_said_on_the_sheet(
    service: Service, tablet: AsyncClient, act: str, fault: dict[str, str]
) -> None:
    typed = {"ticket": await come(service), "sheet": "ticket", "why": "her wish", "places": "7", **fault}

    answer = await press(tablet, act, **typed)

    sheet = answer.text[answer.text.index("data-sheet") :]
    assert (answer.status_code, await Event.exclude(name="ticket.issued").count()) == (400, 0)
    assert all(f'value="{typed[name]}"' in sheet for name in ("why", "places"))


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("park", {}, "A001 is parked and keeps its turn."),
        ("postpone", {"places": 1}, "A001 lets others go first, 1 before it now."),
        ("class", {"class": "priority"}, "A001 counts as “priority” now, nobody before it."),
        ("cancel", {"why": "went home"}, "A001 has ended."),
    ],
)
async def test_what_was_done_is_said(
    act: str, fields: dict[str, Any], said: str, service: Service, tablet: AsyncClient
) -> None:
    ticket = await come(service)
    await come(service)
    assert (await tell(tablet, act, ticket=ticket, **fields)).json()["said"] == said


async def test_who_is_parked_is_brought_back_from_the_page(service: Service, tablet: AsyncClient) -> None:
    ticket = await come(service)
    page = (await press(tablet, "park", ticket=ticket)).text
    assert page.count(f'value="unpark:{ticket}"') == 2  # In the list, and to undo it.
    assert "A001 is back in the line, nobody before it." in (await press(tablet, f"unpark:{ticket}")).text


@pytest.mark.parametrize(
    ("act", "class_", "said"),
    [
        ("confirm", "priority", "A001 counts as “priority” now, nobody before it."),
        ("deny", "standard", "A001 waits without priority, nobody before it."),
    ],
)
async def test_a_claimed_class_is_confirmed_or_not(
    act: str, class_: str, said: str, service: Service, tablet: AsyncClient
) -> None:
    ticket = await come(service, **{"class": "priority"})
    assert "says:" in (await tablet.get("/clerk")).text

    assert said in (await press(tablet, f"{act}:{ticket}")).text

    row = await TicketRecord.get(id=ticket)
    assert (row.class_, row.claimed) == (class_, None)


async def test_a_claim_is_looked_at_once(service: Service, tablet: AsyncClient) -> None:
    ticket = await come(service, **{"class": "priority"})
    await press(tablet, f"confirm:{ticket}")
    await press(tablet, f"deny:{ticket}")
    assert (await TicketRecord.get(id=ticket)).class_ == "priority"


async def test_a_chosen_person_is_called_for_a_reason(service: Service, tablet: AsyncClient) -> None:
    await come(service)
    ticket = await come(service)
    await press(tablet, "open")
    await press(tablet, f"call:{ticket}", sheet="ticket", reason="elder")
    assert (await Event.get(name="ticket.called")).reason == "elder"


async def test_a_number_is_given_to_somebody_without_a_phone(service: Service, tablet: AsyncClient) -> None:
    page = (await press(tablet, "issue", sheet="number", service="bill", **{"class": "priority"})).text

    assert '<p class="given__number number">B001</p>' in page
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert picture is not None
    assert b64decode(picture[1]).startswith(b"<svg")
    row = await TicketRecord.get(number="B001")
    assert (row.class_, row.claimed, row.channel) == ("priority", None, "staff")


async def test_a_number_that_is_refused_loses_nothing_that_was_typed(tablet: AsyncClient) -> None:
    page = (await press(tablet, "issue", sheet="number", service="bill", phone="12")).text

    assert "This is not a phone number. Check its digits." in page[page.index("data-sheet") :]
    assert 'value="12" aria-invalid="true"' in page
    assert re.search(r'name="service" value="bill" required checked', page)


async def test_a_phone_number_that_is_far_too_long_stays_too(tablet: AsyncClient) -> None:
    answer = await press(tablet, "issue", sheet="number", service="bill", phone="1" * 30)

    assert answer.status_code == 400
    assert f'value="{"1" * 30}" aria-invalid="true"' in answer.text


async def test_a_script_is_led_to_the_number_that_was_given(tablet: AsyncClient) -> None:
    told = (await tell(tablet, "issue", service="sim")).json()
    assert "A001" in (await tablet.get(told["sheet"])).text


async def test_the_link_of_a_ticket_that_its_owner_took_is_not_shown(service: Service, tablet: AsyncClient) -> None:
    page = (await tablet.get("/clerk", params={"sheet": "given", "ticket": await come(service)})).text
    assert "given__number" not in page
