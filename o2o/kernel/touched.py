"""Tags in which something happens, for whoever settles what dead processes leave.

A tag is noted before the first script of a second in it. A tag that is in use needs nobody's look: each commit carries
what others left. One that has been quiet for a while is looked at, once; so is every tag, when Redis lost its notes.
All of it may be lost: each tag is looked at in its turn as well.
"""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from redis.asyncio import Redis

from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.scripts import Script

NOTED_S: Final = 1.0  # A note is good for so long: a busy tag has one a second.
QUIET: Final = timedelta(seconds=2)
MANY: Final = 10_000

_TAKE: Final = Script(Path(__file__).parent / "lua" / "quiet.lua")


class Quiet(NamedTuple):
    """Tags that have been quiet, and whether the notes are those that were kept before."""

    tags: Sequence[str]
    kept: bool


class Touched:
    """The notes under `key`: those of all processes."""

    def __init__(self, key: str, clock: Clock, seconds: Callable[[], float] = time.monotonic) -> None:
        self._key = key
        self._clock = clock
        self._seconds = seconds
        self._noted: dict[str, float] = {}
        self._new: list[str] = []

    def note(self, tag: str) -> None:
        """Something is about to happen in the tag; `commands` says so to Redis."""
        now = self._seconds()
        if now - self._noted.get(tag, float("-inf")) < NOTED_S:
            return
        if len(self._noted) >= MANY:
            self._noted.clear()
        self._noted[tag] = now
        self._new.append(tag)

    def commands(self) -> list[tuple[Any, ...]]:
        """What is to be sent before the scripts of this moment."""
        if not self._new:
            return []
        moment, tags, self._new = to_ms(self._clock()), self._new, []
        return [("ZADD", self._key, *(part for tag in tags for part in (moment, tag)))]

    async def count(self, client: Redis) -> int:
        """In how many tags something has begun within the last second. Raises RedisError."""
        since = to_ms(self._clock() - timedelta(seconds=NOTED_S))
        return int(await client.zcount(self._key, since, "(+inf"))  # The mark of the notes is at +inf.

    async def take(self, client: Redis) -> Quiet:
        """Take the notes of the tags in which nothing has happened for a while: they are the caller's now."""
        kept, *tags = await _TAKE(client, [self._key], [to_ms(self._clock() - QUIET)])
        return Quiet([tag.decode() for tag in tags], bool(kept))
