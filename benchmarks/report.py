"""`docs/performance.md`: the figures that were recorded last, as a page and a chart.

Figures are kept in `docs/performance.json`; page and chart follow from it, and a test holds them to it.
"""

from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from benchmarks.chart import draw
from benchmarks.figures import SIGNS, Figure
from benchmarks.machine import Machine, commit
from benchmarks.table import BENCHMARKS
from o2o.kernel.clock import system_clock

DOCS: Final = Path(__file__).parents[1] / "docs"
DATA: Final = DOCS / "performance.json"
PAGE: Final = DOCS / "performance.md"
MUCH: Final = 0.25
CHART: Final = DOCS / "pictures" / "performance.svg"


class Measured(msgspec.Struct, frozen=True):
    """A figure, the commit that it is of, the day, and the share of the machine that others used just before."""

    figure: Figure
    commit: str
    day: str
    others: float


class Record(msgspec.Struct, frozen=True):
    machine: Machine
    measured: list[Measured]


def read() -> Record:
    return msgspec.json.decode(DATA.read_bytes(), type=Record)


def record(figure: Figure, others: float, machine: Machine) -> None:
    """Take this figure over; the others stay as they were recorded. `others`: the share of the machine they used."""
    kept = {one.figure.name: one for one in read().measured} if DATA.exists() else {}
    kept[figure.name] = Measured(figure, commit(), system_clock().date().isoformat(), round(others, 2))
    now = Record(machine, [kept[name] for name in BENCHMARKS if name in kept])
    DATA.write_bytes(msgspec.json.format(msgspec.json.encode(now), indent=1) + b"\n")
    write(now)


def write(recorded: Record) -> None:
    PAGE.write_text(page(recorded))
    CHART.write_text(draw([one.figure for one in recorded.measured]))


def page(recorded: Record) -> str:
    measured = recorded.measured
    reached = sum(one.figure.reached for one in measured)
    return _PAGE.format(
        reached=reached,
        count=len(measured),
        busy=_busy(median(one.others for one in measured)),
        figures="\n".join(_row(one.figure) for one in measured),
        rounds="\n".join(_rounds(one) for one in measured),
        machine=recorded.machine.in_words(),
    )


def _busy(others: float) -> str:
    if others < MUCH:
        return ""
    return (
        f"**Others had taken {others:.0%} of the machine when they were measured**:\n"
        "what needs several processes at once (a write: service, Redis, SQL) suffers more from that than its baseline."
    )


def _row(figure: Figure) -> str:
    baseline = "" if figure.baseline is None else _short(figure.baseline)
    ratio = "a budget" if figure.ratio is None else f"{figure.ratio:.2f}"
    goal = f"{SIGNS[figure.bound]} {figure.goal:g}"
    verdict = "reached" if figure.reached else f"**missed**: {figure.reach:.0%} of it"
    cells = (f"`{figure.name}`", figure.what, _short(figure.value), figure.unit, baseline, ratio, goal, verdict)
    return f"| {' | '.join(cells)} |"


def _rounds(one: Measured) -> str:
    figure = one.figure
    spread = f"{_short(figure.lowest)} to {_short(figure.highest)}"
    return f"| `{figure.name}` | {figure.rounds} | {spread} | {one.others:.0%} | {one.day} | `{one.commit}` |"


def _short(number: float) -> str:
    """Three digits are what such a figure is worth."""
    return f"{float(f'{number:.3g}'):,g}"


_PAGE: Final = """\
# How fast it is

`make bench` measures each figure beside its baseline, and writes this page; `make bench BENCH=issue` measures one of
them anew, `o2o bench issue --json FILE` is for programs and leaves the page alone. {reached} of {count} figures reach
their goals. {busy}

![How much of its goal each figure reaches](pictures/performance.svg)

| name | what | measured | unit | baseline | ratio | goal | |
|---|---|--:|---|--:|--:|--:|---|
{figures}

The ratio is what counts; absolute figures are this machine's. Where the ratio should be small the value is what
should be small. A budget has no baseline: its value is what the goal bounds. What a number costs, and what keeps it
from its goal: [decision 90](decisions/0090-say-what-keeps-a-number-from-its-goal.md).

## How it was measured

Baseline and service take turns, a round each, in one run; what is shown are the medians of the rounds. The baseline
of what goes over HTTP is a Starlette app with the same JSON and nothing behind it, on uvicorn with the service's own
options but uvicorn's own HTTP protocol; that of displays is websockets' own server and its `broadcast`. The service is
one worker, with the demo's twelve halls beside the one that is measured, its history and its tokens, without limits per
address.

{machine}

Others had work on the machine where the fourth column says so: that much of all cores was taken when the figure's
turn came.

| name | rounds | lowest and highest round | taken by others | measured | commit |
|---|--:|---|--:|---|---|
{rounds}
"""
