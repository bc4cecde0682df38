"""Medians of rounds, the ratio as outside checks read it, and what counts as reached."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from benchmarks.figures import Benchmark, Bound, Round, percentile
from benchmarks.sizes import Sizes, changed


@asynccontextmanager
async def nothing(_: Sizes) -> AsyncIterator[Round]:
    yield lambda: pytest.fail("not asked for")


def benchmark(bound: Bound, goal: float) -> Benchmark:
    return Benchmark("issue", "numbers", "numbers/s", bound, goal, nothing)


def test_a_figure_is_the_medians_of_its_rounds_and_the_spread_of_their_ratios() -> None:
    figure = benchmark("at least", 0.5).figure([(50.0, 100.0), (60.0, 100.0), (90.0, 110.0)])

    assert (figure.value, figure.baseline, figure.ratio) == (60.0, 100.0, 0.6)
    assert (figure.lowest, figure.highest) == (0.5, 90 / 110)
    assert figure.reached


def test_a_budget_has_no_ratio_and_is_judged_by_its_value() -> None:
    figure = benchmark("at most", 5.0).figure([(4.0, None), (6.0, None), (7.0, None)])

    assert figure.as_json() == {
        "name": "issue", "value": 6.0, "unit": "numbers/s", "baseline": None, "ratio": None, "goal": 5.0,
    }  # fmt: skip
    assert not figure.reached
    assert figure.reach == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("bound", "value", "reached"),
    [("at least", 49.0, False), ("at least", 50.0, True), ("at most", 50.0, True), ("at most", 51.0, False)],
)
def test_a_goal_is_reached_from_its_own_side(bound: Bound, value: float, reached: bool) -> None:
    assert benchmark(bound, 0.5).figure([(value, 100.0)]).reached is reached


def test_a_percentile_of_a_hundred_and_one_values_is_one_of_them() -> None:
    assert percentile([float(n) for n in range(101)], 99) == 99


def test_a_size_is_changed_by_its_name_and_an_unknown_one_is_refused() -> None:
    sizes = changed(Sizes(), ["waiting=10", "round_s=0.5"])

    assert (sizes.waiting, sizes.round_s) == (10, 0.5)
    with pytest.raises(ValueError, match="no size is called people"):
        changed(sizes, ["people=3"])
