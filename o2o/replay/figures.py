"""What a run measures: requests, repeats and times."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil


@dataclass(slots=True)
class Figures:
    """`latencies` are the seconds that each answer took, a refusal's and a repeat's too."""

    requests: int = 0
    repeats: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Give the smallest value that at least `share` of the values do not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]
