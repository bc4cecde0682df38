"""When things happen: as fast as the service bears, or the recorded times some number of times faster."""

import asyncio
from time import monotonic
from typing import Final

# Whoever is called needs a while to come to the counter.
TO_THE_COUNTER_S: Final = 15.0


class Pace:
    """`speed` is how many times faster than the recording; None does not wait at all."""

    def __init__(self, speed: float | None, first: float) -> None:
        self._speed = speed
        self._first = first
        self._begun = monotonic()

    async def until(self, at: float) -> None:
        """Wait for a recorded moment (seconds since midnight)."""
        if self._speed is not None:
            await asyncio.sleep(self._begun + (at - self._first) / self._speed - monotonic())

    async def pause(self, seconds: float) -> None:
        if self._speed is not None:
            await asyncio.sleep(seconds / self._speed)
