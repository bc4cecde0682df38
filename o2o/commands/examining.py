"""`o2o doctor` and `o2o rebuild`: look after a running installation."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from halls.stock.states import PlaceKind
from o2o.app import open_state
from o2o.checks import ensure_migrated
from o2o.doctor.configuration import Setting, list_settings
from o2o.doctor.examination import examine
from o2o.doctor.finding import Finding, Verdict, worst, wrong
from o2o.kernel.claim import embedded_url
from o2o.kernel.clock import system_clock
from o2o.kernel.logging import configure_logging
from o2o.kernel.settings import Settings, SettingsError, read_settings

STYLES: Final = {Verdict.FINE: "green", Verdict.MIND: "yellow", Verdict.WRONG: "bold red"}

console = Console()


@dataclass(frozen=True, slots=True)
class Report:
    """What `--json` prints. The verdict is that of the worst finding."""

    verdict: Verdict
    settings: list[Setting]
    findings: list[Finding]


def doctor(
    *, json: Annotated[bool, typer.Option("--json", help="Settings and findings as one JSON object.")] = False
) -> None:
    """Check everything that the service rests on; say what is wrong and what to do. The exit code is 1 then."""
    report = asyncio.run(_examine(quiet=json))
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(report)))
    if report.verdict is Verdict.WRONG:
        raise typer.Exit(1)


def rebuild(
    places: Annotated[
        list[str] | None, typer.Argument(help="Halls and warehouses; all of them where none is given.")
    ] = None,
) -> None:
    """End the epochs of lines and stock and load Redis anew from SQL. Nothing is lost; displays get a new snapshot."""
    settings = read_settings()
    url = settings.redis_url or embedded_url(settings.data_dir)
    if url is None:
        raise SettingsError("O2O_REDIS_URL", "", "nobody serves from the data folder; a start loads every hall")
    configure_logging()
    asyncio.run(_rebuild(replace(settings, redis_url=url), places))


async def _examine(*, quiet: bool) -> Report:
    read = _read()
    listed, findings = list_settings(os.environ, read if isinstance(read, Settings) else None), []
    if not quiet:
        _tell_settings(listed)
    async for finding in _findings(read):
        findings.append(finding)
        if not quiet:
            _tell(finding)
    return Report(worst(findings), listed, findings)


def _read() -> Settings | SettingsError:
    try:
        return read_settings()
    except SettingsError as error:
        return error


async def _findings(read: Settings | SettingsError) -> AsyncIterator[Finding]:
    if isinstance(read, SettingsError):
        yield wrong("settings.unusable", read.said, read.advice)
        return
    async for finding in examine(read, os.environ, system_clock):
        yield finding


def _tell_settings(settings: list[Setting]) -> None:
    table = Table(box=None, show_header=False)
    for setting in settings:
        table.add_row(setting.name, escape(setting.value) or "[dim]not set[/dim]", f"[dim]{setting.source}[/dim]")
    console.print(table, "")


def _tell(finding: Finding) -> None:
    console.print(f"[{STYLES[finding.verdict]}]{finding.verdict:6}[/] {finding.name}: ", end="", highlight=False)
    console.print(finding.said, markup=False, highlight=False, soft_wrap=True)
    if finding.advice:
        console.print(f"       → {finding.advice}", markup=False, highlight=False, soft_wrap=True)


async def _rebuild(settings: Settings, wanted: list[str] | None) -> None:
    await ensure_migrated(settings.database_url)
    async with open_state(settings) as state:
        places = [await state["places"].get(place) for place in wanted] if wanted else await state["places"].all()
        for place in places:
            if place.kind is PlaceKind.HALL:
                epoch = await state["line"].desk(await state["directory"].get(place.id)).rebuild()
                console.print(f"{place.id}: epoch {epoch}")
            epoch = await (await state["stock"].desks.desk(place.id)).rebuild()
            console.print(f"{place.id}, stock: epoch {epoch}")
