"""A hall's display in a terminal: who is called, who was called last, how many wait, and since when it is stale."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.align import Align
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from o2o.board import Board
from o2o.kernel.clock import Clock, system_clock
from o2o.live import Event, Heartbeat, Lost, News, Snapshot, follow, socket_url
from o2o.replay.client import RefusedError, Service

_LAST_CALLS: Final = 5
_ASK_AGAIN_S: Final = 2.0
_NOT_PAIRED: Final = "not_paired"


class WrongHallError(Exception):
    """The code was entered for another hall."""


async def pair(url: str, hall: str, console: Console) -> str:
    """Show a code until a manager has entered it; give the display's token. Raises RefusedError, WrongHallError."""
    service = Service(url)
    try:
        device = await service.post("/displays")
        console.print(f"Code [bold]{device['code']}[/bold]: enter it as the manager of {hall}, on {url}/display/pair.")
        while True:
            await asyncio.sleep(_ASK_AGAIN_S)
            try:
                answer = await service.post("/displays/token", {"secret": device["secret"]})
            except RefusedError as refusal:
                if refusal.code != _NOT_PAIRED:
                    raise
            else:
                break
    finally:
        await service.close()
    if answer["hall"] != hall:
        raise WrongHallError(f"The code was entered for {answer['hall']}, not for {hall}.")
    return str(answer["token"])


async def show_display(url: str, hall: str, token: str, console: Console, *, clock: Clock = system_clock) -> None:
    """Show the hall until cancelled. Raises ClosedForGoodError."""
    screen = Screen(clock)
    with showing(screen, console) as show:
        async with aclosing(follow(socket_url(url, f"/ws/halls/{hall}"), token)) as stream:
            async for news in stream:
                screen.note(news)
                show()


@contextmanager
def showing(screen: "Screen", console: Console) -> Iterator[Callable[[], None]]:
    """Give what shows the screen as it now is: in its place on a terminal, one below the other in a file or pipe."""
    if console.is_terminal:
        with Live(console=console, screen=True, auto_refresh=False, get_renderable=screen.draw) as live:
            yield live.refresh
        return
    last = ""

    def print_if_new() -> None:
        nonlocal last
        with console.capture() as capture:
            console.print(screen.draw())
        if capture.get() != last:
            last = capture.get()
            console.print(screen.draw())

    yield print_if_new


class Screen:
    """What the terminal shows now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._board: Board | None = None
        self._stale_since: datetime | None = None

    def note(self, news: News) -> None:
        match news:
            case Snapshot():
                self._board = Board(news.state)
                self._stale_since = None
            case Event() if self._board is not None:
                self._board.apply(news)
                self._stale_since = None
            case Heartbeat():
                self._stale_since = None
            case Lost():
                self._stale_since = self._stale_since or self._clock()
            case _:
                pass

    def draw(self) -> RenderableType:
        if self._board is None:
            return Align.center(Text("Connecting …", style="dim"), vertical="middle")
        parts = [_heading(self._board), _calling(self._board), Columns([_calls(self._board), _waiting(self._board)])]
        if self._stale_since is not None:
            parts.insert(0, _stale(self._board, self._stale_since))
        return Group(*parts)


def _heading(board: Board) -> RenderableType:
    names = board.hall["names"]
    return Align.center(Text(f"{names['zh-CN']} · {names['en']}", style="bold"))


def _stale(board: Board, since: datetime) -> RenderableType:
    local = since.astimezone(ZoneInfo(board.hall["time_zone"]))
    return Text(f" ! Not connected since {local:%H:%M:%S}. What is shown may have changed. ", style="bold white on red")


def _calling(board: Board) -> RenderableType:
    lines = [f"{row['number']}  →  {_counter(board, row)}" for row in board.calling]
    text = Text("\n\n".join(lines) or "Nobody is being called.", style="bold green" if lines else "dim")
    return Panel(Align.center(text), title="Please come", padding=(1, 2))


def _calls(board: Board) -> RenderableType:
    table = Table("Number", "Counter", title="Last calls", title_style="bold", box=None, padding=(0, 3, 0, 0))
    for row in board.calls[:_LAST_CALLS]:
        table.add_row(row["number"], _counter(board, row))
    return table


def _waiting(board: Board) -> RenderableType:
    table = Table("Service", "Waiting", "Next", title="In line", title_style="bold", box=None, padding=(0, 3, 0, 0))
    for line in board.next:
        table.add_row(_name(line), str(board.waiting.get(line["service"], 0)), "  ".join(line["numbers"]))
    return table


def _name(named: dict[str, Any]) -> str:
    return f"{named['names']['zh-CN']} {named['names']['en']}"


def _counter(board: Board, row: dict[str, Any]) -> str:
    names = {counter["id"]: str(counter["name"]) for counter in board.hall["counters"]}
    return names.get(row["counter"], str(row["counter"]))
