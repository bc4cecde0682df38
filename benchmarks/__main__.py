"""Run the benchmarks: python -m benchmarks [name…] [--json FILE]. `o2o bench` does it from anywhere in a checkout."""

import argparse
import json
import resource
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks import line, live, reads
from benchmarks.bench import Bench, started
from benchmarks.figures import Figure

BENCHMARKS: Final[Mapping[str, tuple[Callable[[Bench], Awaitable[Figure]], int]]] = {
    "issue": (line.issue, line.ROUNDS),
    "call-next": (line.call_next, line.ROUNDS),
    "finder": (reads.finder, reads.ROUNDS),
    "fanout": (live.fanout, live.ROUNDS),
    "connect": (live.connect, live.ROUNDS),
}


async def measure(names: list[str], console: Console) -> list[Figure]:
    figures = []
    with Progress(console=console, transient=True) as progress:
        for name in names:
            run, rounds = BENCHMARKS[name]
            task = progress.add_task(name, total=rounds)
            async with started(lambda task=task: progress.advance(task)) as bench:  # type: ignore[misc]  # mypy infers no lambda default
                figures.append(await run(bench))
    return figures


def table(figures: list[Figure]) -> Table:
    shown = Table("figure", "measured", "baseline", "ratio", "goal", "")
    for figure in figures:
        measured, baseline = (f"{number:,.4g} {figure.unit}" for number in (figure.value, figure.baseline))
        goal = f"{figure.bound} {figure.goal:.2f}"
        mark = "[green]reached[/green]" if figure.reached else "[red]missed[/red]"
        shown.add_row(figure.name, measured, baseline, f"{figure.ratio:.2f}", goal, mark)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="o2o bench", description="Measure, each figure beside its baseline.")
    parser.add_argument("name", nargs="*", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    args = parser.parse_args()
    unknown = set(args.name) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    console = Console()
    figures = uvloop.run(measure(args.name or list(BENCHMARKS), console))
    console.print(table(figures))
    if args.json:
        args.json.write_text(json.dumps([figure.as_json() for figure in figures], indent=2) + "\n")


if __name__ == "__main__":
    main()
