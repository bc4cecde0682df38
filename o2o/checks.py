"""What must hold before anyone is served: the promise rests on it."""

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.database import is_postgres, open_database
from o2o.kernel.migrating import pending_migrations
from o2o.kernel.redis import RedisPair, masters, open_redis, server_program
from o2o.kernel.settings import Settings

POLICY: Final = "noeviction"
OLDEST_POSTGRES: Final = 15
OLDEST_SQLITE: Final = (3, 35)  # Migrations drop columns.
POSTGRES_SETTINGS: Final = """
    SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
           current_setting('synchronous_commit') AS durable, pg_is_in_recovery() AS standby,
           current_setting('default_transaction_isolation') AS isolation
"""
DURABLE: Final = ("on", "remote_apply", "remote_write")
"""Each waits until the commit is on this server's disk, and for the synchronous standbys that there are."""
ISOLATION: Final = "read committed"
SQLITE_PRAGMAS: Final = {"synchronous": ("2", "3"), "journal_mode": ("wal",), "foreign_keys": ("1",)}


class UnsoundError(RuntimeError):
    """A backend is set up so that something acknowledged could be lost; the message says what to change."""


async def ensure_ready(settings: Settings) -> None:
    """What would end the service at its start is said before it: what checks raise, and SQL's and Redis's errors."""
    settings.make_data_dir()
    await ensure_migrated(settings.database_url)
    async with open_database(settings.database_url) as client:
        if fault := await sql_fault(client, production=settings.production):
            raise UnsoundError(fault)
    if settings.redis_url is None:
        server_program()
        return
    async with open_redis(settings.redis_url, settings.data_dir) as redis:
        if fault := await redis_fault(redis):
            raise UnsoundError(fault)


async def ensure_sound(client: BaseDBAsyncClient, redis: RedisPair, *, production: bool) -> None:
    """Raises UnsoundError for the first thing that is wrong."""
    for wrong in (await redis_fault(redis), await sql_fault(client, production=production)):
        if wrong:
            raise UnsoundError(wrong)


async def redis_fault(redis: RedisPair) -> str | None:
    """A Redis that evicts forgets tickets in the middle of a line."""
    policies = [(await server.info("memory")).get("maxmemory_policy") for server in await masters(redis.read)]
    found = next((policy for policy in policies if policy != POLICY), None)
    return found and f"Redis would evict keys when its memory is full (maxmemory-policy {found}): set it to {POLICY}"


async def sql_fault(client: BaseDBAsyncClient, *, production: bool) -> str | None:
    """What of the database would lose or mix up what was acknowledged, and what to change."""
    if not is_postgres(client):
        return await _sqlite_fault(client)
    (row,) = await client.execute_query_dict(POSTGRES_SETTINGS)
    return postgres_fault(row) or (production and await fsync_fault(client)) or None


async def fsync_fault(client: BaseDBAsyncClient) -> str | None:
    """Production refuses it; where nothing is at stake (tests), it makes PostgreSQL quick."""
    if not is_postgres(client):
        return None
    (row,) = await client.execute_query_dict("SHOW fsync")
    return None if row["fsync"] == "on" else "PostgreSQL loses commits in a power cut: set fsync to on"


def postgres_fault(row: Mapping[str, Any]) -> str | None:
    if row["version"] < OLDEST_POSTGRES * 10_000:
        return f"PostgreSQL {row['version'] // 10_000} is too old: use {OLDEST_POSTGRES} or later"
    if row["encoding"] != "UTF8":
        return f"the database can't hold every text (encoding {row['encoding']}): make it anew with ENCODING 'UTF8'"
    if row["standby"]:
        return "this PostgreSQL is a standby, which takes no changes: set O2O_DATABASE_URL to the primary"
    if row["durable"] not in DURABLE:
        return f"PostgreSQL answers before a commit is safe (synchronous_commit {row['durable']}): set it to on"
    if row["isolation"] != ISOLATION:
        return f"transactions would be {row['isolation']}, but the ledger counts on {ISOLATION}: let sessions choose it"
    return None


async def _sqlite_fault(client: BaseDBAsyncClient) -> str | None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return f"SQLite {sqlite3.sqlite_version} is too old: use a Python with {'.'.join(map(str, OLDEST_SQLITE))}"
    for pragma, wanted in SQLITE_PRAGMAS.items():
        (row,) = await client.execute_query_dict(f"PRAGMA {pragma}")
        if str(row[pragma]) not in wanted:
            return f"SQLite has {pragma}={row[pragma]}, which is not safe: leave it out of O2O_DATABASE_URL"
    return None


class NotMigratedError(UnsoundError):
    """The tables are not those of this release."""


async def ensure_migrated(url: str) -> None:
    """Raises NotMigratedError when a migration waits."""
    if waiting := await pending_migrations(url):
        message = f"the database lacks {len(waiting)} migrations ({waiting[0]} first): run `o2o migrate`"
        raise NotMigratedError(message)
