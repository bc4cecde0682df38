"""Calls wait their turn: each is shown for its time, and too many at once as a list. No I/O, no clock."""

from collections.abc import Collection
from typing import Any, Final

from websocket.clients import RULES

Call = dict[str, Any]

TOGETHER: Final = 10
"""So many stand together at most, as on the page."""


class Announcer:
    """As `static/js/lib/announcer.js`; moments are seconds on any clock that only goes forward."""

    def __init__(self) -> None:
        self._waiting: list[Call] = []
        self._shown: list[Call] = []
        self._until: float | None = None

    def add(self, call: Call) -> None:
        self._waiting = [*(one for one in self._waiting if one["id"] != call["id"]), call]

    def keep(self, ids: Collection[str]) -> None:
        """Calls that ended before their turn came are not announced any more."""
        self._waiting = [call for call in self._waiting if call["id"] in ids]

    def shown(self, now: float) -> list[Call]:
        """The calls whose turn it is; none when nobody waits to be announced."""
        if self._until is None or now >= self._until:
            behind = len(self._waiting) * RULES.call > RULES.behind
            self._shown = self._waiting[: TOGETHER if behind else 1]
            self._waiting = self._waiting[len(self._shown) :]
            self._until = now + RULES.call if self._shown else None
        return self._shown
