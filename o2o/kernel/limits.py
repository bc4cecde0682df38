"""Rate limits in Redis: a fixed window per key, counted by a script.

They keep bots from hoarding, and nothing else rests on them: without Redis every request passes (fails open), counted.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from prometheus_client import Counter
from redis.exceptions import RedisError

from o2o.kernel.errors import TooManyError
from o2o.kernel.http import Operation
from o2o.kernel.i18n import _
from o2o.kernel.redis import RedisPair
from o2o.kernel.scripts import Script
from o2o.kernel.together import Together

PREFIX: Final = "o2o:limit:"
_LUA: Final = Path(__file__).parent / "lua"
_LIMIT: Final = Script(_LUA / "limit.lua")
_OPERATIONS: Final = Script(_LUA / "limit_operations.lua")
USUAL: Final = _("Too many requests. Try again in %(retry_after)s seconds.")

log = logging.getLogger(__name__)
passed_unchecked = Counter("o2o_limits_unchecked", "Requests that passed because Redis did not count them")


class Limit(NamedTuple):
    """How many may come in how many seconds; `why` is what the refusal says.

    It is a gettext id that may name the `limit`, and in how many `minutes` or seconds (`retry_after`) the window ends.
    """

    most: int
    per_seconds: int
    why: str = USUAL


class Limits:
    """`enabled` False (O2O_RATE_LIMITS=off) lets everything pass: for load tests."""

    def __init__(self, redis: RedisPair, *, enabled: bool) -> None:
        self._together = Together(redis.mutate)
        self.enabled = enabled

    async def check(self, key: str, limit: int, per_seconds: int, why: str = USUAL) -> None:
        """Count one more for `key`, of which `limit` may come in a window. Raises TooManyError beyond that."""
        await self._count(_LIMIT, key, Limit(limit, per_seconds, why), [per_seconds])

    async def check_operation(self, key: str, operation: Operation, limit: Limit) -> None:
        """As `check`, of what changes something: who repeats what was counted is not counted again.

        The same key with another body is another one, so that nobody guesses under one key.
        """
        told: list[str | int] = [limit.per_seconds, limit.most, operation.id + operation.body]
        await self._count(_OPERATIONS, key, limit, told)

    async def _count(self, script: Script, key: str, limit: Limit, told: Sequence[str | int]) -> None:
        if not self.enabled:
            return
        try:
            count, left = await script(self._together, [PREFIX + key], told)
        except (RedisError, OSError):
            log.warning("limit_unchecked", exc_info=True)
            passed_unchecked.inc()
            return
        if count > limit.most:
            left = max(left, 1)
            raise TooManyError(limit.why, retry_after=left, limit=limit.most, minutes=-(-left // 60))
