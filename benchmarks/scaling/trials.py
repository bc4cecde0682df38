"""The simulations that the page shows: the busiest minute on what is planned, and on less."""

from dataclasses import replace

import msgspec

from benchmarks.scaling.costs import Costs
from benchmarks.scaling.model import Demand, Plan, plan
from benchmarks.scaling.simulation import Seen, Setup, Simulation


class Trial(msgspec.Struct, frozen=True):
    """A simulated minute: what was different in it, and what was seen."""

    name: str
    processes: int
    seen: Seen


def trials(demand: Demand, costs: Costs) -> list[Trial]:
    """The same demand and costs give the same trials."""
    needed = plan(demand, costs)
    alone = one_process(costs)
    cases = (
        ("the plan", needed, demand),
        ("a quarter of the processes lost", with_fewer(needed), demand),
        ("one process, half of its top rate", plan(alone, costs), alone),
    )
    return [Trial(name, planned.processes, simulated(planned, asked, costs)) for name, planned, asked in cases]


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
