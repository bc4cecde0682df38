"""A hall that somebody watches: its picture, kept right by events and mended by snapshots."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from prometheus_client import Counter

from booking.picture import Change, GapError, Picture, Shown
from o2o.kernel.background import end
from websocket import frames
from websocket.frames import EventFrame, Resume
from websocket.made import Made
from websocket.share import Share
from websocket.viewers import Viewer
from websocket.views import About

RECENT: Final = 1000
RESUMED_AT_MOST: Final = 100  # Beyond that a snapshot is shorter, and fits the outbox.
PENDING: Final = 1000
BETWEEN_READS_S: Final = 1.0
READY_S: Final = 10.0

log = logging.getLogger(__name__)
read = Counter("o2o_pictures_read", "Pictures of watched halls, read anew from Redis and SQL")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a hall's picture comes from. `picture` raises while there is none; `feed` gives what it still has."""

    picture: Callable[[str], Awaitable[Picture]]
    feed: Callable[[str, int], Awaitable[list[Change]]]
    about: Callable[[str], Awaitable[About]]
    shown: Callable[[Sequence[str]], Awaitable[list[Shown | None]]]
    """Up to where each of these halls is announced."""


class LiveHall:
    """`picture` and `about` are there once `ready` has returned. All watch the same version."""

    picture: Picture
    about: About

    def __init__(self, hall: str, sources: Sources) -> None:
        self.id = hall
        self.viewers: set[Viewer] = set()
        self.recent: deque[Change] = deque(maxlen=RECENT)
        self.made = Made(self)
        self.idle_since = time.monotonic()
        self._sources = sources
        self._ready = asyncio.Event()
        self._pending: deque[tuple[int, Sequence[Change]]] = deque(maxlen=PENDING)
        self._reading: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._read_again = self._taking = False
        self._read_at = float("-inf")
        self._share = Share()
        self._shown: Shown | None = None
        self._about_since = -1  # The version at which `about` was last seen to have become another.

    async def join(self, viewer: Viewer, resume: Resume | None) -> None:
        """Show the hall to the viewer, from now on: what it missed, or a snapshot, then every event.

        Raises TimeoutError when the hall can't be read.
        """
        self.idle_since = time.monotonic()  # Or it might be forgotten while somebody is on the way in.
        if not self._ready.is_set():
            self.read()
            async with asyncio.timeout(READY_S):
                await self._ready.wait()
        prepared = None
        while prepared is not self.picture:
            prepared = self.picture
            await viewer.prepare(prepared)
            await self._reach_back(resume)
        self.viewers.add(viewer)  # From here to the end in one step, so that no event falls between.
        self._answer(viewer, resume)

    async def resume(self, viewer: Viewer, resume: Resume) -> None:
        """Answer a viewer that asks again."""
        await self._reach_back(resume)
        self._answer(viewer, resume)

    def leave(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        self.idle_since = time.monotonic()

    def hear(self, epoch: int, changes: Sequence[Change]) -> None:
        """Take announced events in, all of a moment together: each makes the board anew. A reading is waited for."""
        self._pending.append((epoch, changes))
        if not self._taking:
            self._taking = True
            asyncio.get_running_loop().call_later(self._share.wait_s(time.monotonic()), self._take_in)

    def read(self) -> None:
        """Read the picture anew: one reading at a time, and at most one a second."""
        if self._reading:
            self._read_again = True
        else:
            self._reading = asyncio.create_task(self._read())

    def compare(self, shown: Shown | None) -> None:
        """Read anew when what was announced by the last look has not been heard by this one."""
        if self._ready.is_set() and self._shown and not self.picture.knows(*self._shown):
            log.info("missed", extra={"hall": self.id, "version": self._shown.version})
            self.read()
        self._shown = shown

    async def refresh(self) -> None:
        """Look again at the hall's configuration and hours; show everybody when they have changed.

        A failure only the log tells: the next beat looks again.
        """
        if not self._ready.is_set():
            return
        try:
            about = await self._sources.about(self.id)
        except Exception:
            log.exception("hall_not_looked_at", extra={"hall": self.id})
            return
        changed = about != self.about
        self.about = about
        if changed:
            self._about_since = self.picture.version
            self._show_all()

    def heartbeat(self) -> None:
        if self._ready.is_set() and self.viewers:
            frame = frames.heartbeat(self.picture)
            for viewer in self.viewers:
                viewer.outbox.put(frame)

    async def close(self) -> None:
        await end([self._reading, self._looking])

    def _answer(self, viewer: Viewer, resume: Resume | None) -> None:
        missed = self._since(resume)
        if missed is None:
            viewer.show(self)
        elif missed:
            viewer.tell(self, self._framed(missed))
        else:
            viewer.outbox.put(frames.heartbeat(self.picture))

    def _since(self, resume: Resume | None) -> list[Change] | None:
        """List the changes that the client has missed; None when a snapshot must say it."""
        if resume is None or resume.epoch != str(self.picture.epoch) or resume.version <= self._about_since:
            return None  # What `about` says no event does.
        missed = self.picture.version - resume.version
        if missed < 0 or missed > min(len(self.recent), RESUMED_AT_MOST):
            return None
        changes = list(self.recent)[len(self.recent) - missed :]
        return None if any(_is_of_the_hall(change) for change in changes) else changes

    async def _reach_back(self, resume: Resume | None) -> None:
        """Fetch from the feed the events that happened before this process began to watch."""
        if resume is None or resume.epoch != str(self.picture.epoch):
            return
        missed = self.picture.version - resume.version
        if resume.version < 0 or not len(self.recent) < missed <= RESUMED_AT_MOST:
            return
        epoch, feed = self.picture.epoch, await self._sources.feed(self.id, resume.version)
        first = self.picture.version - len(self.recent) + 1
        older = [change for change in feed if change.version < first]
        if epoch == self.picture.epoch and [c.version for c in older] == list(range(resume.version + 1, first)):
            self.recent.extendleft(reversed(older))

    def _take_in(self) -> None:
        begun, self._taking = time.monotonic(), False
        self._take_what_is_pending()
        self._share.worked(begun, time.monotonic())

    def _take_what_is_pending(self) -> None:
        heard = list(self._pending)
        self._pending.clear()
        for epoch, batches in groupby(heard, lambda batch: batch[0]):
            changes = [change for _epoch, some in batches for change in some]
            if self._reading:
                self._pending.append((epoch, changes))
            else:
                self._advance(epoch, changes)

    def _advance(self, epoch: int, changes: Sequence[Change]) -> None:
        fresh = []
        try:
            for change in changes:
                if not self.picture.knows(epoch, change.version):
                    self.picture.apply(epoch, change)
                    fresh.append(change)
        except GapError as gap:
            log.info("gap", extra={"hall": self.id, "error": str(gap)})
            self._pending.append((epoch, changes))
            self.read()
        if fresh:
            self._deliver(fresh)

    def _deliver(self, fresh: list[Change]) -> None:
        self.made = Made(self)
        self.recent.extend(fresh)
        events = self._framed(fresh)
        for viewer in list(self.viewers):
            viewer.tell(self, events)
        if any(change.day for change in fresh):
            self._show_all()  # Yesterday's calls are gone from the picture, which no event says.
        if any(_is_of_the_hall(change) for change in fresh) and self._looking is None:
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        try:
            await self.refresh()
        finally:
            self._looking = None

    def _framed(self, changes: Sequence[Change]) -> list[EventFrame]:
        return [EventFrame(self.picture.epoch, change, self.about.zone) for change in changes]

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(self._read_at + BETWEEN_READS_S - time.monotonic())
            self._read_at = time.monotonic()
            self._read_again = False
            read.inc()
            try:
                picture = await self._sources.picture(self.id)
                about = await self._sources.about(self.id)
                await self._prepare(picture)
            except Exception:  # Redis or SQL is away: everybody keeps what is known until it is back.
                log.exception("picture_not_read", extra={"hall": self.id})
                continue
            if not self._read_again:
                break
        self._reading = None
        self._adopt(picture, about)

    async def _prepare(self, picture: Picture) -> None:
        """Prepare everybody for it, and who comes meanwhile too."""
        prepared: set[Viewer] = set()
        while coming := self.viewers - prepared:
            for viewer in coming:
                await viewer.prepare(picture)
            prepared |= coming

    def _adopt(self, picture: Picture, about: About) -> None:
        """Go on from the picture that was read, and what was heard meanwhile; never back."""
        first = not self._ready.is_set()
        if first or not self.picture.knows(picture.epoch, picture.version):
            if not first and about != self.about:
                self._about_since = picture.version
            self.picture, self.about = picture, about
            self.recent.clear()
            self._ready.set()
            self._show_all()
        self._take_in()

    def _show_all(self) -> None:
        self.made = Made(self)
        for viewer in list(self.viewers):
            viewer.show(self)


def _is_of_the_hall(change: Change) -> bool:
    """Whether it changes what no event carries: the hall's configuration, or its business day."""
    return change.name.startswith("hall.")
