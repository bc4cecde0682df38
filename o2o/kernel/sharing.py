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
        self._next: asyncio.Task[Mapping[K, V]] | None = None
        self._reading = asyncio.Lock()

    async def get(self, keys: Collection[K]) -> list[V]:
        """What belongs to each key, in their order. Raises what the reading raises."""
        self._wanted.update(keys)
        if self._next is None:
            self._next = asyncio.create_task(self._read_next())
        found = await asyncio.shield(self._next)  # Who goes away takes nothing from the others.
        return [found[key] for key in keys]

    async def _read_next(self) -> Mapping[K, V]:
        async with self._reading:
            wanted, self._wanted, self._next = self._wanted, set(), None
            return await self._read(wanted)
