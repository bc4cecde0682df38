"""Calls wait their turn, and nobody waits longer than the rule allows."""

from hypothesis import given
from hypothesis import strategies as st

from o2o.terminal.announcer import Announcer
from websocket.clients import RULES


def call(name: str) -> dict[str, str]:
    return {"id": name}


def names(announcer: Announcer, now: float) -> str:
    return "".join(one["id"] for one in announcer.shown(now))


def test_each_call_is_shown_for_its_time() -> None:
    announcer = Announcer()
    announcer.add(call("A"))
    announcer.add(call("B"))

    assert [names(announcer, now) for now in (0, 3.9, 4, 7.9, 8)] == ["A", "A", "B", "B", ""]


def test_calls_that_would_wait_too_long_are_shown_together() -> None:
    announcer = Announcer()
    for name in "ABCD":
        announcer.add(call(name))

    assert [names(announcer, now) for now in (0, 4)] == ["ABCD", ""]


def test_no_more_stand_together_than_there_is_room_for() -> None:
    announcer = Announcer()
    for name in "ABCDEFGHIJKLMNOP":
        announcer.add(call(name))

    assert [names(announcer, now) for now in (0, 4, 8)] == ["ABCDEFGHIJ", "KLMNOP", ""]


def test_what_comes_while_a_call_is_shown_waits_for_its_turn() -> None:
    announcer = Announcer()
    announcer.add(call("A"))
    announcer.shown(0)
    for name in "BCD":
        announcer.add(call(name))

    assert [names(announcer, now) for now in (1, 4, 8)] == ["A", "BCD", ""]


def test_a_call_that_was_answered_before_its_turn_is_not_announced() -> None:
    announcer = Announcer()
    announcer.add(call("A"))
    announcer.add(call("B"))
    announcer.keep({"A"})

    assert [names(announcer, now) for now in (0, 4)] == ["A", ""]


def test_a_repeated_call_waits_once() -> None:
    announcer = Announcer()
    for name in "ABA":
        announcer.add(call(name))

    assert [names(announcer, now) for now in (0, 4, 8)] == ["B", "A", ""]


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 9)), max_size=40))
def test_whoever_is_called_is_shown_in_time(calls: list[tuple[float, int]]) -> None:
    announcer, now, called_at = Announcer(), 0.0, dict[str, float]()

    def look() -> None:
        for one in announcer.shown(now):
            assert now - called_at.pop(one["id"], now) <= RULES.behind + RULES.call

    for pause, name in calls:
        now += pause
        look()
        announcer.add(call(str(name)))
        called_at[str(name)] = now
    while called_at:
        now += 0.5
        look()
