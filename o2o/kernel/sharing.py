"""One reading for everybody who asks for the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Shared(Generic[K, V]):
    """Who asks while a reading is under way shares the next one with all who do.

    So nobody gets what is older than the question, and a crowd costs two readings and not one each.
    """

    def __init__(self, read: Callable[[Collection[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._read = read
        self._wanted: set[K] = set()
        # One each: who goes away cancels their own. A shield around one of all took longer than all the rest.
        self._waiting: list[asyncio.Future[Mapping[K, V]]] = []
        self._reader: asyncio.Task[None] | None = None

    async def get(self, keys: Collection[K]) -> list[V]:
        """What belongs to each key, in their order. Raises what the reading raises."""
        found: asyncio.Future[Mapping[K, V]] = asyncio.get_running_loop().create_future()
        self._wanted.update(keys)
        self._waiting.append(found)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_on())
        there = await found
        return [there[key] for key in keys]

    async def _read_on(self) -> None:
        """Read for all who wait, until nobody does."""
        try:
            while self._waiting:
                await self._read_next()
        finally:
            self._reader = None

    async def _read_next(self) -> None:
        wanted, self._wanted = self._wanted, set()
        waiting, self._waiting = self._waiting, []
        try:
            there = await self._read(wanted)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is theirs to hear
            for found in waiting:
                if not found.done():
                    found.set_exception(error)
        else:
            for found in waiting:
                if not found.done():
                    found.set_result(there)
        finally:  # The loop is ending.
            for found in waiting:
                found.cancel()
