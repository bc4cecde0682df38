"""Run it: python -m benchmarks.scaling [--measure] [--record] [--set DEMAND=NUMBER].

Without options it says what follows from the costs in docs/scaling.json. `--measure` measures them anew (5 minutes),
`--record` brings docs/scaling.md up to what was seen.
"""

import argparse

import msgspec
import uvloop
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import Progress

from benchmarks.machine import commit, used_by_others
from benchmarks.scaling.measuring import PARTS, measure
from benchmarks.scaling.model import Demand
from benchmarks.scaling.page import Scaling, read, tables, write
from benchmarks.scaling.trials import trials
from benchmarks.sizes import changed
from o2o.kernel.clock import system_clock

console = Console()


async def measured() -> Scaling:
    """New costs, and nothing simulated yet."""
    others = await used_by_others()
    with Progress(console=console, transient=True, refresh_per_second=1) as progress:
        task = progress.add_task("costs", total=len(PARTS))
        costs = await measure(lambda: progress.advance(task))
    return Scaling(costs, commit(), system_clock().date().isoformat(), round(others, 2), [])


def main() -> None:
    arguments = _arguments()
    scaling = uvloop.run(measured()) if arguments.measure else read()
    scaling = msgspec.structs.replace(scaling, trials=trials(arguments.demand, scaling.costs))
    for name, table in tables(scaling, arguments.demand).items():
        console.print(name, style="bold")
        console.print(Markdown(table))
    if arguments.record:
        write(scaling)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description="What a nation needs.")
    parser.add_argument("--measure", action="store_true", help="measure the costs anew")
    parser.add_argument("--record", action="store_true", help="bring docs/scaling.md up to what is seen")
    parser.add_argument("--set", action="append", default=[], metavar="DEMAND=NUMBER", help="another demand")
    arguments = parser.parse_args()
    try:
        arguments.demand = changed(Demand(), arguments.set)
    except ValueError as error:
        parser.error(str(error))
    if arguments.record and arguments.set:
        parser.error("the page is about the usual demand")
    return arguments


if __name__ == "__main__":
    main()
