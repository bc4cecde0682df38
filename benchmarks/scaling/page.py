"""The tables of `docs/scaling.md` that follow from `docs/scaling.json`; a test holds the page to them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import marks
from benchmarks.marks import table
from benchmarks.scaling.costs import SEARCHED, Costs
from benchmarks.scaling.model import Demand, hearing, limits, plan, serving
from benchmarks.scaling.trials import Trial

DOCS: Final = Path(__file__).parents[2] / "docs"
DATA: Final = DOCS / "scaling.json"
PAGE: Final = DOCS / "scaling.md"
PROGRAM: Final = "benchmarks.scaling"


class Scaling(msgspec.Struct, frozen=True):
    """The costs, where and when they were measured, what others used of it, and the simulation at these costs."""

    costs: Costs
    commit: str
    day: str
    others: float
    trials: list[Trial]


def read() -> Scaling:
    return msgspec.json.decode(DATA.read_bytes(), type=Scaling)


def write(scaling: Scaling) -> None:
    DATA.write_bytes(msgspec.json.format(msgspec.json.encode(scaling), indent=1) + b"\n")
    PAGE.write_text(drawn(PAGE.read_text(), scaling))


def drawn(page: str, scaling: Scaling) -> str:
    """The page with its tables as they follow from what was measured."""
    return marks.drawn(page, PROGRAM, tables(scaling, Demand()))


def tables(scaling: Scaling, demand: Demand) -> Mapping[str, str]:
    return {
        "answer": _answer(demand, scaling.costs),
        "costs": _costs(scaling.costs) + _where(scaling),
        "work": _work(demand, scaling.costs),
        "plan": _plan(demand, scaling.costs),
        "limits": _limits(demand, scaling.costs),
        "trials": _trials(scaling.trials),
    }


def _answer(demand: Demand, costs: Costs) -> str:
    needed, first = plan(demand, costs), limits(demand, costs)[0]
    shards = "one Redis" if needed.shards == 1 else f"{needed.shards} Redis shards"
    return (
        f"**{needed.processes} serving processes**, `o2o worker` and one that stands by; **{shards}** and\n"
        f"**one PostgreSQL machine**, each with a replica. What ends first: {first.name}, at {first.times:.1f} times\n"
        "this demand.\n"
    )


def _where(scaling: Scaling) -> str:
    return (
        f"\n`python -m {PROGRAM} --measure`:\n"
        f"{scaling.day}, commit `{scaling.commit}`; others had taken {scaling.others:.0%} of the machine.\n"
    )


def _costs(costs: Costs) -> str:
    rows = [
        ("a POST to a bare Starlette app, to compare machines by", f"{costs.bare_us:.0f} µs"),
        ("a change of the line: serving process, Redis, PostgreSQL",
         f"{costs.act_service_us:.0f} + {costs.act_redis_us:.0f} + {costs.act_sql_us:.0f} µs"),
        ("a transaction until it is on the disk", f"{costs.commit_ms:.2f} ms"),
        ("a change in PostgreSQL: log, tables and indexes", f"{costs.wal_bytes:,.0f} + {costs.sql_bytes:,.0f} bytes"),
        ("a ticket read by its owner", f"{costs.read_service_us:.0f} µs"),
        ("an event to a display, to a waiting phone", f"{costs.display_frame_us:.1f}, {costs.phone_frame_us:.1f} µs"),
        ("a phone's socket connected, with its snapshot", f"{costs.connect_us:,.0f} µs"),
        ("a socket on which nothing happens: each second, memory",
         f"{costs.idle_socket_us:.1f} µs, {costs.socket_kib:.0f} KiB"),
        ("an event of a hall that nobody watches here: process, Redis",
         f"{costs.heard_us:.1f}, {costs.deliver_us:.1f} µs"),
        ("a look at a hall by the job `settle`", f"{costs.settle_hall_us:.1f} µs"),
        ("an order until it is handed over: serving process, Redis, PostgreSQL",
         f"{costs.order_service_us:,.0f} + {costs.order_redis_us:,.0f} + {costs.order_sql_us:,.0f} µs"),
        ("an order in PostgreSQL: log, tables and indexes",
         f"{costs.order_wal_bytes:,.0f} + {costs.order_sql_bytes:,.0f} bytes"),
        (f"a search for halls: the nearest hundred of {SEARCHED:,} found, and shown",
         f"{costs.finding_us:,.0f} + {costs.finder_us:,.0f} µs"),
    ]  # fmt: skip
    return table(("what", "costs"), rows)


def _work(demand: Demand, costs: Costs) -> str:
    loads = serving(demand, costs)
    rows = [(load.name, f"{load.cores:.1f}") for load in loads]
    rows.append(("**all**", f"**{sum(load.cores for load in loads):.1f}**"))
    return table(("work of the serving processes", "cores"), rows)


def _plan(demand: Demand, costs: Costs) -> str:
    needed = plan(demand, costs)
    rows = [
        ("serving processes that bear this minute", f"{needed.bearing}",
         f"each a core that is {demand.busy:.0%} busy; {hearing(demand, costs):.1%} goes to hearing of other halls"),
        ("serving processes that take all sockets back after an outage", f"{needed.returning}",
         f"in {demand.back_s:.0f} s; the larger of both numbers counts"),
        ("`o2o worker`", "1 and 1 that stands by", f"{needed.worker:.0%} of a core for `settle`"),
        ("Redis shards", f"{needed.shards}",
         f"and a replica of each; the busiest hall has {demand.busiest_hall:.0f} changes a minute, on one of them"),
        ("PostgreSQL", f"1 with {needed.sql_cores} cores for commits, and a replica",
         f"{needed.wal_mb_a_second:.1f} MB of log a second, {needed.sql_gb_a_day:.0f} GB of rows a day"),
        ("connections to PostgreSQL", f"{needed.connections:,} at most",
         "`max_connections`, and `O2O_DATABASE_CONNECTIONS` of each process"),
        ("sockets of a process", f"{needed.sockets:,}", "`LimitNOFILE`"),
        ("memory of sockets", f"{needed.memory_gb:.0f} GB", "of all serving processes together"),
    ]  # fmt: skip
    return table(("part", "how many", ""), rows)


def _limits(demand: Demand, costs: Costs) -> str:
    rows = [(limit.name, f"{limit.times:.1f} ×", limit.because) for limit in limits(demand, costs)]
    return table(("what ends first", "at this demand, times", "because"), rows)


def _trials(trials: Iterable[Trial]) -> str:
    rows = [
        (one.name, f"{one.processes}", f"{one.seen.acts:,}", f"{one.seen.p50_ms:.1f} ms", f"{one.seen.p99_ms:.0f} ms",
         f"{one.seen.process:.0%}", f"{one.seen.redis:.0%}", f"{one.seen.sql:.0%}")
        for one in trials
    ]  # fmt: skip
    heads = ("simulated", "processes", "changes", "p50", "p99", "process busy", "Redis busy", "SQL busy")
    return table(heads, rows)
