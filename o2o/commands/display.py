"""`o2o display`: a hall's display in the terminal."""

import asyncio
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console

from o2o.terminal import pair, show_display

console = Console()


def display(
    hall: Annotated[str, typer.Argument(help="The hall's id: heping.", show_default=False)],
    url: Annotated[str, typer.Option(help="Where the service is.")] = "http://127.0.0.1:8000",
    token: Annotated[
        str | None, typer.Option(envvar="O2O_DISPLAY_TOKEN", help="A display's token; else it is paired by a code.")
    ] = None,
) -> None:
    """Show a hall's calls in the terminal, live, until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_display(url.rstrip("/"), hall, token))


async def _display(url: str, hall: str, token: str | None) -> None:
    await show_display(url, hall, token or await pair(url, hall, console), console)
