"""docs/performance.md and its chart say what was recorded, and nothing else."""

from benchmarks import report
from benchmarks.chart import draw
from benchmarks.table import BENCHMARKS


def test_the_page_is_drawn_from_the_figures_that_were_recorded() -> None:
    assert report.PAGE.read_text() == report.page(report.read())


def test_the_chart_is_drawn_from_the_figures_that_were_recorded() -> None:
    assert report.CHART.read_text() == draw([one.figure for one in report.read().measured])


def test_a_figure_keeps_the_goal_that_its_benchmark_has() -> None:
    goals = {name: (one.bound, one.goal) for name, one in BENCHMARKS.items()}
    recorded = {one.figure.name: (one.figure.bound, one.figure.goal) for one in report.read().measured}

    assert recorded
    assert recorded.items() <= goals.items()
