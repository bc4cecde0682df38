"""What a display shows of a hall: a snapshot's state, carried on by events. No I/O."""

from collections.abc import Mapping
from typing import Any, Final

from o2o.live import Event

CALLS_KEPT: Final = 20
_CALLED: Final = frozenset({"ticket.called", "ticket.recalled"})
_SHOWN: Final = ("number", "service", "counter", "calls", "called_at")


class Board:
    """`state` is the state of a snapshot of `/ws/halls/{hall}`."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.hall: dict[str, Any] = state["hall"]
        self.calling: list[dict[str, Any]] = list(state["calling"])
        self.calls: list[dict[str, Any]] = list(state["calls"])
        self.waiting: dict[str, int] = state["waiting"]
        self.next: list[dict[str, Any]] = state["next"]
        self.head_count: int = state["head_count"]
        self.pause: dict[str, Any] | None = state.get("pause")

    def apply(self, event: Event) -> None:
        """Carry the board on by the event that follows."""
        board = event.data.get("board")
        if board:
            self.waiting, self.next, self.head_count = board["waiting"], board["next"], board["head_count"]
            self.pause = board.get("pause")
        if event.name.startswith("ticket."):
            self._show(event)

    def picture(self) -> dict[str, Any]:
        """Give what people see, for comparing two boards."""
        return {
            "calling": sorted((_seen(row) for row in self.calling), key=lambda row: str(row["number"])),
            "calls": [_seen(row) for row in self.calls],
            "waiting": self.waiting,
            "next": {line["service"]: line["numbers"] for line in self.next},
            "head_count": self.head_count,
        }

    def _show(self, event: Event) -> None:
        row = event.data
        self.calling = [one for one in self.calling if one["id"] != row["id"]]
        if row["state"] == "called":
            self.calling.insert(0, row)
        if is_call(event.name):
            self.calls = [row, *self.calls[: CALLS_KEPT - 1]]


def is_call(name: str) -> bool:
    return name in _CALLED


def _seen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _SHOWN}
