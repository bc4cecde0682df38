"""A board carried on by events shows what a later snapshot shows."""

from typing import Any

from o2o.board import CALLS_KEPT, Board
from o2o.live import Event

NOBODY: dict[str, Any] = {"waiting": {"sim": 0}, "next": [{"service": "sim", "numbers": []}], "head_count": 0}
STATE: dict[str, Any] = {"hall": {"id": "heping"}, "calling": [], "calls": [], **NOBODY}


def ticket(number: str, state: str) -> dict[str, Any]:
    return {
        "id": f"t-{number}",
        "number": number,
        "service": "sim",
        "state": state,
        "counter": "heping-1",
        "calls": 1,
        "called_at": "2026-11-22T10:00:00+08:00",
    }


def event(name: str, data: dict[str, Any]) -> Event:
    return Event("1", 2, name, {**data, "board": {**NOBODY, "head_count": 1}})


def test_a_call_is_shown_and_kept_among_the_last() -> None:
    board = Board(STATE)

    board.apply(event("ticket.called", ticket("A001", "called")))

    assert [row["number"] for row in board.calling] == [row["number"] for row in board.calls] == ["A001"]
    assert board.head_count == 1


def test_whoever_comes_to_the_counter_is_called_no_more() -> None:
    board = Board(STATE)
    board.apply(event("ticket.called", ticket("A001", "called")))

    board.apply(event("ticket.serving", ticket("A001", "serving")))

    assert (board.calling, [row["number"] for row in board.calls]) == ([], ["A001"])


def test_a_recall_is_a_call_again() -> None:
    board = Board(STATE)
    board.apply(event("ticket.called", ticket("A001", "called")))
    board.apply(event("ticket.called", ticket("A002", "called")))

    board.apply(event("ticket.recalled", ticket("A001", "called")))

    assert [row["number"] for row in board.calling] == ["A001", "A002"]
    assert [row["number"] for row in board.calls] == ["A001", "A002", "A001"]


def test_a_counter_that_opens_calls_nobody() -> None:
    board = Board(STATE)

    board.apply(event("counter.opened", {"id": "heping-1", "open": True, "ticket": None}))

    assert board.picture() == Board({**STATE, "head_count": 1}).picture()


def test_only_the_last_calls_are_kept() -> None:
    board = Board(STATE)
    for number in range(CALLS_KEPT + 5):
        board.apply(event("ticket.called", ticket(f"A{number:03}", "called")))

    assert len(board.calls) == CALLS_KEPT
