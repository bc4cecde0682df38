"""Rate limits in Redis: a fixed window per key, counted by INCR.

They keep bots from hoarding, and nothing else rests on them: without Redis every request passes (fails open), counted.
"""

import logging
from typing import Final

from prometheus_client import Counter
from redis.exceptions import RedisError

from o2o.kernel.errors import TooManyError
from o2o.kernel.i18n import _
from o2o.kernel.redis import RedisPair

PREFIX: Final = "o2o:limit:"

log = logging.getLogger(__name__)
passed_unchecked = Counter("o2o_limits_unchecked", "Requests that passed because Redis did not count them")


class Limits:
    """`enabled` False (O2O_RATE_LIMITS=off) lets everything pass: for load tests."""

    def __init__(self, redis: RedisPair, *, enabled: bool) -> None:
        self._redis = redis
        self._enabled = enabled

    async def check(self, key: str, limit: int, per_seconds: int) -> None:
        """Count one more for `key`, of which `limit` may come in a window. Raises TooManyError beyond that."""
        if not self._enabled:
            return
        name = PREFIX + key
        try:
            async with self._redis.mutate.pipeline(transaction=True) as pipe:
                pipe.set(name, 0, ex=per_seconds, nx=True)  # Opens the window, so that no counter is without an end.
                pipe.incr(name)
                pipe.ttl(name)
                _opened, count, left = await pipe.execute()
        except RedisError:
            log.warning("limit_unchecked", exc_info=True)
            passed_unchecked.inc()
            return
        if count > limit:
            raise TooManyError(_("Too many requests. Try again in %(retry_after)s seconds."), retry_after=max(left, 1))
