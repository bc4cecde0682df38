"""Run it: python -m benchmarks.scaling [--measure|--missing] [--record] [--set DEMAND=NUMBER].

Without options it says what follows from the costs in docs/scaling.json. `--measure` measures them anew (2 minutes),
`--missing` only what is not there yet, `--record` brings docs/scaling.md up to what was seen.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import asyncpg
import msgspec
import uvloop
from redis.asyncio import Redis
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import Progress

from benchmarks.bench import started
from benchmarks.machine import commit
from benchmarks.scaling.costs import Costs, Measurement
from benchmarks.scaling.model import Demand, Plan, plan
from benchmarks.scaling.page import Scaling, Trial, known_costs, read, tables, write
from benchmarks.scaling.simulation import Seen, Setup, Simulation
from benchmarks.scaling.spending import Parts
from benchmarks.sizes import changed
from o2o.kernel.claim import embedded_url
from o2o.kernel.clock import system_clock
from tests.postgres import PostgresServer

STEPS: Final = 9
console = Console()


async def measure(advance: Callable[[], None], known: Mapping[str, float]) -> Costs:
    server = PostgresServer(durable=True)
    try:
        server.start()
        url = server.url(server.create())
        async with started(url) as bench:
            database = await asyncpg.connect(url)
            redis = embedded_url(bench.service.data)
            assert redis, "the service has no embedded Redis"
            async with Redis.from_url(redis) as client:
                parts = Parts(bench.service.pid, server.pid)
                costs = await Measurement(bench, parts, database, client).costs(advance, known)
            await database.close()
            return costs
    finally:
        server.close()


def trials(demand: Demand, costs: Costs) -> list[Trial]:
    """Simulate the busiest minute on what is planned, with less, and with searches that don't look at every hall."""
    needed = plan(demand, costs)
    near = msgspec.structs.replace(costs, finder_hall_us=0.0)
    needed_near = plan(demand, near)
    alone = one_process(costs)
    cases = (
        ("the plan", needed, demand, costs),
        ("a quarter of the processes lost", with_fewer(needed), demand, costs),
        ("searches don't look at each hall", needed_near, demand, near),
        ("the same, a quarter lost", with_fewer(needed_near), demand, near),
        ("one process, half of its top rate", plan(alone, costs), alone, costs),
    )
    return [Trial(name, planned.processes, simulated(planned, asked, paid)) for name, planned, asked, paid in cases]


def simulated(planned: Plan, demand: Demand, costs: Costs) -> Seen:
    return Simulation(Setup(planned.processes, planned.shards, planned.sql_cores), demand, costs).run()


def with_fewer(planned: Plan) -> Plan:
    fewer = planned.processes * 3 // 4
    return replace(planned, bearing=fewer, returning=fewer)


def one_process(costs: Costs) -> Demand:
    """Half of what one process bears when it does nothing but changes of the line, to compare with `tail`."""
    acts = 1e6 / costs.act_service_us / 2
    return Demand(
        halls=12, acts_a_day=acts * 3_600, peak_hour=1, burst=1, displays=0, phones=0, reads=0, searches=0, orders=0
    )


def main() -> None:
    arguments = _arguments()
    known = None if arguments.measure or arguments.missing else read()
    kept = known_costs() if arguments.missing else {}
    with Progress(console=console, transient=True, refresh_per_second=1) as progress:
        task = progress.add_task("costs", total=STEPS)
        costs = known.costs if known else uvloop.run(measure(lambda: progress.advance(task), kept))
    seen = trials(arguments.demand, costs)
    at, day = (known.commit, known.day) if known else (commit(), system_clock().date().isoformat())
    scaling = Scaling(costs, at, day, seen)
    for name, table in tables(scaling, arguments.demand).items():
        console.print(name, style="bold")
        console.print(Markdown(table))
    if arguments.record:
        write(scaling)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description="What a nation needs.")
    parser.add_argument("--measure", action="store_true", help="measure the costs anew")
    parser.add_argument("--missing", action="store_true", help="measure what is not there yet")
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
