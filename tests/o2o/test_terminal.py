"""The terminal's display says who is called, and since when it does not know."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

from rich.console import Console

from o2o.live import Event, Heartbeat, Lost, Snapshot
from o2o.terminal import Screen, showing

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SIM = {"service": "sim", "name": "手机卡", "names": {"zh-CN": "手机卡", "en": "SIM cards"}, "numbers": ["A002", "A003"]}
STATE: dict[str, Any] = {
    "hall": {
        "id": "heping",
        "names": {"zh-CN": "和平区营业厅", "en": "Heping hall"},
        "time_zone": "Asia/Shanghai",
        "counters": [{"id": "heping-3", "name": "3"}],
    },
    "calling": [],
    "calls": [],
    "waiting": {"sim": 2},
    "next": [SIM],
    "head_count": 2,
}
CALLED = {"id": "t", "number": "A001", "service": "sim", "state": "called", "counter": "heping-3"}


def a_screen() -> Screen:
    screen = Screen(lambda: NOON)
    screen.note(Snapshot("1", 1, STATE))
    return screen


def text(screen: Screen) -> str:
    console = Console(file=StringIO(), width=100)
    with console.capture() as capture:
        console.print(screen.draw())
    return capture.get()


def test_before_the_first_snapshot_it_says_that_it_connects() -> None:
    assert "Connecting" in text(Screen(lambda: NOON))


def test_the_line_is_shown_by_service() -> None:
    shown = text(a_screen())

    assert "Heping hall" in shown
    assert "A002  A003" in shown


def test_a_call_names_the_number_and_the_counter() -> None:
    screen = a_screen()

    screen.note(Event("1", 2, "ticket.called", CALLED))

    assert "A001  →  3" in text(screen)


def test_a_lost_connection_is_told_with_the_halls_own_time() -> None:
    screen = a_screen()

    screen.note(Lost("gone"))

    assert "Not connected since 12:00:00" in text(screen)
    assert "A002  A003" in text(screen)


def test_a_heartbeat_ends_the_notice() -> None:
    screen = a_screen()
    screen.note(Lost("gone"))

    screen.note(Heartbeat())

    assert "Not connected" not in text(screen)


def test_in_a_pipe_each_new_picture_is_printed_once() -> None:
    screen, file = a_screen(), StringIO()

    with showing(screen, Console(file=file, width=100)) as show:
        show()
        show()
        screen.note(Event("1", 2, "ticket.called", CALLED))
        show()

    assert file.getvalue().count("Heping hall") == 2
    assert file.getvalue().count("A001  →  3") == 1
