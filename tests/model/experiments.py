"""The experiments: rules, each with a scenario that is small enough to be searched whole."""

from dataclasses import replace
from typing import Final

from tests.model.rules import BASE, DATED, FIXED, OVERLAPPED, REMEMBERED, WRITTEN, Rules, Scenario

CALLS, ALL = ("c1", "c2"), ("i1", "c1", "c2")
LOADS = Scenario(ALL, kinds=("restart",), lag=0, retries=0, repeated_loads=1)
FULL = Scenario(("f1", "i1"), waiting=0, serving=1, capacity=1, lag=1)
ISSUE = Scenario(("i1", "c1"), waiting=0, lag=1, kinds=("restart", "failover"))
FORK = Scenario(ALL, kinds=("failover",), split=False, retries=0, judge="abcd")
BACK = replace(FORK, faults=2, crashes=0)
TWO = Scenario(CALLS, lag=1)
REST = Scenario(("c1",), retries=2)
LOST = Scenario(("c1",), waiting=2, kinds=("flush",), crashes=2, retries=2, judge="e")
FINISH = Scenario(("f1", "i1"), waiting=0, serving=1, crashes=0, retries=0)
STILL = replace(ISSUE, faults=0, crashes=0, retries=2, asks_again=True)

Experiment = tuple[Rules, Scenario]


def _line(rules: Rules) -> dict[str, Experiment]:
    experiments = {
        "two calls": (rules, TWO),
        "issue and call": (rules, ISSUE),
        "issue and call, no fault": (rules, replace(ISSUE, faults=0)),
        "issue and call, no retry": (rules, replace(ISSUE, retries=0)),
        "three operations, one fault": (rules, Scenario(ALL, crashes=0, retries=0, lag=1)),
        "three operations, crash and retry": (rules, Scenario(ALL, faults=0)),
        "a full hall": (rules, FULL),
        "a full hall, no retry": (rules, replace(FULL, retries=0)),
        "repeated load": (rules, LOADS),
        "failover and back": (
            rules,
            replace(TWO, faults=2, kinds=("failover",), crashes=0, retries=0),
        ),
        "comes to rest": (rules, REST),
        "operation ids forgotten": (
            rules.without("load_operations"),
            Scenario(("i1", "c1"), waiting=0, lag=1, crashes=0, kinds=("restart", "flush")),
        ),
    }
    return {
        name: (some, replace(scenario, asks_again=some.refusal_dated)) for name, (some, scenario) in experiments.items()
    }


# One case is accepted: a refusal is answered to a repeat, Redis is lost and with it the refusal, and the first
# attempt, still running in another process, succeeds in the new epoch (docs/decisions/).
IN_FORCE: Final[dict[str, Experiment]] = {
    **_line(DATED),
    "two retries, no fault": (DATED, STILL),
    "two retries, no fault, a full hall": (DATED, replace(FULL, faults=0, crashes=0, retries=2, asks_again=True)),
    "three operations, two retries": (DATED, Scenario(ALL, faults=0, crashes=0, retries=2, asks_again=True)),
    "issue and call, what the accepted case breaks aside": (DATED, replace(ISSUE, judge="abdeghi", asks_again=True)),
    "a stalled process": (DATED, replace(STILL, retries=1, late=1)),
    "clocks apart": (DATED, replace(STILL, retries=1, skew=True)),
    "clocks apart, a refusal asked again": (DATED, replace(STILL, retries=1, skew=True, judge="f")),
}

