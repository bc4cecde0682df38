"""The display at work: the stream and a clock's tick, both drawn at once."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from time import monotonic
from typing import Final

from rich.console import Console
from rich.live import Live

from o2o.kernel.background import background
from o2o.kernel.clock import system_clock
from o2o.kernel.i18n import Translator
from o2o.live import follow, socket_url
from o2o.terminal.drawing import Picture
from o2o.terminal.screen import Screen

TICK_S: Final = 0.5
"""A call's turn ends, a bar appears and a minute passes without any news."""


async def show_display(url: str, hall: str, token: str, console: Console, texts: Translator) -> None:
    """Show the hall until cancelled. Raises ClosedForGoodError."""
    screen = Screen(system_clock, monotonic)
    with showing(screen, console, texts) as show:
        stream = follow(socket_url(url, f"/ws/halls/{hall}"), token)
        async with background(_tick(show)), aclosing(stream):
            async for news in stream:
                screen.note(news)
                show()


@contextmanager
def showing(screen: Screen, console: Console, texts: Translator) -> Iterator[Callable[[], None]]:
    """Give what shows the screen as it now is: in its place on a terminal, one below the other in a file or pipe."""
    picture = Picture(screen, texts)
    if console.is_terminal:
        with Live(picture, console=console, screen=True, auto_refresh=False) as live:
            yield live.refresh
        return
    last = ""

    def print_if_new() -> None:
        nonlocal last
        with console.capture() as capture:
            console.print(picture)
        if capture.get() != last:
            last = capture.get()
            console.print(picture)

    yield print_if_new


async def _tick(show: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(TICK_S)
        show()
