"""The client's half of the live streams: a snapshot, then events in order, right again after any hole."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any, Final

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException
from websockets.frames import Close

from o2o.kernel.clock import system_clock
from websocket.clients import RULES
from websocket.closing import FIRST_FINAL

_BAND: Final = 500
# A handshake answered so will not be answered better for asking again.
_FINAL_STATUSES: Final = frozenset({400, 401, 403, 404, 410})


@dataclass(frozen=True, slots=True)
class Snapshot:
    epoch: str
    version: int
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    epoch: str
    version: int
    name: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Connected:
    """The service answered; its clock is so many seconds ahead of ours, as far as a second shows it."""

    ahead: float


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The stream is alive and nothing was missed."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone, for this reason, and will be tried again."""

    reason: str


News = Connected | Snapshot | Event | Heartbeat | Lost


class GapError(Exception):
    """Events are missing, so what is known is stale until the next snapshot."""


class ClosedForGoodError(Exception):
    """The service does not want this client back: it has no right, or lost it. `code` is the close code, if any."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.code = code


class Thread:
    """Follows one stream's epoch and version. Frames in, what is new out; no socket in sight.

    As `static/js/lib/feed.js`: within an epoch the version never goes back, and an earlier epoch never comes back.
    """

    def __init__(self) -> None:
        self.epoch: str | None = None
        self.version = 0

    @property
    def since(self) -> str:
        """What it has, as the address of a new connection says it: `2.41`, or nothing yet."""
        return "" if self.epoch is None else f"{self.epoch}.{self.version}"

    def receive(self, frame: str | bytes) -> Snapshot | Event | Heartbeat | None:
        """Give what the frame adds; None for what is known already or means nothing here.

        Raises GapError when something is missing before it.
        """
        message = json.loads(frame)
        if message.get("type") not in {"snapshot", "event", "heartbeat"} or self._is_old(message["epoch"]):
            return None
        epoch, version = message["epoch"], message["version"]
        match message["type"]:
            case "snapshot":
                return self._begin(Snapshot(epoch, version, message["state"]))
            case "event":
                return self._continue(Event(epoch, version, message["name"], message["data"]))
            case _:
                return self._compare(epoch, version)

    def _begin(self, snapshot: Snapshot) -> Snapshot | None:
        if snapshot.epoch == self.epoch and snapshot.version < self.version:
            return None
        self.epoch, self.version = snapshot.epoch, snapshot.version
        return snapshot

    def _continue(self, event: Event) -> Event | None:
        if event.epoch == self.epoch and event.version <= self.version:
            return None
        if event.epoch != self.epoch or event.version != self.version + 1:
            raise GapError(f"event {event.epoch}/{event.version} after {self.epoch}/{self.version}")
        self.version = event.version
        return event

    def _compare(self, epoch: str, version: int) -> Heartbeat:
        if epoch != self.epoch or version > self.version:
            raise GapError(f"heartbeat {epoch}/{version} after {self.epoch}/{self.version}")
        return Heartbeat()

    def _is_old(self, epoch: str) -> bool:
        """Epochs are numbers that only rise; one that is not a number is simply another one."""
        numbers = self.epoch is not None and self.epoch.isdigit() and epoch.isdigit()
        return numbers and int(epoch) < int(self.epoch or 0)


async def follow(url: str, token: str) -> AsyncGenerator[News]:
    """Yield a snapshot, then events without a hole; a new snapshot wherever there would be one.

    Reconnects for ever, with jitter. Raises ClosedForGoodError.
    """
    thread, attempt = Thread(), 0
    while True:
        began = monotonic()
        try:
            async for news in _listen(url, token, thread):
                yield news
        except GapError as gap:
            lost = Lost(str(gap))
        except (OSError, TimeoutError, WebSocketException) as error:
            _stop_if_final(error)
            lost = Lost(str(error) or type(error).__name__)
        yield lost
        attempt = 0 if monotonic() - began > RULES.steady else attempt
        pause = min(RULES.longest_wait, RULES.first_wait * 2**attempt)
        await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter, not a secret
        attempt += 1


async def _listen(url: str, token: str, thread: Thread) -> AsyncGenerator[News]:
    # No proxy of the surroundings: a display and its service are in one network.
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{url}?since={thread.since}"
    async with connect(address, additional_headers=headers, compression=None, proxy=None) as socket:
        if socket.response:
            yield Connected(_ahead(socket.response.headers.get("Date", "")))
        while True:
            async with asyncio.timeout(RULES.silence):
                frame = await socket.recv()
            news = thread.receive(frame)
            if news is not None:
                yield news


def _ahead(date: str) -> float:
    """How far the service's clock is ahead of ours, by the `Date` that it answered with."""
    try:
        return (parsedate_to_datetime(date) - system_clock()).total_seconds()
    except ValueError:
        return 0.0


def _stop_if_final(error: Exception) -> None:
    match error:
        case ConnectionClosed(rcvd=Close(code=code, reason=reason)) if FIRST_FINAL <= code < FIRST_FINAL + _BAND:
            raise ClosedForGoodError(f"closed: {code} {reason}", code) from error
        case InvalidStatus(response=response) if response.status_code in _FINAL_STATUSES:
            raise ClosedForGoodError(f"HTTP {response.status_code}") from error
        case InvalidURI():
            raise ClosedForGoodError(str(error)) from error


def socket_url(base_url: str, path: str) -> str:
    """Give the WebSocket address of a path: http becomes ws, https wss."""
    return base_url.rstrip("/").replace("http", "ws", 1) + path