# The rules as first written; each shows one kind of violation.
FIRST: Final[dict[str, Experiment]] = {
    "operation known from an older epoch": (WRITTEN, Scenario(("c1",), judge="h")),
    "every retry costs a rebuild": (WRITTEN, Scenario(("c1",), faults=0, crashes=0, judge="h")),
    "refusal beside a slow first attempt": (WRITTEN, replace(ISSUE, faults=0, crashes=0, judge="c")),
    "refusal from the old master": (WRITTEN, replace(ISSUE, retries=0, crashes=0, judge="f")),
    "acknowledged, then refused": (WRITTEN, replace(TWO, judge="c", kinds=("failover",))),
    "refusal seen from a change that is lost": (WRITTEN, replace(TWO, retries=0, judge="f")),
    "no place, yet two inside": (WRITTEN, replace(FULL, retries=0, judge="g")),
    "line skipped": (WRITTEN, replace(TWO, waiting=2, retries=0, judge="f")),
    "load delivered twice": (WRITTEN, replace(LOADS, judge="abd")),
    "refused and never repaired": (WRITTEN.without("load_operations"), LOST),
    "number from live rows only": (WRITTEN.without("numbers_of_all_rows"), replace(FINISH, judge="i")),
    "positive answers only": (WRITTEN, replace(FORK, split=True, crashes=0)),
}

# What each guard is for: the scenario that breaks without it (some are covered by a second guard).
GUARDS: Final[dict[str, Scenario]] = {
    "load_once": LOADS,
    "stored_answer": Scenario(("c1",), judge="h"),
    "idempotent_commit": TWO,
    "prefix": FULL,
    "prefix: line": replace(TWO, waiting=2, retries=0),
    "worker_rebuilds load_operations": LOST,
    "fence": FORK,
    "fence_lock": FORK,
    "read_committed": FORK,
    "identity_run": BACK,
    "identity_replid": BACK,
    "identity_run identity_replid": FORK,
    "caller_epoch": replace(FORK, split=True, crashes=0),
    "version_guard": FORK,
    "unique_version": replace(LOADS, judge="abcd"),
    "load_later": FORK,
    "known_operation": replace(ISSUE, faults=0, judge="abcd"),
    "load_operations": replace(ISSUE, crashes=0, judge="abcd"),
    "unique_event": replace(ISSUE, crashes=0, judge="abcd"),
    "unique_event load_operations": replace(ISSUE, crashes=0, judge="abcd"),
    "unique_maker": replace(ISSUE, kinds=("restart",), judge="abcd"),
    "unique_event unique_maker load_operations": replace(ISSUE, crashes=0, judge="abcd"),
    "unique_number": FORK,
    "unique_number numbers_of_all_rows": replace(FINISH, judge="abcd"),
    "drop_old_entries": FORK,
    "orphans": replace(TWO, retries=0, kinds=("restart",)),
    "fence unique_version": FORK,
    "identity_run identity_replid unique_version": FORK,
}
EARLY_GUARDS: Final[dict[str, Experiment]] = {
    "overlapped without early_epoch": (
        OVERLAPPED.without("early_epoch"),
        Scenario(("f1", "c1", "c2"), serving=1, kinds=("flush",), lag=0, retries=0),
    ),
    "overlapped without in_order": (OVERLAPPED.without("in_order"), replace(TWO, waiting=2, retries=0)),
}
REFUSAL_GUARDS: Final[dict[str, Experiment]] = {
    "dated without refusal_dated": (DATED.without("refusal_dated"), STILL),
    "dated without refusal_remembered": (DATED.without("refusal_remembered"), STILL),
    "dated without refusal_commits": (
        DATED.without("refusal_remembered", "refusal_commits"),
        replace(ISSUE, retries=0, crashes=0),
    ),
    "fixed without refusal_recorded": (
        FIXED.without("refusal_recorded"),
        replace(ISSUE, faults=0, crashes=0),
    ),
}

EXPERIMENTS: Final[dict[str, Experiment]] = {
    **{f"dated: {name}": experiment for name, experiment in IN_FORCE.items()},
    **{f"overlapped: {name}": experiment for name, experiment in _line(OVERLAPPED).items()},
    **{f"remembered: {name}": experiment for name, experiment in _line(REMEMBERED).items()},
    **{f"fixed: {name}": experiment for name, experiment in _line(FIXED).items()},
    **{f"written: {name}": experiment for name, experiment in FIRST.items()},
    **EARLY_GUARDS,
    **REFUSAL_GUARDS,
    **{
        f"{label} without {guards}": (rules.without(*guards.partition(":")[0].split()), scenario)
        for label, rules in (("dated", DATED), ("fixed", FIXED), ("base", BASE))
        for guards, scenario in GUARDS.items()
    },
}
