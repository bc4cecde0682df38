"""How long the wait will be: an honest range from the pace of the last calls. Pure.

Small on purpose. When too little is known to say, it says so.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import quantiles
from typing import Final

import msgspec

from halls.schemas import Estimate

GAPS_NEEDED: Final = 5
CALLS_USED: Final = 20
QUIET_MS: Final = 15 * 60 * 1000  # After so long without a call, the last ones tell nothing of the next.


UNKNOWN: Final = Estimate()


class Pace(msgspec.Struct, frozen=True):
    """Seconds from one call of a service to the next: a quick one and a slow one (the quartiles)."""

    quick_s: float
    slow_s: float

    def wait(self, people_ahead: int) -> Estimate:
        """Say how long someone with so many people ahead waits."""
        low, high = self.quick_s * people_ahead, self.slow_s * (people_ahead + 1)
        return Estimate(low_s=round(low), high_s=round(high), known=True)


def pace(called_at: Sequence[int], now: int) -> Pace | None:
    """Find the pace of a service's calls today (ms, newest first).

    None when they are too few, or when it has been quiet for too long.
    """
    used = called_at[:CALLS_USED]
    gaps = [(later - earlier) / 1000 for later, earlier in pairwise(used)]
    if len(gaps) < GAPS_NEEDED:
        return None
    quick, _, slow = quantiles(gaps, n=4, method="inclusive")
    if now - used[0] > max(QUIET_MS, 3000 * slow):
        return None
    return Pace(quick, slow)


def estimate(pace: Pace | None, people_ahead: int | None) -> Estimate:
    """Say how long the wait is at this pace; unknown without a pace, or for someone who does not wait."""
    return UNKNOWN if pace is None or people_ahead is None else pace.wait(people_ahead)
