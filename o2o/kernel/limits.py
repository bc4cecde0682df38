"""Rate limits in Redis: a fixed window per key, counted by a script.

They keep bots from hoarding, and nothing else rests on them: without Redis every request passes (fails open), counted.
"""

import logging
from pathlib import Path
from typing import Final

from prometheus_client import Counter
from redis.exceptions import RedisError

from o2o.kernel.errors import TooManyError
from o2o.kernel.i18n import _
from o2o.kernel.redis import RedisPair
from o2o.kernel.scripts import Script

PREFIX: Final = "o2o:limit:"
_LIMIT: Final = Script(Path(__file__).parent / "lua" / "limit.lua")

log = logging.getLogger(__name__)
passed_unchecked = Counter("o2o_limits_unchecked", "Requests that passed because Redis did not count them")


class Limits:
    """`enabled` False (O2O_RATE_LIMITS=off) lets everything pass: for load tests."""

    def __init__(self, redis: RedisPair, *, enabled: bool) -> None:
        self._redis = redis
        self.enabled = enabled

    async def check(self, key: str, limit: int, per_seconds: int) -> None:
        """Count one more for `key`, of which `limit` may come in a window. Raises TooManyError beyond that."""
        if not self.enabled:
            return
        try:
            count, left = await _LIMIT(self._redis.mutate, [PREFIX + key], [per_seconds])
        except RedisError:
            log.warning("limit_unchecked", exc_info=True)
            passed_unchecked.inc()
            return
        if count > limit:
            raise TooManyError(_("Too many requests. Try again in %(retry_after)s seconds."), retry_after=max(left, 1))
