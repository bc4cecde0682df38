"""Each kind of stream shows its own view of the hall."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
import pytest

from booking import shown
from booking.estimates import Pace
from booking.picture import BoardTicket
from booking.schemas import Ticket, TicketRow
from booking.states import TicketState
from halls.hall import Hall
from staff.schemas import Staff
from tests.booking.announcer import Announcer
from tests.websocket.places import Place, dial, display, heard, serving, watching
from websocket.conversation import Admission
from websocket.hub import Hub
from websocket.viewers import Counter, CounterViewer, TicketViewer

CLERK = Staff(id=1, username="clerk1", name="Clerk", grants=(), session="s", csrf="c")


class Sql:
    """What SQL knows of one ticket and one counter."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.ticket = "t1"
        self.served = 0
        self.row: TicketRow | None = None
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        self.answers.set()

    async def read(self) -> tuple[TicketRow, int]:
        return self.row or as_row(self.place.line.tickets[self.ticket]), 2

    async def count(self, _day: str, _version: int) -> int:
        self.asked.set()
        await self.answers.wait()
        return self.served

    async def admit_owner(self) -> Admission:
        row, _ahead = await self.read()
        return Admission("heping", lambda outbox: TicketViewer(row, outbox, self.read))

    async def admit_clerk(self) -> Admission:
        return Admission("heping", lambda outbox: CounterViewer(Counter("heping", "c1"), outbox, CLERK, self.count))


def as_row(seen: BoardTicket) -> TicketRow:
    members = msgspec.to_builtins(seen) | {"hall": "heping", "prefix": "A", "serial": 1, "channel": "web", "epoch": 1}
    return msgspec.convert(members, TicketRow)


@pytest.fixture
def sql(place: Place) -> Sql:
    return Sql(place)


@pytest.fixture
async def counter(hub: Hub, sql: Sql) -> AsyncIterator[str]:
    async with serving(watching(hub, sql.admit_clerk)) as url:
        yield url


@pytest.fixture
async def owner(hub: Hub, sql: Sql) -> AsyncIterator[str]:
    async with serving(watching(hub, sql.admit_owner)) as url:
        yield url


async def test_an_owner_sees_the_own_ticket_and_its_place(place: Place, sql: Sql, owner: str) -> None:
    await place.issue(4)
    sql.ticket = "t3"

    async with dial(owner) as client:
        [frame] = await heard(client, 1)

    ticket = frame["state"]["ticket"]
    assert (ticket["number"], ticket["state"], ticket["position"], ticket["people_ahead"]) == ("A003", "waiting", 3, 2)
    assert ticket["estimate"] == {"low_s": None, "high_s": None, "known": False}
    assert frame["state"]["hall"]["names"] == {"zh-CN": "和平路营业厅", "en": "Heping Road"}


async def test_an_owner_hears_of_every_event_what_it_means_for_the_own_ticket(
    place: Place, sql: Sql, owner: str
) -> None:
    await place.issue(2)
    sql.ticket = "t2"

    async with dial(owner) as client:
        await heard(client, 1)
        await place.say(place.line.move("called"), place.line.issue())
        events = await heard(client, 2)
        await place.say(place.line.move("called"))
        events += await heard(client, 1)

    assert [event["version"] for event in events] == [3, 4, 5]
    assert [event["data"]["number"] for event in events] == ["A001", "A004", "A002"]
    assert [event["data"]["yours"]["position"] for event in events] == [1, 1, None]
    assert events[2]["data"]["yours"]["state"] == "called"
    assert events[2]["data"]["yours"]["counter"] == "c1"


async def test_what_an_owner_sees_is_made_again_only_when_it_is_another(
    place: Place, sql: Sql, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int | None] = []
    make = shown.ticket

    def counted(hall: Hall, row: TicketRow | BoardTicket, ahead: int | None, pace: Pace | None) -> Ticket:
        made.append(ahead)
        return make(hall, row, ahead, pace)

    await place.issue(2)
    sql.ticket = "t2"
    async with dial(owner) as client:
        await heard(client, 1)
        monkeypatch.setattr(shown, "ticket", counted)
        for _ in range(3):
            await place.issue()
            await heard(client, 1)
        await place.say(place.line.move("called"))
        [called] = await heard(client, 1)
        await place.issue()
        [after] = await heard(client, 1)

    assert made == [1, 0]
    assert called["data"]["yours"] == after["data"]["yours"]
    assert after["data"]["yours"]["people_ahead"] == 0


async def test_an_owner_hears_that_the_hall_pauses_and_goes_on(place: Place, owner: str) -> None:
    await place.issue()

    async with dial(owner) as client:
        await heard(client, 1)
        await place.say(place.line.pause('{"zh-CN": "停电", "en": "The power is off"}'))
        [paused] = await heard(client, 1)
        await place.say(place.line.pause(calling=False))
        [resumed] = await heard(client, 1)

    pause = paused["data"]["pause"]
    assert (paused["name"], pause["issuing"], pause["calling"]) == ("hall.paused", False, True)
    assert pause["message"] == {"zh-CN": "停电", "en": "The power is off"}
    assert (resumed["name"], resumed["data"]["pause"]) == ("hall.resumed", None)


async def test_a_counter_hears_that_the_hall_pauses(place: Place, counter: str) -> None:
    async with dial(counter) as client:
        await heard(client, 1)
        await place.say(place.line.pause())
        [event] = await heard(client, 1)

    assert event["data"]["board"]["pause"] == event["data"]["pause"]


