"""Run it: python -m benchmarks.engines pool|past|sqlite [--record] [--set SIZE=NUMBER].

`pool` measures how many connections a process should open (4 minutes), `past` a year of 10 million tickets in
PostgreSQL (half an hour, 25 GB of disk), `sqlite` a year of a million in a file (10 minutes, 15 GB). `--record` brings
docs/engines.md up to what was seen.
"""

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import uvloop
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import Progress

from benchmarks import marks
from benchmarks.engines import history, pool
from benchmarks.engines.page import Measured, Table, record
from benchmarks.machine import commit, used_by_others
from benchmarks.sizes import Sizes, changed
from o2o.kernel.clock import system_clock

MEASURES: Final[
    dict[str, tuple[int, Callable[[Sizes], int], Callable[[Sizes, Callable[[], None]], Awaitable[Table]]]]
] = {
    "pool": (0, pool.steps, pool.measure),
    "past": (10_000_000, history.steps, history.measure_postgres),
    "sqlite": (1_000_000, history.steps, history.measure_sqlite),
}
console = Console()


async def run(arguments: argparse.Namespace) -> Measured:
    past, steps, measure = MEASURES[arguments.name]
    sizes = changed(replace(Sizes(), past=past), arguments.set)
    others = await used_by_others()
    with Progress(console=console, transient=True, refresh_per_second=1) as progress:
        task = progress.add_task(arguments.name, total=steps(sizes))
        table = await measure(sizes, lambda: progress.advance(task))
    return Measured(table, commit(), system_clock().date().isoformat(), arguments.set, round(others, 2))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description="What engines give.")
    parser.add_argument("name", choices=MEASURES)
    parser.add_argument("--record", action="store_true", help="bring docs/engines.md up to what is seen")
    parser.add_argument("--set", action="append", default=[], metavar="SIZE=NUMBER", help="another size")
    arguments = parser.parse_args()
    measured = uvloop.run(run(arguments))
    console.print(Markdown(marks.table(measured.table.heads, measured.table.rows)))
    if arguments.record:
        record(arguments.name, measured)


if __name__ == "__main__":
    main()
