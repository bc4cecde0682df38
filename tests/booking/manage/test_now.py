"""The hall now and its curve, as the page says them."""

from typing import Any

import pytest

from booking.manage.curve import curve
from booking.manage.now import Moment, counters, heads, services
from booking.manage.today import Today, Visit, day_so_far
from booking.picture import BoardCounter, BoardTicket, Picture
from booking.states import TicketState
from halls.assembly import assemble
from o2o.kernel.i18n import translator
from tests.halls.documents import hall_input

NOW = 1_800_000_000_000
MINUTE = 60_000
DAY = "2027-01-15"


def ticket(number: str, state: str = "waiting", *, came: int = 0, since: int = 0, **more: Any) -> BoardTicket:
    """Who came so many minutes ago, and is in that state since."""
    moment = NOW - since * MINUTE
    times = {"called": {"called_at": moment}, "serving": {"called_at": moment - MINUTE, "started_at": moment}}
    row = {"id": number, "number": number, "service": "sim", "day": DAY, "version": 1, "class_": "standard"}
    return BoardTicket(
        **{**row, **times.get(state, {}), **more}, state=TicketState(state), created_at=NOW - came * MINUTE
    )


def moment(*rows: BoardTicket | BoardCounter, today: Today | None = None, **changes: Any) -> Moment:
    tickets = {row.id: row for row in rows if isinstance(row, BoardTicket)}
    live = {row.id: row for row in rows if isinstance(row, BoardCounter)}
    picture = Picture("heping", 1, 1, DAY, tickets=tickets, counters=live)
    return Moment(assemble("heping", hall_input(**changes), rev=1), picture, today, NOW, translator("en"))


def at(counter: str, ticket: str | None = None, *, since: int = 0) -> BoardCounter:
    return BoardCounter(id=counter, open=True, clerk="staff:clerk1", ticket=ticket, since=NOW - since * MINUTE)


def test_heads_are_shown_against_the_capacity_and_the_longest_wait_against_the_promise() -> None:
    rows = (ticket("A001", came=31), ticket("A002", came=5), ticket("A003", "serving"), ticket("A004", "parked"))
    seen = heads(moment(*rows, capacity=4))

    assert [seen[name] for name in ("count", "share", "full", "waiting", "parked")] == [3, 75, False, 2, 1]
    assert (seen["longest"], seen["late"], seen["part"]) == ("31 min", True, 100)


def test_a_hall_without_a_picture_is_empty() -> None:
    bare = moment()
    nothing = Moment(bare.hall, None, None, NOW, bare.texts)

    assert (heads(nothing)["count"], heads(nothing)["longest"]) == (0, None)
    assert {one["state"] for one in counters(nothing, {})} == {"closed"}


def test_a_service_names_the_open_counters_that_call_it() -> None:
    both = [{"id": "heping-1", "name": "1", "services": ["sim"]}, {"id": "heping-2", "name": "2"}]
    sim, bill = services(moment(ticket("A001", came=3), at("heping-1"), counters=both))[:2]

    assert (sim["waiting"], sim["counters"], sim["nobody"], sim["longest"]) == (1, ["1"], False, "3 min")
    assert (bill["waiting"], bill["counters"], bill["nobody"]) == (0, [], False)


def test_people_whom_no_open_counter_calls_stand_out() -> None:
    assert services(moment(ticket("A001", came=3)))[0]["nobody"]


@pytest.mark.parametrize(
    ("rows", "state", "since"),
    [
        ([], "closed", None),
        ([at("heping-1", since=7)], "free", "7 min"),
        ([at("heping-1", "A001"), ticket("A001", "called", since=2)], "called", "2 min"),
        ([at("heping-1", "A001"), ticket("A001", "serving", since=9)], "serving", "9 min"),
    ],
)
def test_a_counter_says_what_it_does_and_since_when(rows: list[Any], state: str, since: str | None) -> None:
    row = counters(moment(*rows), {"staff:clerk1": "Clerk 1"})[0]

    assert (row["state"], row["since"], row["long"]) == (state, since, False)
    assert row["clerk"] == ("Clerk 1" if rows else "")


@pytest.mark.parametrize(("state", "since"), [("called", 6), ("serving", 21)])
def test_what_takes_longer_than_one_would_think_stands_out(state: str, since: int) -> None:
    rows = (at("heping-1", "A001"), ticket("A001", state, since=since))

    assert counters(moment(*rows), {})[0]["long"]


def test_where_serving_takes_long_only_what_takes_longer_stands_out() -> None:
    slow = [Visit(NOW - 90 * MINUTE, NOW - 80 * MINUTE, NOW - 70 * MINUTE, NOW - 55 * MINUTE, served=True)]
    rows = (at("heping-1", "A001"), ticket("A001", "serving", since=40))

    assert not counters(moment(*rows, today=day_so_far(slow, NOW)), {})[0]["long"]


def test_the_curve_is_scaled_to_its_highest_bar_and_to_the_promise() -> None:
    visits = [Visit(NOW - 50 * MINUTE, NOW - 5 * MINUTE, NOW - 4 * MINUTE, NOW - MINUTE, served=True)] * 2
    drawn = curve(moment(today=day_so_far(visits, NOW)))

    assert drawn is not None
    assert (drawn["most"], drawn["longest"], drawn["promised"]) == (2, "45 min", "30 min")
    assert max(slot["came_high"] for slot in drawn["slots"]) == 100
    assert [slot["late"] for slot in drawn["slots"]].count(True) == 1
    assert round(drawn["promised_high"]) == 67


def test_a_mark_an_hour_and_fewer_words_where_they_would_not_fit() -> None:
    long_ago = Visit(NOW - 9 * 60 * MINUTE, None, None, None, served=False)
    drawn = curve(moment(today=day_so_far([long_ago], NOW)))

    assert drawn is not None
    assert len(drawn["hours"]) == len(drawn["slots"]) / 2
    assert [bool(word) for word in drawn["hours"][:4]] == [True, False, True, False]
