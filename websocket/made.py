"""What is made of a watched hall at one version: each order, snapshot and frame once, for all who watch."""

from typing import TYPE_CHECKING

import msgspec
from prometheus_client import Counter

from booking.order import Order
from booking.picture import BoardTicket
from websocket import frames, views
from websocket.frames import EventFrame

if TYPE_CHECKING:
    from websocket.live_hall import LiveHall

made = Counter("o2o_snapshots_made", "Snapshots of watched halls, made for all that come at one version")
_encode = msgspec.json.Encoder().encode


class Made:
    """What is made once for all who watch a hall at one version. The next version gets a new `Made`."""

    def __init__(self, live: "LiveHall") -> None:
        self._live = live
        self._frames: dict[str, bytes] = {}
        self._order: Order[BoardTicket] | None = None

    @property
    def order(self) -> Order[BoardTicket]:
        """Who would be called before whom."""
        if self._order is None:
            self._order = self._live.picture.order(self._live.about.hall, self._live.about.now)
        return self._order

    def snapshot(self) -> bytes:
        """Make the snapshot of the hall's own stream."""
        if "hall" not in self._frames:
            made.inc()
            state = views.hall_state(self._live.about, self._live.picture, self.order)
            self._frames["hall"] = frames.snapshot(self._live.picture, state)
        return self._frames["hall"]

    def board_event(self, event: EventFrame) -> bytes:
        """Make the frame that displays get, with the board as it is now."""
        key = str(event.change.version)
        if key not in self._frames:
            self._frames[key] = event.with_members(board=self._board())
        return self._frames[key]

    def counter_event(self, event: EventFrame, counter: str) -> bytes:
        """Make the frame that a counter's clerk gets: with the board, and whom the counter would call next.

        An event of the counter itself says whose it is now.
        """
        key = f"order:{counter}"
        if key not in self._frames:
            self._frames[key] = _encode(views.calling_order(self.order, counter))
        members = {"board": self._board(), "order": self._frames[key]}
        if event.change.ticket:
            members["goods"] = _encode(views.goods(event.change.ticket))
        subject = event.change.counter if event.change.ticket is None else None
        if subject and subject.id == counter:
            members["clerk"] = _encode(subject.clerk)
        return event.with_members(**members)

    def _board(self) -> bytes:
        if "board" not in self._frames:
            self._frames["board"] = _encode(views.board(self._live.about, self._live.picture, self.order))
        return self._frames["board"]
