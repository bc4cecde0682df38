"""How the display looks in windows of several sizes, and in a pipe."""

from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from o2o.kernel.i18n import translator
from o2o.live import Lost, News
from o2o.terminal.drawing import Picture
from o2o.terminal.glyphs import large, small
from o2o.terminal.screen import Screen
from o2o.terminal.show import showing
from tests.o2o.terminal.halls import NOON, STATE, call, called, snapshot

SIZES = [(40, 20), (70, 30), (120, 36), (240, 70)]


class Wall:
    """A screen whose seconds pass as the test says."""

    def __init__(self, *news: News) -> None:
        self.passed = 0.0
        self.screen = Screen(self.clock, lambda: self.passed)
        for one in news:
            self.screen.note(one)

    def clock(self) -> datetime:
        return NOON

    def drawn(self, size: tuple[int, int] = (120, 36), language: str = "en") -> str:
        console = Console(file=StringIO(), width=size[0], height=size[1], force_terminal=True, color_system=None)
        with console.capture() as capture:
            console.print(Picture(self.screen, translator(language)), height=size[1])
        return capture.get()


def test_before_the_first_snapshot_it_says_that_it_connects() -> None:
    assert "Connecting" in Wall().drawn()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_nothing_is_wider_than_the_window_and_all_is_in_it(size: tuple[int, int], language: str) -> None:
    drawn = Wall(snapshot(), called("A001"), called("A002", "heping-4")).drawn(size, language)

    assert max(cell_len(line) for line in drawn.splitlines()) <= size[0]
    for words in {"zh-CN": ("和平区营业厅", "3 号柜台", "最近叫号"), "en": ("Heping hall", "Counter 3", "Last called")}[
        language
    ]:
        assert words in drawn
    assert "A003" in drawn
    assert "12:00" in drawn


def test_a_number_is_as_large_as_the_window_allows() -> None:
    wall = Wall(snapshot(), called())

    assert large("A001")[0].rstrip() in wall.drawn((120, 36))
    assert small("A001")[0].rstrip() in wall.drawn((40, 24))
    assert "A001" in wall.drawn((24, 20))


def test_several_calls_stand_under_each_other() -> None:
    wall = Wall(snapshot(), *(called(f"A00{n}", f"heping-{n}") for n in range(1, 4)))
    drawn = wall.drawn((120, 40))

    assert all(f"Counter {n}" in drawn for n in range(1, 4))


def test_who_was_called_last_stays_and_nobody_yet_is_welcomed() -> None:
    assert "Take a number with your phone: open hall.example/halls/heping" in Wall(snapshot()).drawn()


def test_a_stale_display_says_since_when_and_keeps_its_numbers() -> None:
    wall = Wall(snapshot(), called(), Lost("gone"))
    wall.passed = 2.0

    drawn = wall.drawn()

    assert "No connection. As of 12:00" in drawn
    assert "A003" in drawn


@pytest.mark.parametrize(
    ("pause", "said"),
    [
        ({"calling": True, "message": {"en": "Fire drill", "zh-CN": "消防演习"}}, ("消防演习", "Fire drill")),
        ({"calling": True, "message": None}, ("暂停叫号", "Calling pauses just now.")),
        ({"calling": False, "message": None}, ("暂时不能取号", "No numbers are given just now.")),
    ],
)
def test_a_hall_that_pauses_says_so_in_both_languages_and_keeps_its_numbers(
    pause: dict[str, Any], said: tuple[str, str]
) -> None:
    drawn = Wall(snapshot(pause=pause, calling=[call("A001")])).drawn()

    assert all(words in drawn for words in said)
    assert "A003" in drawn
    assert not any(words in Wall(snapshot(pause=None)).drawn() for words in said)


def test_words_that_are_the_same_in_both_languages_are_said_once() -> None:
    pause = {"calling": True, "message": {"en": "Please wait", "zh-CN": "Please wait"}}

    assert Wall(snapshot(pause=pause)).drawn().count("Please wait") == 1


@pytest.mark.parametrize("size", SIZES)
def test_long_words_of_a_pause_are_said_to_their_end(size: tuple[int, int]) -> None:
    words = {"zh-CN": "停电" * 30 + "完毕", "en": "The power is off. " * 6 + "Finally"}
    drawn = Wall(snapshot(pause={"calling": True, "message": words})).drawn(size)

    assert max(cell_len(line) for line in drawn.splitlines()) <= size[0]
    assert "完毕" in drawn
    assert "Finally" in drawn


def test_in_a_pipe_each_new_picture_is_printed_once() -> None:
    wall, file = Wall(snapshot()), StringIO()

    with showing(wall.screen, Console(file=file, width=100), translator("en")) as show:
        show()
        show()
        wall.screen.note(called())
        show()

    assert file.getvalue().count("Heping hall") == 2
    assert file.getvalue().count("A001  →  Counter 3") == 1


def test_a_counter_that_the_hall_no_longer_has_is_called_by_its_id() -> None:
    hall = STATE["hall"] | {"counters": []}

    assert "Counter heping-3" in Wall(snapshot(hall=hall), called()).drawn()


def test_names_are_shown_as_they_are() -> None:
    """To rich, what stands in brackets is a style, and one that ends without a beginning an error."""
    counters = [{**counter, "name": "[/b] [a]"} for counter in STATE["hall"]["counters"]]
    line = {"service": "sim", "names": {"zh-CN": "[/b]", "en": "SIM [new]"}, "numbers": []}

    hall = {**STATE["hall"], "counters": counters}

    drawn = Wall(snapshot(hall=hall, next=[line], calls=[call("A001"), call("A002") | {"id": "another"}])).drawn()

    assert "[/b] [a]" in drawn
    assert "SIM [new]" in drawn
