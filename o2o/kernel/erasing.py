"""Personal data that is kept in a table of its own, so that it can be erased while what it belongs to stays."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from tortoise.models import Model

from o2o.kernel.clock import Clock, to_ms

ERASE_S: Final = 60.0
CHUNK: Final = 1_000
"""Rows in a step: a million have their turn within a day."""

Over = Callable[[Sequence[str], int], Awaitable[Sequence[str]]]
"""Which of so many keys belong to what was over before a moment (ms)."""


class Erasing:
    """Goes through a table of contacts, a chunk a step, and then anew: erases what has been `over` for `days`.

    That a step broke off, or two ran at once, harms nothing.
    """

    def __init__(self, contacts: type[Model], over: Over, days: int, clock: Clock) -> None:
        self._contacts = contacts
        self._over = over
        self._days = days
        self._clock = clock
        self._after = ""

    async def step(self) -> int:
        """How many were erased."""
        key = self._contacts._meta.pk_attr
        some = self._contacts.filter(pk__gt=self._after).order_by(key).limit(CHUNK)
        keys = [str(one) for one in await some.values_list(key, flat=True)]
        self._after = keys[-1] if len(keys) == CHUNK else ""
        over = await self._over(keys, to_ms(self._clock() - timedelta(days=self._days)))
        return await self._contacts.filter(pk__in=list(over)).delete() if over else 0
