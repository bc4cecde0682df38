"""`o2o backup` and `o2o restore`: so that a broken disk costs as little as it can."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from o2o.backups.choice import engine_of, ensure_backup_of
from o2o.backups.contents import Contents, Of
from o2o.backups.engine import Engine
from o2o.backups.making import Made, ensure_folder, make_backup
from o2o.backups.planning import Plan, plan_restore
from o2o.backups.restoring import carry_out
from o2o.kernel.clock import rfc3339, system_clock
from o2o.kernel.settings import Settings, read_settings

LINES_SHOWN: Final = 20

console = Console(highlight=False, soft_wrap=True)


def backup(
    target: Annotated[str, typer.Argument(help="The file to write, or the folder to write it into.")],
    keep: Annotated[
        int | None, typer.Option(min=1, help="Keep only this many of the folder's backups, the newest.")
    ] = None,
) -> None:
    """Copy SQL while the service runs, and read the copy from end to end. It does not contain the secret key."""
    settings = read_settings()
    if target.endswith("/"):
        ensure_folder(Path(target))
    _tell_made(asyncio.run(make_backup(settings, engine_of(settings.database_url), Path(target), system_clock, keep)))


def restore(
    file: Annotated[Path, typer.Argument(help="What `o2o backup` wrote.")],
    skip: Annotated[
        int | None,
        typer.Option(
            "--skip-numbers",
            min=0,
            max=9999,
            help="Keep this many more numbers of each line back today: people may have them on paper.",
        ),
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Put a backup in SQL's place, end all epochs, and empty Redis. The service must not run."""
    settings = read_settings()
    engine = engine_of(settings.database_url)
    ensure_backup_of(engine, file)
    plan = asyncio.run(plan_restore(settings, engine, file, system_clock, skip))
    _tell_plan(plan, engine)
    if not yes and not typer.confirm("Restore it?"):
        raise typer.Exit(1)
    _restore(plan, settings, engine, file)


def _restore(plan: Plan, settings: Settings, engine: Engine, file: Path) -> None:
    for said in asyncio.run(carry_out(plan, settings, engine, file)):
        console.print(f"{said[0].upper()}{said[1:]}.")
    console.print("Restored. Start serve (and worker), run `o2o doctor`, and tell the halls what is written above.")


def _tell_made(made: Made) -> None:
    console.print(f"{made.file}: {made.bytes:,} bytes, read from end to end.")
    _tell_contents(made.contents)
    console.print(
        "Not in it: the secret key (O2O_SECRET_KEY, or secret-key in the data folder), without which printed codes, "
        "ticket links and screens are worth nothing and phone numbers can't be read. Keep it elsewhere, and safe."
    )
    for path in made.removed:
        console.print(f"Removed {path}.")


def _tell_contents(contents: Contents) -> None:
    moment = f"as of {rfc3339(contents.note.at)}" if contents.note else "of an unknown moment"
    last = rfc3339(contents.last_change) if contents.last_change else "never"
    halls = len(contents.halls)
    console.print(
        f"SQL {moment}: {halls} halls, {contents.tickets:,} tickets, {contents.events:,} changes, the last one {last}."
    )


def _tell_plan(plan: Plan, engine: Engine) -> None:
    console.print("The backup:")
    _tell_contents(plan.backup)
    now = f"The database now, {engine.place}"
    console.print(f"{now}:" if plan.before else f"{now}, can't be read, or is not there.")
    if plan.before:
        _tell_contents(plan.before)
        console.print(f"Changes between the two, which are lost: {max(plan.before.events - plan.backup.events, 0):,}.")
    lost = list(plan.forgotten().items())
    for of, (first, last) in lost[:LINES_SHOWN]:
        console.print(f"  {of.hall}, {of.day}: people have {_numbers(of, first, last)} and are in no line any more.")
    if lost[LINES_SHOWN:]:
        console.print(f"  … and numbers of {len(lost) - LINES_SHOWN} more lines.")
    if plan.skip:
        console.print(f"{plan.skip} more numbers of every line are kept back today.")
    for warning in plan.warnings:
        console.print(f"[yellow]Mind:[/yellow] {warning}.")


def _numbers(of: Of, first: int, last: int) -> str:
    return f"{of.prefix}{first:03d} to {of.prefix}{last:03d}" if last > first else f"{of.prefix}{last:03d}"
