"""`o2o display`: a hall's display in the terminal."""

import asyncio
import os
from contextlib import suppress
from typing import Annotated, Final

import typer
from rich.console import Console

from o2o.commands.looking import http_address
from o2o.kernel.i18n import LANGUAGES, Translator, _, translator
from o2o.live import ClosedForGoodError
from o2o.replay.client import UnreachableError
from o2o.terminal.pairing import Kept, state_folder, token_for
from o2o.terminal.show import show_display
from websocket.closing import Close

REASONS: Final = {
    Close.NO_RIGHT: _("This display has no right to show the hall %(hall)s. Pair it there."),
    Close.REVOKED: _("A manager has taken this display off the hall %(hall)s."),
    Close.NOT_FOUND: _("There is no hall %(hall)s."),
}
AWAY: Final = _("The service at %(url)s does not answer. It is tried again.")
console = Console()


class DisplayEndedError(Exception):
    """The service does not want this display, and says why."""


def display(
    hall: Annotated[str, typer.Argument(help="The hall's id: heping.", show_default=False)],
    url: Annotated[str, typer.Option(help="Where the service is.", callback=http_address)] = "http://127.0.0.1:8000",
    token: Annotated[
        str | None, typer.Option(envvar="O2O_DISPLAY_TOKEN", help="A display's token; else it is paired by a code.")
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help="zh-CN or en; as the terminal's own where none is given.", show_default=False)
    ] = None,
) -> None:
    """Show a hall's calls in the terminal, live, until Ctrl-C."""
    if lang is not None and lang not in LANGUAGES:
        raise typer.BadParameter(f"there is {' and '.join(LANGUAGES)}.", param_hint="--lang")
    with suppress(KeyboardInterrupt):
        asyncio.run(show(url.rstrip("/"), hall, token, translator(_language(lang))))


async def show(url: str, hall: str, token: str | None, texts: Translator) -> None:
    kept = Kept(state_folder())
    while True:
        try:
            shown = token or await token_for(url, hall, console, texts, kept)
            await show_display(url, hall, shown, console, texts)
        except ClosedForGoodError as end:
            why = _why(end, hall, texts)
            if token or end.code != Close.REVOKED:
                raise DisplayEndedError(why) from end
            console.print(why, style="yellow")  # And a new code, as the page offers one.
        except UnreachableError:  # A screen may be on before its service, or the network, is.
            console.print(texts(AWAY, url=url), style="yellow")


def _why(end: ClosedForGoodError, hall: str, texts: Translator) -> str:
    code = Close(end.code) if end.code in set(Close) else None
    return texts(REASONS[code], hall=hall) if code in REASONS else str(end)


def _language(wish: str | None) -> str:
    """The language asked for, else the terminal's."""
    if wish:
        return wish
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh-CN" if spoken.startswith("zh") else "en"
