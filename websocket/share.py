"""How much of the process one hall may have, whose events take long: many sockets, or a long line."""

from typing import Final

BURST_S: Final = 0.5


class Share:
    """The whole process for BURST_S, and half of it from then on: others have their turn. Times in seconds."""

    def __init__(self) -> None:
        self._free_at = float("-inf")

    def wait_s(self, now: float) -> float:
        """How long to wait before the next work begins."""
        return max(0.0, self._free_at - now)

    def worked(self, begun: float, ended: float) -> None:
        """Count what was done: as much again belongs to others."""
        self._free_at = max(self._free_at, begun - BURST_S) + 2 * (ended - begun)
