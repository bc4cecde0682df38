"""The clerk's picture, carried on by events, run in the browser as the page runs it."""

from typing import Any

import pytest

from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FOLLOW = """async ([state, events]) => {
    const desk = await import("/static/js/lib/desk.js");
    for (const [name, data] of events) state = desk.reduceDesk(state, { name, data });
    const ids = (tickets) => tickets.map(({ id }) => id);
    return {
        phase: desk.phaseOf(state, "staff:me"), paused: desk.pausedOf(state),
        current: state.current && state.current.id, served: state.today.served,
        line: ids(desk.inOrder(state)), parked: ids(state.parked), absent: ids(state.absent),
    };
}"""
Event = tuple[str, dict[str, Any]]


def ticket(id_: str, state: str = "waiting", **more: Any) -> dict[str, Any]:
    usual = {"id": id_, "state": state, "service": "sim", "turn": 1, "counter": None, "for_counter": None}
    return usual | more


def desk(**more: Any) -> dict[str, Any]:
    return {
        "counter": {"id": "c1", "open": True, "clerk": "staff:me"},
        "services": [{"id": "sim"}, {"id": "bill"}],
        "current": None, "line": [], "order": [], "parked": [], "absent": [], "today": {"served": 0}, "pause": None,
    } | more  # fmt: skip


async def follow(window: Windows, state: dict[str, Any], *events: Event) -> dict[str, Any]:
    page = await window()
    await page.goto("/")
    found: dict[str, Any] = await page.evaluate(FOLLOW, [state, list(events)])
    return found


async def test_the_line_stands_as_the_server_would_call_it_and_the_rest_by_turn(window: Windows) -> None:
    waiting = [ticket("late", turn=9), ticket("b", turn=2), ticket("soon", turn=3), ticket("a", turn=4)]

    found = await follow(window, desk(line=waiting), ("ticket.issued", ticket("new", turn=11) | {"order": ["a", "b"]}))

    assert found["line"] == ["a", "b", "soon", "late", "new"]


async def test_a_visit_passes_through_the_counter(window: Windows) -> None:
    mine = {"counter": "c1"}

    found = await follow(
        window,
        desk(line=[ticket("t"), ticket("u")]),
        ("ticket.called", ticket("t", "called", **mine)),
        ("ticket.serving", ticket("t", "serving", **mine)),
        ("ticket.completed", ticket("t", "completed", **mine)),
        ("ticket.called", ticket("u", "called", **mine)),
    )

    assert (found["phase"], found["current"], found["served"], found["line"]) == ("called", "u", 1, [])


async def test_what_other_counters_do_changes_the_line_alone(window: Windows) -> None:
    theirs = {"counter": "c2"}

    found = await follow(
        window,
        desk(line=[ticket("t"), ticket("u")]),
        ("ticket.called", ticket("t", "called", **theirs)),
        ("ticket.completed", ticket("t", "completed", **theirs)),
        ("counter.closed", {"id": "c2", "open": False, "ticket": None}),
    )

    assert (found["phase"], found["current"], found["served"], found["line"]) == ("idle", None, 0, ["u"])


async def test_who_is_parked_or_was_not_there_is_kept_apart_until_they_are_back(window: Windows) -> None:
    gone = [("ticket.parked", ticket("t", "parked")), ("ticket.no_show", ticket("u", "no_show"))]
    back = [("ticket.unparked", ticket("t")), ("ticket.requeued", ticket("u"))]
    state = desk(line=[ticket("t")], current=ticket("u", "called", counter="c1"))

    found = await follow(window, state, *gone)
    assert (found["parked"], found["absent"], found["line"], found["phase"]) == (["t"], ["u"], [], "idle")

    found = await follow(window, state, *gone, *back)
    assert (found["parked"], found["absent"], found["line"]) == ([], [], ["t", "u"])


async def test_who_was_not_there_is_kept_where_they_were_called_whatever_it_serves(window: Windows) -> None:
    gone = [ticket(id_, "no_show", service="broadband", counter=counter) for id_, counter in (("t", "c1"), ("u", "c2"))]

    found = await follow(window, desk(), *(("ticket.no_show", one) for one in gone))

    assert found["absent"] == ["t"]


async def test_whoever_waits_for_one_counter_alone_stands_in_its_line_only(window: Windows) -> None:
    sent = ("ticket.transferred", ticket("t", for_counter="c2"))
    found = await follow(window, desk(line=[ticket("t")]), sent)
    assert found["line"] == []

    sent = ("ticket.transferred", ticket("t", for_counter="c1", service="broadband"))
    assert (await follow(window, desk(), sent))["line"] == ["t"]


async def test_a_counter_is_taken_once_somebody_else_has_it(window: Windows) -> None:
    opened = ("counter.opened", {"id": "c1", "open": True, "ticket": None, "clerk": "staff:other"})
    assert (await follow(window, desk(), opened))["phase"] == "taken"

    closed = ("counter.closed", {"id": "c1", "open": False, "ticket": None, "clerk": None})
    assert (await follow(window, desk(), opened, closed))["phase"] == "closed"


@pytest.mark.parametrize(
    ("pause", "paused"),
    [
        (None, "none"),
        ({"issuing": True, "calling": False}, "issuing"),
        ({"issuing": False, "calling": True}, "calling"),
        ({"issuing": True, "calling": True}, "both"),
    ],
)
async def test_what_the_hall_has_paused_comes_with_the_board(
    pause: dict[str, bool] | None, paused: str, window: Windows
) -> None:
    found = await follow(window, desk(), ("hall.paused", {"issuing": True, "calling": True, "board": {"pause": pause}}))
    assert found["paused"] == paused
