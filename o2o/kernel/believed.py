"""What was read from SQL is believed for a second, so that a busy counter doesn't read it for each call.

What this process changes is read anew at once; what another process changes is known within the second.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

BELIEVED_S: Final = 1.0
MOST: Final = 10_000

T = TypeVar("T")


class Believed(Generic[T]):
    """By id, as `read` gives it; None is never believed."""

    def __init__(self, read: Callable[[str], Awaitable[T | None]]) -> None:
        self._read = read
        self._known: dict[str, tuple[float, T]] = {}
        self._readings: dict[str, asyncio.Task[T | None]] = {}

    async def get(self, name: str) -> T | None:
        until, found = self._known.get(name, (0.0, None))
        if found is not None and time.monotonic() < until:
            return found
        if name not in self._readings:  # Whoever asks meanwhile waits for the same reading.
            self._readings[name] = asyncio.ensure_future(self._read_now(name))
        return await asyncio.shield(self._readings[name])

    def doubt(self, name: str) -> None:
        """Read it anew, whatever is believed of it or is just being read."""
        self._known.pop(name, None)
        self._readings.pop(name, None)

    def doubt_those(self, which: Callable[[T], bool]) -> None:
        """Read anew what is believed and of which `which` is true, and whatever is just being read."""
        for name in [name for name, (_until, found) in self._known.items() if which(found)]:
            self.doubt(name)
        self._readings.clear()

    async def _read_now(self, name: str) -> T | None:
        reading, moment = asyncio.current_task(), time.monotonic()
        try:
            found = await self._read(name)
            if found is not None and self._readings.get(name) is reading:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[name] = (moment + BELIEVED_S, found)
            return found
        finally:
            if self._readings.get(name) is reading:
                del self._readings[name]
