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
        "remembered: comes to rest",
    ],
)
def test_the_rules_in_force_leave_nothing_to_find(name: str) -> None:
    search = searched(name)

    assert search.finished
    assert search.verdict == "nothing"
