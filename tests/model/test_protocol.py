"""A selection of the experiments, under a minute: what must find nothing, and what must find its violation."""

import pytest

from tests.model.experiments import EXPERIMENTS
from tests.model.search import Search


def searched(name: str) -> Search:
    rules, scenario = EXPERIMENTS[name]
    return Search(rules, scenario, live=len(scenario.operations) == 1).run()


@pytest.mark.parametrize(
    "name",
    [
        "dated: issue and call, no fault",
        "dated: issue and call, no retry",
        "dated: two retries, no fault",
        "dated: two retries, no fault, a full hall",
        "dated: a full hall, no retry",
        "dated: failover and back",
        "dated: comes to rest",
        "overlapped: issue and call, no fault",
    ],
)
def test_the_rules_in_force_leave_nothing_to_find(name: str) -> None:
    search = searched(name)

    assert search.finished
    assert search.verdict == "nothing"


@pytest.mark.parametrize(
    ("name", "invariant"),
    [
        ("dated without fence", "(a)"),
        ("dated without read_committed", "(a)"),
        ("dated without identity_run identity_replid unique_version", "(a)"),
        ("dated without unique_number numbers_of_all_rows", "(b)"),
        ("dated without unique_event unique_maker load_operations", "(c)"),
        ("dated without drop_old_entries", "(c)"),
        ("dated without known_operation", "(c)"),
        ("dated without refusal_remembered", "(c)"),
        ("dated without orphans", "(e)"),
        ("dated without worker_rebuilds load_operations", "(e)"),
        ("dated without refusal_commits", "(f)"),
        ("dated without refusal_dated", "(f)"),
        ("dated without prefix: line", "(f)"),
        ("dated without prefix", "(g)"),
        ("dated without stored_answer", "(h)"),
        ("overlapped without in_order", "(f)"),
    ],
)
def test_without_a_guard_its_violation_is_found(name: str, invariant: str) -> None:
    assert list(searched(name).found) == [invariant]


@pytest.mark.parametrize("name", ["dated: issue and call", "dated: a stalled process", "dated: clocks apart"])
def test_what_is_accepted_is_still_what_the_decision_says(name: str) -> None:
    """docs/decisions/0001-remember-refusals-with-their-moment.md; one that vanishes is to be struck there."""
    assert "was answered empty, yet SQL has another outcome" in searched(name).verdict
