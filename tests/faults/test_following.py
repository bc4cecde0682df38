"""Whatever the line does, a display never goes back, shows nothing that was not so, and is right after quiet.

Both clients, the page's own modules in a browser and the terminal's, over frames that the service's code has made.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from playwright.async_api import Page, Route, async_playwright
from typing_extensions import override

from o2o.live import Event, GapError, Heartbeat, Snapshot, Thread
from o2o.terminal.screen import Screen
from tests.conftest import chromium
from tests.faults.bad_line import STEPS, Seen, Step, follow, shown_in
from tests.pages.conftest import FLAGS
from websocket.clients import client_rules
from websocket.closing import close_codes

pytestmark = pytest.mark.sqlite  # It needs neither a database nor Redis, so once is enough.

ROOT = Path(__file__).parents[2]
# The same examples each time; `make faults` asks more, and others (O2O_ASK).
MORE = int(os.environ.get("O2O_ASK", "0"))
ASKED = settings(max_examples=MORE or 60, deadline=None, derandomize=not MORE, database=None)
# A control asks until it has found something.
SEARCHED = settings(max_examples=20_000, deadline=None, derandomize=True, database=None, phases=[Phase.generate])


class Terminal:
    """`o2o display` without its socket and its drawing, as o2o/live.py and o2o/terminal/show.py go on from a frame."""

    def __init__(self, thread: Callable[[], Thread] = Thread) -> None:
        self._thread = thread()
        self._screen = Screen(lambda: datetime.fromtimestamp(0, UTC), lambda: 0.0)
        self._listens = False

    def connect(self) -> str:
        self._listens = True
        return self._thread.since

    def hear(self, frame: str, *, before: bool = False) -> Seen:
        if not before:  # A connection that was left is not read any more.
            self._read(frame)
        board = self._screen.board
        if board is None:
            return Seen(self._listens, None, {})
        return Seen(self._listens, (int(self._thread.epoch or 0), self._thread.version), shown_in(vars(board)))

    def hang_up(self) -> None:
        self._listens = False

    def _read(self, frame: str) -> None:
        try:
            news = self._thread.receive(frame)
        except GapError:
            self._listens = False
            return
        if isinstance(news, Snapshot | Event | Heartbeat):
            self._screen.note(news)


class JumpingThread(Thread):
    """Takes every later event for the next one."""

    @override
    def _continue(self, event: Event) -> Event | None:
        with suppress(GapError):
            return super()._continue(event)
        self.version = event.version
        return event


class ForgetfulThread(Thread):
    """Takes every snapshot for news."""

    @override
    def _begin(self, snapshot: Snapshot) -> Snapshot:
        self.epoch, self.version = snapshot.epoch, snapshot.version
        return snapshot


class TimelessThread(Thread):
    """Takes an ended epoch for a new one."""

    @override
    def _is_old(self, epoch: str) -> bool:
        return False


class CarelessThread(Thread):
    """Does not mind what a heartbeat says."""

    @override
    def _compare(self, epoch: str, version: int) -> Heartbeat:
        return Heartbeat()


class Television:
    """The display's page: its own modules in a browser, over a network and a time that the test holds."""

    def __init__(self, run: Callable[..., Any]) -> None:
        self._run = run
        self._run("begin")

    def connect(self) -> str:
        return str(self._run("connect"))

    def hear(self, frame: str, *, before: bool = False) -> Seen:
        seen = self._run("hear", frame, before)
        return (
            Seen(seen["listens"], tuple(seen["at"]), shown_in(seen["shown"])) if seen["at"] else Seen(False, None, {})
        )

    def hang_up(self) -> None:
        self._run("hangUp")


class Browser:
    """A page on our modules, by way of a loop of its own: hypothesis asks from outside of every loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._playwright = self._run(async_playwright().start())
        self._browser = self._run(self._playwright.chromium.launch(executable_path=chromium(), args=FLAGS))

    def close(self) -> None:
        self._run(self._browser.close())
        self._run(self._playwright.stop())
        self._loop.close()

    def opened(self, without: Sequence[tuple[str, str, str]] = ()) -> Callable[[], Television]:
        """Give what switches a television on; `without` these guards: in a module, what stands there, and instead."""
        page: Page = self._run(self._browser.new_page())
        for module, old, _new in without:
            assert old in (ROOT / "static/js/lib" / module).read_text()
        self._run(page.route("**/*", lambda route: _answer(route, without)))
        self._run(page.goto("http://hall.test/"))
        call = "async ([name, ...told]) => (await import('/display.js'))[name](...told)"
        return lambda: Television(lambda *told: self._run(page.evaluate(call, told)))

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)


async def _answer(route: Route, without: Sequence[tuple[str, str, str]]) -> None:
    path = route.request.url.removeprefix("http://hall.test")
    if not path.endswith(".js"):
        rules, codes = json.dumps(client_rules()), json.dumps(close_codes())
        page = f"<!doctype html><html data-client-rules='{rules}' data-close-codes='{codes}'></html>"
        await route.fulfill(content_type="text/html", body=page)
        return
    text = (ROOT / path[1:] if path.startswith("/static/") else Path(__file__).with_name(path[1:])).read_text()
    for module, old, new in without:
        text = text.replace(old, new) if path.endswith(f"/{module}") else text
    await route.fulfill(content_type="text/javascript", body=text)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def television(browser: Browser) -> Callable[[], Television]:
    return browser.opened()


@ASKED
@given(STEPS)
def test_the_terminal_is_right_whatever_the_line_does(steps: list[Step]) -> None:
    follow(Terminal(), steps)


@pytest.mark.browser
@ASKED
@given(STEPS)
def test_the_page_is_right_whatever_the_line_does(television: Callable[[], Television], steps: list[Step]) -> None:
    follow(television(), steps)


@pytest.mark.parametrize("thread", [JumpingThread, ForgetfulThread, TimelessThread, CarelessThread])
def test_the_terminal_is_wrong_without_a_guard(thread: type[Thread]) -> None:
    assert find(STEPS, lambda steps: goes_wrong(Terminal(thread), steps), settings=SEARCHED)


@pytest.mark.browser
@pytest.mark.parametrize(
    "guard",
    [
        ("feed.js", 'if (frame.version !== this.version + 1) return "gap";', ""),
        ("feed.js", 'if (frame.epoch === this.epoch && frame.version < this.version) return "same";', ""),
        ("feed.js", "Number(frame.epoch) < Number(this.epoch)", "false"),
        ("feed.js", 'if (frame.type === "heartbeat") return "gap";', 'if (frame.type === "heartbeat") return "same";'),
        ("stream.js", 'if (meaning === "gap") return this.#reopen();', ""),
        ("board.js", "state.calling.filter(({ id }) => id !== ticket.id)", "state.calling"),
    ],
)
def test_the_page_is_wrong_without_a_guard(browser: Browser, guard: tuple[str, str, str]) -> None:
    television = browser.opened(without=[guard])
    assert find(STEPS, lambda steps: goes_wrong(television(), steps), settings=SEARCHED)


def goes_wrong(display: Terminal | Television, steps: list[Step]) -> bool:
    try:
        follow(display, steps)
    except AssertionError:
        return True
    return False