async def test_a_ticket_that_has_ended_keeps_its_end(place: Place, owner: str) -> None:
    await place.issue(2)
    async with dial(owner) as client:
        await heard(client, 1)
        await place.say(place.line.move("left"))
        await place.issue()
        events = await heard(client, 2)

    assert [event["data"]["yours"]["state"] for event in events] == ["left", "left"]


async def test_a_ticket_that_ended_unheard_is_looked_up(place: Place, sql: Sql, hub: Hub, owner: str) -> None:
    await place.issue()
    async with dial(owner) as client:
        await heard(client, 1)
        sql.row = msgspec.structs.replace(as_row(place.line.tickets["t1"]), state=TicketState.LEFT, version=2)
        place.line.move("left")  # Nobody is told.
        hub.look_again()
        [frame] = await heard(client, 1)

    assert frame["state"]["ticket"]["state"] == "left"


async def test_who_comes_while_others_are_looked_up_is_looked_up_too(
    place: Place, sql: Sql, hub: Hub, counter: str, owner: str
) -> None:
    await place.issue()
    sql.row = as_row(place.line.tickets["t1"])
    async with dial(counter) as clerk:
        await heard(clerk, 1)
        sql.asked.clear()
        sql.answers.clear()
        place.line.move("left")  # Nobody is told.
        hub.look_again()
        await sql.asked.wait()
        async with dial(f"{owner}/?since=") as client:
            [before] = await heard(client, 1)
            sql.row = msgspec.structs.replace(sql.row, state=TicketState.LEFT, version=2)
            sql.answers.set()
            [after] = await heard(client, 1)

    assert before["state"]["ticket"]["state"] == "waiting"
    assert after["state"]["ticket"]["state"] == "left"


async def test_a_ticket_that_is_not_announced_yet_is_shown_as_sql_has_it(place: Place, sql: Sql, owner: str) -> None:
    elsewhere = Announcer()
    elsewhere.issue()
    sql.row = as_row(elsewhere.tickets["t1"])

    async with dial(owner) as client:
        [before] = await heard(client, 1)
        await place.issue()
        [after] = await heard(client, 1)

    assert (before["version"], before["state"]["ticket"]["people_ahead"]) == (0, 2)
    assert (after["version"], after["data"]["yours"]["people_ahead"]) == (1, 0)


async def test_the_estimate_follows_the_pace_of_the_calls(place: Place, sql: Sql, owner: str) -> None:
    place.about = replace(place.about, paces={"sim": Pace(60, 90)})
    await place.issue(3)
    sql.ticket = "t3"

    async with dial(owner) as client:
        [frame] = await heard(client, 1)

    assert frame["state"]["ticket"]["estimate"] == {"low_s": 120, "high_s": 270, "known": True}


async def test_a_clerk_sees_the_present_customer_and_the_line_in_the_order_of_calling(
    place: Place, sql: Sql, counter: str
) -> None:
    sql.served = 7
    await place.say(*(place.line.issue(service) for service in ("sim", "bill", "sim", "bill")))
    await place.say(place.line.open("c1"), place.line.move("called"), place.line.take("c1", "t1"))
    await place.say(place.line.move("called", counter="c2"), place.line.move("no_show", 1))

    async with dial(counter) as client:
        [frame] = await heard(client, 1)

    state = frame["state"]
    assert (state["counter"]["id"], state["counter"]["open"]) == ("c1", True)
    assert (state["current"]["number"], state["current"]["state"]) == ("A001", "called")
    assert [row["number"] for row in state["line"]] == ["A003", "A004"]
    assert [row["number"] for row in state["absent"]] == ["A002"]
    assert state["today"] == {"served": 7}


async def test_who_was_not_there_is_kept_where_they_were_called_whatever_it_serves(place: Place, counter: str) -> None:
    await place.say(*(place.line.issue("broadband") for _ in range(2)))
    for at in ("c1", "c2"):
        await place.say(place.line.move("called", counter=at), place.line.move("no_show"))

    async with dial(counter) as client:
        [frame] = await heard(client, 1)

    assert [row["id"] for row in frame["state"]["absent"]] == ["t1"]


async def test_what_a_counter_serves_is_counted_between_two_looks_into_sql(
    place: Place, sql: Sql, hub: Hub, counter: str
) -> None:
    await place.issue()
    async with dial(counter) as client:
        await heard(client, 1)
        await place.say(place.line.move("called"), place.line.move("serving"), place.line.move("completed"))
        await heard(client, 3)
        place.closes()
        await hub.look_after()
        [frame] = await heard(client, 1)

    assert frame["state"]["today"] == {"served": 1}


async def test_displays_and_other_counters_do_not_learn_who_sits_at_a_counter(
    place: Place, hub: Hub, counter: str
) -> None:
    async with serving(display(hub)) as url, dial(url) as screen, dial(counter) as tablet:
        await heard(screen, 1)
        await heard(tablet, 1)
        await place.say(place.line.open("c2", clerk="staff:clerk2"))
        events = [*await heard(screen, 1), *await heard(tablet, 1)]

    for event in events:
        assert event["name"] == "counter.opened"
        assert {"id": "c2", "open": True, "ticket": None}.items() <= event["data"].items()
        assert "clerk" not in event["data"]


async def test_a_counter_hears_whose_it_is_now(place: Place, counter: str) -> None:
    async with dial(counter) as client:
        await heard(client, 1)
        await place.say(place.line.open("c1", clerk="staff:clerk2"))
        [event] = await heard(client, 1)

    assert event["data"]["clerk"] == "staff:clerk2"
