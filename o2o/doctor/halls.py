"""Each hall as Redis has it, beside SQL; and whether anybody does what time brings."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from redis.exceptions import RedisError
from tortoise.exceptions import BaseORMException

from booking.inspection import Kept, Loaded, count_heads, read_kept, read_loaded
from booking.picture import CHANNEL
from halls.service import Directory
from o2o.doctor.clocks import examine_zones
from o2o.doctor.finding import Finding, fine, mind, wrong
from o2o.kernel.claim import embedded_url
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.database import open_database, sqlite_file
from o2o.kernel.leader import somebody_leads
from o2o.kernel.redis import RedisPair, count_listeners, open_redis
from o2o.kernel.settings import Settings

LOOKS: Final = 3
ORPHAN_MS: Final = 10_000
"""A dead process's entries are committed after two seconds by whoever leads."""
NAMED: Final = 5


async def examine_halls(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Says nothing where SQL or Redis can't be asked: that has been said."""
    if (file := sqlite_file(settings.database_url)) and not file.exists():
        return
    url = settings.redis_url or embedded_url(settings.data_dir)
    try:
        async with open_database(settings.database_url):
            halls = sorted(hall.id for hall in await Directory().all())
            for finding in examine_zones(await Directory().all()):
                yield finding
            if not halls:
                yield mind(
                    "halls.none", "there is no hall", "make one: PUT /api/v1/halls/{hall} (docs/operating.md, step 7)"
                )
            elif url is None:
                yield fine("halls", f"{len(halls)} halls; nobody serves them just now")
            else:
                async with open_redis(url, settings.data_dir) as redis:
                    async for finding in _compared(redis, halls, clock):
                        yield finding
    except (BaseORMException, RedisError, OSError):
        return


async def _compared(redis: RedisPair, halls: Sequence[str], clock: Clock) -> AsyncIterator[Finding]:
    loaded = await read_loaded(redis.read, halls)
    served = await count_listeners(redis.read, CHANNEL)
    found = [finding for hall in halls if hall in loaded for finding in await _differences(redis, hall, clock)]
    for finding in found:
        yield finding
    if served and not await somebody_leads(redis.read):
        said = "somebody serves, and nobody does what time brings"
        yield wrong("halls.leader", said, "start serve or worker anew; read the log for lead_lost and job_failed")
    missing = [hall for hall in halls if hall not in loaded or not loaded[hall].current]
    if served and missing:
        said = f"{_list(missing)} is not loaded, although somebody serves"
        yield mind("halls.unloaded", said, "wait a moment; when it stays so, read the log for epoch_not_ended")
    if not found and not missing:
        yield fine("halls", f"{len(halls)} halls; Redis and SQL agree about each")
    elif not found:
        yield fine("halls", f"{len(halls)} halls, {len(halls) - len(missing)} of them loaded")


async def _differences(redis: RedisPair, hall: str, clock: Clock) -> list[Finding]:
    """What Redis and SQL say differently, looked at when nothing moved meanwhile; a busy hall is well."""
    for _look in range(LOOKS):
        before = (await read_loaded(redis.read, [hall])).get(hall)
        if before is None:
            return []
        kept = (await read_kept([hall]))[hall]
        heads = await count_heads(hall, before.day)
        after = (await read_loaded(redis.read, [hall])).get(hall)
        if after and (before.epoch, before.version) == (after.epoch, after.version):
            return _judged(hall, after, kept, heads, to_ms(clock()))
    return []


def _judged(hall: str, loaded: Loaded, kept: Kept, heads: int, now: int) -> list[Finding]:
    if not loaded.current or loaded.epoch < kept.epoch:
        return []  # It counts no more, and is loaded anew by the first who asks.
    if loaded.waits_since is not None and now - loaded.waits_since > ORPHAN_MS:
        said = f"{hall}: changes have waited for {(now - loaded.waits_since) // 1000} s to be committed or announced"
        return [wrong("halls.orphans", said, "see that `o2o serve` or `o2o worker` runs, and that SQL takes changes")]
    if loaded.version > kept.version:
        return []  # On its way.
    if loaded.epoch > kept.epoch or loaded.version < kept.version or loaded.head_count != heads:
        said = (
            f"{hall}: Redis is at version {loaded.version} of epoch {loaded.epoch} with {loaded.head_count} people, "
            f"SQL at {kept.version} of {kept.epoch} with {heads}"
        )
        return [wrong("halls.differ", said, f"run `o2o rebuild {hall}`; when SQL was restored, use `o2o restore`")]
    return []


def _list(halls: Sequence[str]) -> str:
    return ", ".join(halls[:NAMED]) + (f" and {len(halls) - NAMED} more" if len(halls) > NAMED else "")
