"""Run the benchmarks: python -m benchmarks [name…]. `o2o bench` does it from anywhere in a checkout."""

import argparse
import json
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import uvloop
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.figures import SIGNS, Benchmark, Figure
from benchmarks.machine import describe, used_by_others
from benchmarks.report import record
from benchmarks.sizes import Sizes, changed
from benchmarks.table import BENCHMARKS


async def measure(benchmarks: list[Benchmark], sizes: Sizes, console: Console) -> AsyncIterator[tuple[Figure, float]]:
    """Give each figure when it is there, with the share of the machine that others used when its turn came."""
    rounds = {one.name: sizes.rounds or one.rounds for one in benchmarks}
    columns = (TextColumn("{task.description:14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Drawn seldom, since what is measured shares the machine.
    with Progress(*columns, console=console, transient=True, refresh_per_second=1) as progress:
        task = progress.add_task("", total=sum(rounds.values()))
        for one in benchmarks:
            progress.update(task, description=one.name)
            samples, others = [], await used_by_others()
            async with one.prepare(sizes) as sample:
                for _ in range(rounds[one.name]):
                    samples.append(await sample())
                    progress.advance(task)
            yield one.figure(samples), others


async def run(arguments: argparse.Namespace, console: Console) -> list[Figure]:
    """Measure what is asked for. Each figure is recorded at once: who breaks off keeps what there is."""
    chosen = [BENCHMARKS[name] for name in arguments.name or BENCHMARKS]
    figures = []
    async for figure, others in measure(chosen, arguments.sizes, console):
        figures.append(figure)
        if arguments.record:
            record(figure, others, describe())
    return figures


def table(figures: list[Figure]) -> Table:
    shown = Table("figure", "measured", "baseline", "ratio", "rounds", "goal", "", box=SIMPLE)
    for figure in figures:
        baseline = "" if figure.baseline is None else f"{figure.baseline:,.4g}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        spread = f"{figure.lowest:.2f}…{figure.highest:.2f}"
        mark = "[green]✓[/green]" if figure.reached else "[red]✗[/red]"
        goal = f"{SIGNS[figure.bound]} {figure.goal:g}"
        shown.add_row(figure.name, f"{figure.value:,.4g} {figure.unit}", baseline, ratio, spread, goal, mark)
    return shown


def main() -> None:
    arguments = _arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    console = Console()
    figures = uvloop.run(run(arguments, console))
    console.print(table(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps([figure.as_json() for figure in figures], indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="o2o bench", description="Measure, each figure beside its baseline.")
    parser.add_argument("name", nargs="*", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    parser.add_argument("--set", action="append", default=[], metavar="SIZE=NUMBER", help="another size than the usual")
    parser.add_argument("--record", action="store_true", help="bring docs/performance.md up to these figures")
    arguments = parser.parse_args()
    unknown = set(arguments.name) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    try:
        arguments.sizes = changed(Sizes(), arguments.set)
    except ValueError as error:
        parser.error(str(error))
    return arguments


if __name__ == "__main__":
    main()
