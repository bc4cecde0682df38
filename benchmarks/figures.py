"""What a benchmark is, and what it gives: rounds of a value beside its baseline, their medians, and a goal."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final, Literal

from benchmarks.sizes import Sizes

Bound = Literal["at least", "at most"]
SIGNS: Final[Mapping[Bound, str]] = {"at least": "≥", "at most": "≤"}
Sample = tuple[float, float | None]
Round = Callable[[], Awaitable[Sample]]
"""One round: the value, and the baseline measured beside it; a budget has none."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`prepare` starts what is measured and gives the round, which is asked for as often as there are `rounds`.

    `goal` bounds the ratio of value to baseline; of a budget, the value itself.
    """

    name: str
    what: str
    unit: str
    bound: Bound
    goal: float
    prepare: Callable[[Sizes], AbstractAsyncContextManager[Round]]
    rounds: int = 9

    def figure(self, samples: Sequence[Sample]) -> "Figure":
        baselines = [baseline for _, baseline in samples if baseline is not None]
        value = median(value for value, _ in samples)
        baseline = median(baselines) if baselines else None
        judged = sorted(value / baseline if baseline else value for value, baseline in samples)
        return Figure(
            name=self.name,
            what=self.what,
            value=value,
            unit=self.unit,
            baseline=baseline,
            bound=self.bound,
            goal=self.goal,
            rounds=len(samples),
            lowest=judged[0],
            highest=judged[-1],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Medians of the rounds; `lowest` and `highest` round of what is judged: the ratio, or a budget's value."""

    name: str
    what: str
    value: float
    unit: str
    baseline: float | None
    bound: Bound
    goal: float
    rounds: int
    lowest: float
    highest: float

    @property
    def ratio(self) -> float | None:
        return self.value / self.baseline if self.baseline else None

    @property
    def judged(self) -> float:
        return self.value if self.ratio is None else self.ratio

    @property
    def reach(self) -> float:
        """How much of the goal is reached: 1 and more when it is."""
        return self.judged / self.goal if self.bound == "at least" else self.goal / self.judged

    @property
    def reached(self) -> bool:
        return self.reach >= 1

    def as_json(self) -> dict[str, Any]:
        """What outside checks read (`o2o bench --json`)."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "ratio": self.ratio,
            "goal": self.goal,
        }


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
