"""What stands large and when, and since when the screen is stale."""

from datetime import timedelta

from o2o.live import Connected, Heartbeat, Lost
from o2o.terminal.screen import Phase, Screen
from tests.o2o.terminal.halls import NOON, called, served, snapshot


class Time:
    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed


def a_screen(time: Time | None = None) -> Screen:
    screen = Screen(lambda: NOON, time or Time())
    screen.note(snapshot())
    return screen


def large(screen: Screen) -> tuple[Phase, list[str]]:
    phase, calls = screen.large()
    return phase, [call["number"] for call in calls]


def test_at_first_nobody_was_called() -> None:
    assert large(a_screen()) == (Phase.QUIET, [])


def test_a_call_stands_large_for_its_time_though_it_is_answered_at_once() -> None:
    time = Time()
    screen = a_screen(time)
    screen.note(called())
    assert large(screen) == (Phase.CALLING, ["A001"])
    screen.note(served())
    assert large(screen) == (Phase.CALLING, ["A001"])

    time.passed = 4.0

    assert large(screen) == (Phase.PAST, ["A001"])


def test_calls_that_come_faster_stand_together() -> None:
    time = Time()
    screen = a_screen(time)
    for number in ("A001", "A002", "A003"):
        screen.note(called(number))
    assert large(screen) == (Phase.CALLING, ["A001", "A002", "A003"])

    time.passed = 4.0

    assert large(screen) == (Phase.CALLING, ["A003"])


def test_a_call_that_was_learned_of_late_is_shown_and_not_announced() -> None:
    screen = a_screen()
    screen.note(called("A001", at=NOON - timedelta(seconds=20)))
    screen.note(called("A002", at=NOON - timedelta(seconds=20)))

    assert large(screen) == (Phase.CALLING, ["A002"])
    assert [call["number"] for call in screen.before(screen.large()[1])] == ["A001"]


def test_a_machine_with_a_wrong_clock_goes_by_the_services() -> None:
    screen = a_screen()
    screen.note(Connected(ahead=-3600.0))
    screen.note(called(at=NOON - timedelta(hours=1)))

    assert screen.now == NOON - timedelta(hours=1)
    assert large(screen) == (Phase.CALLING, ["A001"])


def test_the_last_calls_have_no_repeats() -> None:
    screen = a_screen()
    for number in ("A001", "A002", "A001", "A003"):
        screen.note(called(number, at=NOON - timedelta(minutes=1)))

    assert [call["number"] for call in screen.before(screen.large()[1])] == ["A001", "A002"]


def test_a_line_that_is_back_at_once_was_hardly_gone() -> None:
    time = Time()
    screen = a_screen(time)
    screen.note(Lost("gone"))
    assert screen.stale_since is None

    time.passed = 2.0

    assert screen.stale_since == NOON


def test_a_new_connection_alone_does_not_make_it_fresh_but_a_heartbeat_does() -> None:
    time = Time()
    screen = a_screen(time)
    screen.note(Lost("gone"))
    time.passed = 2.0
    screen.note(Connected(0.0))
    assert screen.stale_since is not None

    screen.note(Heartbeat())

    assert screen.stale_since is None
