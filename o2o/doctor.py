"""What is wrong with an installation, and what to do about it: configuration, SQL, Redis, clocks, disk."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from redis.exceptions import NoPermissionError, RedisError
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import BaseORMException

from o2o.checks import fsync_fault, redis_fault, sql_fault
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.database import is_postgres, open_database
from o2o.kernel.migrating import pending_migrations
from o2o.kernel.redis import NoRedisServerError, RedisPair, identity, open_redis
from o2o.kernel.settings import Settings
from o2o.kernel.variables import VARIABLES

OLDEST_REDIS: Final = (6, 2)
SKEW_MS: Final = 1_000
FREE_BYTES: Final = 500 * 1024 * 1024
LOOPBACK: Final = ("//127.", "//localhost", "//[::1]")


class Verdict(StrEnum):
    FINE = "fine"
    MIND = "mind"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` says what to do, where there is something to do."""

    subject: str
    verdict: Verdict
    said: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable as it is in force; a secret's value is not shown."""

    name: str
    value: str
    source: str


def list_settings(environ: Mapping[str, str]) -> list[Setting]:
    return [
        Setting(
            name,
            _shown(environ.get(name, "").strip() or variable.default, secret=variable.secret),
            _source(name, environ),
        )
        for name, variable in VARIABLES.items()
    ]


async def examine(settings: Settings, environ: Mapping[str, str], clock: Clock) -> AsyncIterator[Finding]:
    """Every finding, as it is found."""
    for finding in (*_configuration(settings, environ), _disk(settings)):
        yield finding
    async for finding in _sql(settings):
        yield finding
    async for finding in _redis(settings, clock):
        yield finding


def _configuration(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    findings = [
        Finding("configuration", Verdict.MIND, f"{name} means nothing to o2o", "look for a spelling mistake")
        for name in sorted(environ)
        if name.startswith("O2O_") and name not in VARIABLES
    ]
    if not settings.rate_limits:
        said = "rate limits are off, so bots may hoard numbers"
        findings.append(Finding("configuration", Verdict.MIND, said, "unset O2O_RATE_LIMITS outside load tests"))
    if settings.production and any(host in settings.base_url for host in LOOPBACK):
        said = f"codes would lead to {settings.base_url}, which no phone can reach"
        findings.append(Finding("configuration", Verdict.WRONG, said, "set O2O_BASE_URL to the public address"))
    if settings.production and not settings.https:
        said = "tokens and passwords travel unencrypted"
        findings.append(Finding("configuration", Verdict.WRONG, said, "serve https and set O2O_BASE_URL to it"))
    return findings or [Finding("configuration", Verdict.FINE, "every variable makes sense")]


def _disk(settings: Settings) -> Finding:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        advice = "set O2O_DATA_DIR to a folder that can be written"
        return Finding("disk", Verdict.WRONG, f"no data folder: {error}", advice)
    said = f"{free // 1024**2} MiB free in {settings.data_dir}"
    if free < FREE_BYTES:
        return Finding("disk", Verdict.MIND, said, "make room: without it no number can be given")
    return Finding("disk", Verdict.FINE, said)


async def _sql(settings: Settings) -> AsyncIterator[Finding]:
    try:
        waiting = await pending_migrations(settings.database_url)
        async with open_database(settings.database_url) as client:
            yield Finding("SQL", Verdict.FINE, await _sql_version(client))
            if fault := await sql_fault(client, production=settings.production):
                yield Finding("SQL", Verdict.WRONG, fault)
            elif not settings.production and (fault := await fsync_fault(client)):
                yield Finding("SQL", Verdict.MIND, fault)
    except (BaseORMException, OSError) as error:
        yield Finding("SQL", Verdict.WRONG, f"does not answer: {error}", "look at O2O_DATABASE_URL and at the database")
        return
    if waiting:
        yield Finding("SQL", Verdict.WRONG, f"{len(waiting)} migrations wait, {waiting[0]} first", "run `o2o migrate`")


async def _redis(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    async with AsyncExitStack() as stack:
        try:
            redis = await stack.enter_async_context(open_redis(settings.redis_url, settings.data_dir))
            yield await _redis_version(redis, embedded=settings.redis_url is None)
            if fault := await redis_fault(redis):
                yield Finding("Redis", Verdict.WRONG, fault)
            await identity(redis.read)
            await redis.mutate.eval("return 1", 0)
            yield await _skew(redis, clock)
        except NoPermissionError as error:
            advice = "give the user +info, +@scripting, +@write, +@read, +publish and +subscribe"
            yield Finding("Redis", Verdict.WRONG, f"the user may not do what it must: {error}", advice)
        except (RedisError, OSError) as error:
            yield Finding("Redis", Verdict.WRONG, f"does not answer: {error}", "look at O2O_REDIS_URL and at Redis")
        except NoRedisServerError as error:
            yield Finding("Redis", Verdict.WRONG, str(error))


async def _sql_version(client: BaseDBAsyncClient) -> str:
    if is_postgres(client):
        return f"PostgreSQL {(await client.execute_query_dict('SHOW server_version'))[0]['server_version']}"
    return f"SQLite {(await client.execute_query_dict('SELECT sqlite_version() AS version'))[0]['version']}"


async def _redis_version(redis: RedisPair, *, embedded: bool) -> Finding:
    version = str((await redis.read.info("server"))["redis_version"])
    said = f"Redis {version}{', embedded' if embedded else ''}"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        return Finding("Redis", Verdict.WRONG, said, "use Redis 6.2 or later")
    return Finding("Redis", Verdict.FINE, said)


async def _skew(redis: RedisPair, clock: Clock) -> Finding:
    """Redis's clock is another machine's: of two clocks that differ one is wrong, and business days turn by ours."""
    seconds, microseconds = await redis.read.time()
    skew = to_ms(clock()) - (int(seconds) * 1000 + int(microseconds) // 1000)
    said = f"this machine's clock and Redis's differ by {abs(skew)} ms"
    if abs(skew) > SKEW_MS:
        return Finding("clocks", Verdict.WRONG, said, "have both machines follow one time server (chrony, timesyncd)")
    return Finding("clocks", Verdict.FINE, said)


def _shown(value: str, *, secret: bool) -> str:
    return "•••" if secret and value else value


def _source(name: str, environ: Mapping[str, str]) -> str:
    return "environment" if environ.get(name, "").strip() else "default"
