"""The client's half of the live streams: a snapshot, then events in order, right again after any hole."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException
from websockets.frames import Close

_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 10.0
# The service beats every 15 s; two beats missed are a dead line, whatever TCP believes.
_SILENCE_S: Final = 35.0
_FINAL_CODES: Final = range(4500, 5000)
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
class Heartbeat:
    """The stream is alive and nothing was missed."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone, for this reason, and will be tried again."""

    reason: str


News = Snapshot | Event | Heartbeat | Lost


class GapError(Exception):
    """Events are missing, so what is known is stale until the next snapshot."""


class ClosedForGoodError(Exception):
    """The service does not want this client back: it has no right, or lost it."""


class Thread:
    """Follows one stream's epoch and version. Frames in, what is new out; no socket in sight."""

    def __init__(self) -> None:
        self.epoch: str | None = None
        self.version = 0

    def resume(self) -> str | None:
        """Give the first frame for a new connection; None asks for a snapshot."""
        if self.epoch is None:
            return None
        return json.dumps({"type": "resume", "epoch": self.epoch, "version": self.version})

    def forget(self) -> None:
        """Have the next connection begin with a snapshot."""
        self.epoch, self.version = None, 0

    def receive(self, frame: str | bytes) -> Snapshot | Event | Heartbeat | None:
        """Give what the frame adds; None for what is known already or means nothing here.

        Raises GapError when events before it are missing.
        """
        message = json.loads(frame)
        match message.get("type"):
            case "snapshot":
                return self._begin(Snapshot(message["epoch"], message["version"], message["state"]))
            case "event":
                data = message["data"]
                return self._continue(Event(message["epoch"], message["version"], message["name"], data))
            case "heartbeat":
                return self._compare(message["epoch"], message["version"])
            case _:
                return None

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


async def follow(url: str, token: str) -> AsyncGenerator[News]:
    """Yield a snapshot, then events without a hole; a new snapshot wherever there would be one.

    Reconnects for ever, with jitter. Raises ClosedForGoodError.
    """
    thread, pause = Thread(), _FIRST_PAUSE_S
    while True:
        lost = Lost("")
        try:
            async for news in _listen(url, token, thread):
                pause = _FIRST_PAUSE_S
                yield news
        except GapError as gap:
            thread.forget()
            lost = Lost(str(gap))
        except (OSError, TimeoutError, WebSocketException) as error:
            _stop_if_final(error)
            lost = Lost(str(error) or type(error).__name__)
        yield lost
        await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 2, _LONGEST_PAUSE_S)


async def _listen(url: str, token: str, thread: Thread) -> AsyncIterator[News]:
    # No proxy of the surroundings: a display and its service are in one network.
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(url, additional_headers=headers, compression=None, proxy=None) as socket:
        resume = thread.resume()
        if resume is not None:
            await socket.send(resume)
        while True:
            async with asyncio.timeout(_SILENCE_S):
                frame = await socket.recv()
            news = thread.receive(frame)
            if news is not None:
                yield news


def _stop_if_final(error: Exception) -> None:
    match error:
        case ConnectionClosed(rcvd=Close(code=code, reason=reason)) if code in _FINAL_CODES:
            raise ClosedForGoodError(f"closed: {code} {reason}") from error
        case InvalidStatus(response=response) if response.status_code in _FINAL_STATUSES:
            raise ClosedForGoodError(f"HTTP {response.status_code}") from error
        case InvalidURI():
            raise ClosedForGoodError(str(error)) from error


def socket_url(base_url: str, path: str) -> str:
    """Give the WebSocket address of a path: http becomes ws, https wss."""
    return base_url.rstrip("/").replace("http", "ws", 1) + path
