"""What must hold before anyone is served: the promise rests on it."""

from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.executor import MigrationExecutor

from o2o.kernel.database import is_postgres, open_database, tortoise_config
from o2o.kernel.redis import RedisPair

POLICY: Final = "noeviction"


class UnsoundError(RuntimeError):
    """A backend is set up so that something acknowledged could be lost; the message says what to change."""


async def ensure_sound(client: BaseDBAsyncClient, redis: RedisPair) -> None:
    """Raises UnsoundError for the first thing that is wrong."""
    for wrong in (await redis_fault(redis), await sql_fault(client)):
        if wrong:
            raise UnsoundError(wrong)


async def redis_fault(redis: RedisPair) -> str | None:
    """A Redis that evicts forgets tickets in the middle of a line."""
    found = (await redis.read.info("memory")).get("maxmemory_policy")
    if found == POLICY:
        return None
    return f"Redis would evict keys when its memory is full (maxmemory-policy {found}): set it to {POLICY}"


async def sql_fault(client: BaseDBAsyncClient) -> str | None:
    """A commit that is answered before it is on disk can be lost."""
    if is_postgres(client):
        row = (await client.execute_query_dict("SHOW synchronous_commit"))[0]
        found = row["synchronous_commit"]
        return None if found != "off" else "PostgreSQL answers before a commit is on disk: set synchronous_commit to on"
    row = (await client.execute_query_dict("PRAGMA synchronous"))[0]
    full = 2
    if row["synchronous"] >= full:
        return None
    return "SQLite answers before a commit is on disk: leave synchronous=FULL in O2O_DATABASE_URL"


class NotMigratedError(UnsoundError):
    """The tables are not those of this release."""


async def ensure_migrated(url: str) -> None:
    """Raises NotMigratedError when a migration waits."""
    if waiting := await pending_migrations(url):
        message = f"the database lacks {len(waiting)} migrations ({waiting[0]} first): run `o2o migrate`"
        raise NotMigratedError(message)


async def pending_migrations(url: str) -> list[str]:
    """The names (`halls.0001_create_halls`) of what `o2o migrate` would apply."""
    async with open_database(url) as client:
        steps = await MigrationExecutor(client, tortoise_config(url)["apps"]).plan()
    return [f"{step.migration.app_label}.{step.migration.name}" for step in steps]
