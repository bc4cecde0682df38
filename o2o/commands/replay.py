"""`o2o replay`: recorded hall days through the service's own API."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from o2o.commands.looking import http_address, new_file
from o2o.replay.report import print_report
from o2o.replay.run import Options
from o2o.replay.run import replay as run_replay

console = Console()


# What each option says of itself in `o2o replay --help`.
File = Annotated[Path, typer.Argument(help="Recorded hall days, CSV, plain or gzipped.", show_default=False)]
Services = Annotated[
    Path | None, typer.Option(help="Names of the queues; hall-services.csv beside FILE where none is given.")
]
Halls = Annotated[list[str] | None, typer.Option(help="A recorded hall, or all; repeat for more. Else the busiest.")]
Dates = Annotated[list[str] | None, typer.Option(help="A recorded day, or all; repeat for more. Else the busiest.")]
Speed = Annotated[
    float | None, typer.Option(min=0.1, help="Times faster than real; else as fast as the service bears.")
]
Seed = Annotated[int, typer.Option(help="Decides who is absent, who leaves, who gives a phone number.")]
Url = Annotated[
    str | None,
    typer.Option(
        help="A running service, which keeps the halls. Else one is started for this run, and removed.",
        callback=http_address,
    ),
]
Database = Annotated[
    str | None, typer.Option(help="An empty PostgreSQL database for the run's own service. Else a file.")
]
Workers = Annotated[int, typer.Option(min=1, help="How many processes of the run's own service serve.")]
Username = Annotated[str, typer.Option(help="Somebody of headquarters.")]
Password = Annotated[str, typer.Option(envvar="O2O_DEMO_PASSWORD", help="Their password.")]
AtOnce = Annotated[int, typer.Option(min=1, help="How many requests may be under way at once.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the report to this file too.", callback=new_file)]


def replay(  # noqa: PLR0913 - each is an option of the command
    file: File,
    *,
    services: Services = None,
    hall: Halls = None,
    date: Dates = None,
    speed: Speed = None,
    seed: Seed = 1,
    url: Url = None,
    database: Database = None,
    workers: Workers = 1,
    username: Username = "hq",
    password: Password = "demo-password",  # noqa: S107 - the demo's, which it prints
    at_once: AtOnce = 32,
    json_file: JsonFile = None,
) -> None:
    """Play recorded hall days, and say what was lost, doubled or out of order.

    Halls are made (named after the recorded hall and day), people take numbers, counters open, call, serve and close in
    the recorded order, while a display in each hall and ten phones watch. The exit code is 1 when anything is wrong.
    """
    if database is not None and not database.startswith(("postgres://", "postgresql://")):
        raise typer.BadParameter(
            "a PostgreSQL database; without one it is a file, which goes again.", param_hint="--database"
        )
    options = Options(
        file=file,
        services=services,
        halls=tuple(hall or ()),
        dates=tuple(date or ()),
        url=url,
        database=database,
        workers=workers,
        username=username,
        password=password,
        seed=seed,
        speed=speed,
        at_once=at_once,
    )
    _play(options, json_file)


def _play(options: Options, json_file: Path | None) -> None:
    """Raises Exit with 1 when anything came out wrong."""
    new_loop = uvloop.new_event_loop
    with console.status("reading the recording") as status, asyncio.Runner(loop_factory=new_loop) as runner:
        report = runner.run(run_replay(options, say=status.update))
    print_report(report, console)
    if json_file:
        json_file.write_text(json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n")
    if not report.right:
        raise typer.Exit(1)
