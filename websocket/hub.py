"""The hub: one a process. It passes on what is announced to whoever watches, and looks after the sockets."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from prometheus_client import Gauge
from redis.exceptions import RedisError

from booking.picture import CHANNEL, Change
from o2o.kernel.background import background
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.redis import RedisPair
from websocket.closing import Close
from websocket.frames import Resume
from websocket.live_hall import LiveHall, Sources
from websocket.subscription import HEARTBEAT_S, Subscription
from websocket.viewers import Viewer

BEAT_S: Final = 15.0  # How often a socket hears that all is well, and a hall is looked at.
RECHECK_S: Final = 5.0  # How long a right that has ended may still be used.
IDLE_S: Final = 60.0  # How long a hall that nobody watches is kept: a page that is reloaded comes back.

log = logging.getLogger(__name__)
sockets = Gauge("o2o_sockets", "Open sockets", ("stream",), multiprocess_mode="livesum")

Recheck = Callable[[Collection[Viewer]], Awaitable[Mapping[Viewer, Close]]]
"""Gives those of the viewers who may watch no more, and why."""


class Announcement(msgspec.Struct, frozen=True):
    """A message of the channel: events of a hall, a hall that was loaded anew, or (no hall) a heartbeat."""

    hall: str | None = None
    epoch: int = 0
    events: msgspec.Raw = msgspec.Raw(b"")


class Hub:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._halls: dict[str, LiveHall] = {}

    async def join(self, hall: str, viewer: Viewer, resume: Resume | None) -> LiveHall:
        """Let the viewer watch the hall, from what it knows or from a snapshot."""
        if hall not in self._halls:
            self._halls[hall] = LiveHall(hall, self._sources)
        live = self._halls[hall]
        await live.join(viewer, resume)
        return live

    def hear(self, message: bytes) -> None:
        """Take a message in; what nobody watches is hardly read."""
        announcement = _announcement.decode(message)
        live = self._halls.get(announcement.hall or "")
        if live is None:
            return
        if bytes(announcement.events):
            live.hear(announcement.epoch, _changes.decode(announcement.events))
        else:
            live.read()

    def look_again(self) -> None:
        """Messages may have been missed: read every watched hall anew."""
        for live in self._halls.values():
            live.read()

    async def compare(self) -> None:
        """Read the halls anew whose announcements did not come: a cluster may lose some, and nobody is told."""
        halls = list(self._halls.values())
        for live, shown in zip(halls, await self._sources.shown([live.id for live in halls]), strict=True):
            live.compare(shown)

    async def beat(self, *, hears: bool) -> None:
        """Send heartbeats, and wait for nothing: SQL may be slow or away, or one hall's trouble.

        While the hub hears nothing itself it sends none, so that displays know that they are stale.
        """
        for live in self._halls.values() if hears else ():
            live.heartbeat()

    async def look_after(self) -> None:
        """Look at hours and configurations, and forget halls that nobody watches."""
        for live in list(self._halls.values()):
            if live.viewers or time.monotonic() - live.idle_since <= IDLE_S:
                await live.refresh()
            else:
                del self._halls[live.id]  # First of all: who comes meanwhile watches another.
                await live.close()

    async def recheck(self, ended: Recheck) -> None:
        """Close the sockets of those who may watch no more."""
        for viewer, close in (await ended([viewer for viewer in self._viewers() if viewer.holder])).items():
            viewer.outbox.end(close)

    async def close(self) -> None:
        """Send everybody away, to come back."""
        viewers = self._viewers()
        for viewer in viewers:
            viewer.outbox.end(Close.GOING_AWAY)
        for live in list(self._halls.values()):
            await live.close()
        await asyncio.gather(*(viewer.outbox.finish() for viewer in viewers))

    def _viewers(self) -> list[Viewer]:
        return [viewer for live in self._halls.values() for viewer in live.viewers]


@asynccontextmanager
async def open_hub(redis: RedisPair, clock: Clock, sources: Sources, ended: Recheck) -> AsyncIterator[Hub]:
    """Keep a hub over the process's own subscription while the block runs."""
    hub = Hub(sources)
    subscription = Subscription(redis.listener, hub.hear, hub.look_again)
    works = (
        subscription.run(),
        _every(HEARTBEAT_S, lambda: _publish_heartbeat(redis, clock)),
        _every(HEARTBEAT_S, lambda: _compare(hub)),
        _every(BEAT_S, lambda: hub.beat(hears=subscription.hears)),
        _every(BEAT_S, hub.look_after),
        _every(RECHECK_S, lambda: hub.recheck(ended)),
    )
    try:
        async with background(*works):
            yield hub
    finally:
        await hub.close()


async def _compare(hub: Hub) -> None:
    with contextlib.suppress(RedisError, OSError):  # There is nothing to be heard either.
        await hub.compare()


async def _publish_heartbeat(redis: RedisPair, clock: Clock) -> None:
    with contextlib.suppress(RedisError, OSError):  # Those who then hear nothing know what to do.
        await redis.mutate.publish(CHANNEL, msgspec.json.encode({"heartbeat": to_ms(clock())}))


async def _every(seconds: float, job: Callable[[], Awaitable[None]]) -> None:
    """Run the job at this pace for ever; its failure is logged and the next run tried."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await job()
        except Exception:
            log.exception("hub_job_failed")


_announcement = msgspec.json.Decoder(Announcement)
_changes = msgspec.json.Decoder(list[Change])
