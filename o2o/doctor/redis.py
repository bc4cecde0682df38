"""Redis: what it is, what it may do, and whether it has room."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError

from o2o.checks import redis_fault
from o2o.doctor.disk import MIB
from o2o.doctor.finding import Finding, fine, mind, wrong
from o2o.doctor.replicas import examine_replicas
from o2o.doctor.sql import skew
from o2o.kernel.claim import FolderInUseError, embedded_url
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.redis import NoRedisServerError, RedisPair, identity, masters, open_redis
from o2o.kernel.settings import Settings

OLDEST: Final = (6, 2)
NEARLY_FULL: Final = 0.8
FULL: Final = 0.95
RIGHTS: Final = (
    "give the user +@read, +@write, +@scripting, +@pubsub, +@connection, +info, +time, +role, +cluster|info and "
    "+cluster|slots (deploy/redis/o2o.conf)"
)


async def examine_redis(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    embedded = settings.redis_url is None
    url = settings.redis_url or embedded_url(settings.data_dir)
    async with AsyncExitStack() as stack:
        try:
            redis = await stack.enter_async_context(open_redis(url, settings.data_dir))
            async for finding in _of(redis, clock, embedded=embedded):
                yield finding
        except NoPermissionError as error:
            yield wrong("redis.rights", f"the user may not do what it must: {error}", RIGHTS)
        except (RedisError, OSError) as error:
            yield wrong("redis.away", f"does not answer: {error}", "look at O2O_REDIS_URL, and at Redis and its log")
        except (NoRedisServerError, FolderInUseError) as error:
            said, _, advice = str(error).partition(": ")
            yield wrong("redis.none", said, advice)


async def _of(redis: RedisPair, clock: Clock, *, embedded: bool) -> AsyncIterator[Finding]:
    servers = await masters(redis.read)
    for finding in await examine_replicas(redis):
        yield finding
    for server in servers:
        async for finding in _of_one(server, clock, embedded=embedded):
            yield finding
    if fault := await redis_fault(redis):
        yield wrong("redis.policy", *fault.split(": ", 1))
    await redis.mutate.eval("return 1", 0)


async def _of_one(server: Redis, clock: Clock, *, embedded: bool) -> AsyncIterator[Finding]:
    info: dict[str, Any] = await server.info()
    version = str(info["redis_version"])
    yield fine("redis", f"Redis {version}{', embedded' if embedded else ''}")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        yield wrong("redis.old", f"Redis {version} is too old", "use Redis 6.2 or later")
    if info.get("role") != "master":
        yield wrong("redis.replica", "a replica takes no changes", "set O2O_REDIS_URL to its master")
    for finding in _room(info):
        yield finding
    await server.ping()
    await identity(server)
    asked = to_ms(clock())
    seconds, microseconds = await server.time()
    yield skew("Redis", int(seconds) * 1000 + int(microseconds) // 1000 - asked, to_ms(clock()) - asked)


def _room(info: dict[str, Any]) -> list[Finding]:
    """Lines go on in a full Redis (noeviction), and take more than it may have; what limits strangers does not."""
    used, most, machine = info["used_memory"], info["maxmemory"], info.get("total_system_memory", 0)
    limit = most or machine
    if not limit:
        return []
    said = f"{used // MIB:,} of {limit // MIB:,} MiB are used" + ("" if most else " (all that the machine has)")
    advice = "raise maxmemory, or take what is not o2o's elsewhere: when it is full, nothing is limited"
    if used > FULL * limit:
        return [wrong("redis.full", said, advice)]
    return [mind("redis.room", said, advice)] if used > NEARLY_FULL * limit else [fine("redis.memory", said)]
