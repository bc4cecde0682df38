"""`o2o doctor` and `o2o rebuild`: look after a running installation."""

import asyncio
import os
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from o2o.app import open_state
from o2o.checks import ensure_migrated
from o2o.doctor import Verdict, examine, list_settings
from o2o.kernel.clock import system_clock
from o2o.kernel.logging import configure_logging
from o2o.kernel.settings import Settings, SettingsError, read_settings

STYLES: Final = {Verdict.FINE: "green", Verdict.MIND: "yellow", Verdict.WRONG: "bold red"}

console = Console()


def doctor() -> None:
    """Check configuration, SQL, Redis, clocks and disk; say what is wrong and what to do. The exit code is 1 then."""
    table = Table(box=None, show_header=False)
    for setting in list_settings(os.environ):
        table.add_row(setting.name, setting.value or "[dim]not set[/dim]", f"[dim]{setting.source}[/dim]")
    console.print(table, "")
    if asyncio.run(_examine(read_settings())):
        raise typer.Exit(1)


def rebuild(
    halls: Annotated[list[str] | None, typer.Argument(help="The halls' ids; all of them where none is given.")] = None,
) -> None:
    """End the epoch of halls and load Redis anew from SQL. Nothing is lost; displays show it as a new snapshot."""
    settings = read_settings()
    if settings.redis_url is None:
        raise SettingsError(
            "O2O_REDIS_URL", "", "the embedded Redis is the service's own: start the service again instead"
        )
    configure_logging()
    asyncio.run(_rebuild(settings, halls))


async def _examine(settings: Settings) -> bool:
    wrong = False
    async for finding in examine(settings, os.environ, system_clock):
        wrong = wrong or finding.verdict is Verdict.WRONG
        console.print(f"[{STYLES[finding.verdict]}]{finding.verdict:6}[/] {finding.subject}: ", end="", highlight=False)
        console.print(finding.said, markup=False, highlight=False)
        if finding.advice:
            console.print(f"       → {finding.advice}", markup=False, highlight=False)
    return wrong


async def _rebuild(settings: Settings, wanted: list[str] | None) -> None:
    await ensure_migrated(settings.database_url)
    async with open_state(settings) as state:
        directory = state["directory"]
        halls = [await directory.get(hall) for hall in wanted] if wanted else list(await directory.all())
        for hall in halls:
            epoch = await state["line"].desk(hall).rebuild()
            console.print(f"{hall.id}: epoch {epoch}")
