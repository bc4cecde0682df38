"""Staff's keys in Redis: attempts to sign in. All of it may be lost."""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from redis.exceptions import RedisError

from o2o.kernel.clock import to_ms
from o2o.kernel.redis import RedisPair
from o2o.kernel.scripts import Script
from o2o.kernel.signing import digest
from o2o.kernel.trips import values

MEMORY_MS: Final = 15 * 60 * 1000
LONGEST_MS: Final = 60 * 1000
KNOWN_S: Final = 30 * 24 * 3600

log = logging.getLogger(__name__)
_attempt: Final = Script(Path(__file__).parent / "lua" / "attempt.lua")


class _Limit(NamedTuple):
    key: str
    free: int


class Attempts:
    """The delay before the next attempt grows: for an account from one address, for an account, for an address.

    An address from which this account has signed in before feels only the first of them, so that guessing from
    elsewhere, or at other accounts of the same hall, locks nobody out. Without Redis attempts are free (fails open):
    argon2 and its two threads still bound the guessing, and staff must get in when something is wrong.
    """

    def __init__(self, redis: RedisPair, username: str, address: str, *, by_address: bool = True) -> None:
        """`by_address` False: an address may try any number of accounts (O2O_RATE_LIMITS=off)."""
        self._redis = redis
        pair, account = digest(f"{username}|{address}".encode()), digest(username.encode())
        self._pair = f"o2o:sign-in:pair:{pair}"
        self._known = f"o2o:sign-in:known:{pair}"
        self._wide = [_Limit(f"o2o:sign-in:account:{account}", 30)]
        if by_address:
            self._wide.append(_Limit(f"o2o:sign-in:address:{address}", 100))
        self._counted: list[str] = []

    async def wait_ms(self, now: datetime) -> int:
        """Count an attempt; more than 0: it may not be made yet."""
        try:
            wide = [] if await self._redis.read.exists(self._known) else self._wide
            wait = await self._first_wait([_Limit(self._pair, 5), *wide], now)
        except RedisError:
            log.warning("sign_in_unlimited", exc_info=True)
            return 0
        self._counted = [] if wait else [limit.key for limit in wide]
        return wait

    async def succeeded(self) -> None:
        """Forget the attempts of this account from this address, and know the address. Elsewhere this one was none."""
        try:
            for key in self._counted:
                await values(self._redis.mutate, [("HINCRBY", key, "n", -1), ("PEXPIRE", key, MEMORY_MS)])
            await self._redis.mutate.delete(self._pair)
            await self._redis.mutate.set(self._known, 1, ex=KNOWN_S)
        except RedisError:
            log.warning("sign_in_unlimited", exc_info=True)

    async def _first_wait(self, limits: Sequence[_Limit], now: datetime) -> int:
        """One that any limit refuses none of them counts: so all are asked before the first counts."""
        moments = await values(self._redis.mutate, [("HGET", limit.key, "after") for limit in limits])
        if (wait := max(int(moment or 0) for moment in moments) - to_ms(now)) > 0:
            return wait
        for limit in limits:
            arguments = [to_ms(now), limit.free, LONGEST_MS, MEMORY_MS]
            if wait := await _attempt(self._redis.mutate, [limit.key], arguments):
                return int(wait)
        return 0
