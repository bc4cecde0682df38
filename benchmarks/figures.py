"""What a benchmark gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value beside its baseline; `goal` is what the ratio should be, at least or at most."""

    name: str
    value: float
    unit: str
    baseline: float
    bound: Literal["at least", "at most"]
    goal: float

    @property
    def ratio(self) -> float:
        return self.value / self.baseline

    @property
    def reached(self) -> bool:
        return self.ratio >= self.goal if self.bound == "at least" else self.ratio <= self.goal

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "ratio": self.ratio,
            "goal": self.goal,
        }


def middle(values: Sequence[float]) -> float:
    return median(values)


def p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]
