"""Those who watch a run: a paired display in each hall, and phones with a ticket."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import aclosing, suppress
from time import perf_counter
from typing import Any, Final

from typing_extensions import override

from o2o.board import Board
from o2o.live import ClosedForGoodError, Event, Snapshot, follow, socket_url
from o2o.replay.client import Service, UnreachableError
from o2o.replay.history import Phone, Screen, Shown

# A display that has not caught up after this long shows something else than the service.
_CATCH_UP_S: Final = 10.0

# A service that shows a new display nothing for so long is gone, or something before it lets no stream through.
_FRESH_S: Final = 60.0


async def pair_display(service: Service, hall: str) -> str:
    """Pair a display with a hall, as a manager does, and give its token."""
    device = await service.post("/displays")
    await service.post(f"/halls/{hall}/displays", {"code": device["code"]})
    answer = await service.post("/displays/token", {"secret": device["secret"]})
    return str(answer["token"])


class _Watch(ABC):
    """Follows one stream; whoever waits for a version is woken as it comes."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._moved = asyncio.Event()
        self.version = 0

    async def watch(self) -> None:
        """Follow until cancelled, or until the service says that it is over."""
        with suppress(ClosedForGoodError):
            async with aclosing(follow(self._url, self._token)) as stream:
                async for news in stream:
                    if isinstance(news, Snapshot | Event):
                        self._note(news)
                        self.version = news.version
                        self._moved.set()

    async def reach(self, version: int) -> None:
        """Wait for a version, or not much longer than it should take to come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CATCH_UP_S):
                while self.version < version:
                    self._moved.clear()
                    await self._moved.wait()

    @abstractmethod
    def _note(self, news: Snapshot | Event) -> None: ...


class DisplayWatch(_Watch):
    """Keeps what a hall's display is shown."""

    def __init__(self, base_url: str, hall: str, token: str) -> None:
        super().__init__(socket_url(base_url, f"/ws/halls/{hall}"), token)
        self._board: Board | None = None
        self.screen = Screen(hall)

    async def fresh(self, *, within: float = _FRESH_S) -> tuple[int, Any]:
        """Give the version and picture that a display is given which comes only now. Raises UnreachableError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within), aclosing(follow(self._url, self._token)) as stream:
                async for news in stream:
                    if isinstance(news, Snapshot):
                        return news.version, Board(news.state).picture()
        raise UnreachableError(f"{self._url}: no display is shown anything")

    def leave(self) -> Screen:
        """Give what was seen, with the picture as it is now."""
        self.screen.picture = self._board.picture() if self._board else None
        return self.screen

    @override
    def _note(self, news: Snapshot | Event) -> None:
        if isinstance(news, Snapshot):
            self._board = Board(news.state)
            self.screen.jumps.append((self.version, news.version))
        elif self._board is not None:
            self._board.apply(news)
            ticket, state = news.data.get("id"), news.data.get("state")
            self.screen.shown.append(Shown(news.version, news.name, ticket, state, perf_counter()))


class PhoneWatch(_Watch):
    """Keeps what a ticket's live page is told."""

    def __init__(self, base_url: str, ticket: Mapping[str, Any]) -> None:
        super().__init__(socket_url(base_url, f"/ws/tickets/{ticket['id']}"), str(ticket["token"]))
        self.hall = str(ticket["hall"])
        self.phone = Phone(ticket["id"])

    @override
    def _note(self, news: Snapshot | Event) -> None:
        mine = news.state["ticket"] if isinstance(news, Snapshot) else news.data["yours"]
        self.phone.number, self.phone.state = mine["number"], mine["state"]
