"""What the terminal shows now: the board, the calls whose turn it is, and since when it is stale. No I/O."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from o2o.board import Board, is_call
from o2o.kernel.clock import Clock
from o2o.live import Connected, Event, Heartbeat, Lost, News, Snapshot
from o2o.terminal.announcer import Announcer, Call
from websocket.clients import RULES

LAST_CALLS: Final = 5


class Phase(StrEnum):
    """As the page's: nobody was called yet; somebody is; nobody is now, and the last one stays."""

    QUIET = "quiet"
    CALLING = "calling"
    PAST = "past"


class Screen:
    """`clock` is the wall's, `seconds` one that only goes forward."""

    def __init__(self, clock: Clock, seconds: Callable[[], float]) -> None:
        self.board: Board | None = None
        self._clock = clock
        self._seconds = seconds
        self._ahead = timedelta()
        self._announcer = Announcer()
        self._lost_at: float | None = None
        self._heard_at: datetime | None = None

    @property
    def now(self) -> datetime:
        """The service's time, as far as it is known."""
        return self._clock() + self._ahead

    def note(self, news: News) -> None:
        match news:
            case Connected(ahead=ahead):
                self._ahead = timedelta(seconds=ahead)
                return
            case Lost():
                self._lost_at = self._seconds() if self._lost_at is None else self._lost_at
                return
            case Snapshot():
                self.board = Board(news.state)
            case Event() if self.board is not None:
                self.board.apply(news)
                self._announce(news)
            case Event() | Heartbeat():
                pass
        self._heard_at, self._lost_at = self.now, None

    @property
    def stale_since(self) -> datetime | None:
        """When the last word was heard, once the line has been away for more than a moment."""
        away = self._lost_at is not None and self._seconds() - self._lost_at >= RULES.grace
        return self._heard_at if away else None

    def large(self) -> tuple[Phase, list[Call]]:
        """What stands large now: announced calls have their time, else whoever is called, else the last one."""
        if self.board is None:
            return Phase.QUIET, []
        if announced := self._announcer.shown(self._seconds()):
            return Phase.CALLING, announced
        if self.board.calling:
            return Phase.CALLING, self.board.calling[:1]
        return (Phase.PAST if self.board.calls else Phase.QUIET), self.board.calls[:1]

    def before(self, shown: list[Call]) -> list[Call]:
        """The last calls without repeats, and without those that stand large now."""
        calls, seen = [], {call["id"] for call in shown}
        for call in self.board.calls if self.board else ():
            if call["id"] not in seen:
                calls.append(call)
                seen.add(call["id"])
        return calls[:LAST_CALLS]

    def _announce(self, event: Event) -> None:
        board = self.board
        if board is None:
            return
        if is_call(event.name) and self._is_news(event.data):
            self._announcer.add(event.data)
        self._announcer.keep({call["id"] for call in board.calling})

    def _is_news(self, data: dict[str, Any]) -> bool:
        return self.now - datetime.fromisoformat(data["at"]) < timedelta(seconds=RULES.news)
