"""Nobody is served over a backend that would lose or mix up what was acknowledged."""

from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from o2o.app import open_state
from o2o.checks import UnsoundError, fsync_fault, postgres_fault, sql_fault
from o2o.kernel.database import open_database
from o2o.kernel.settings import read_settings
from tests.servers import RedisServer
from tests.stack import stack

SOUND = {"version": 150_004, "encoding": "UTF8", "durable": "on", "standby": False, "isolation": "read committed"}


async def fault(url: str, *, production: bool = False) -> str | None:
    async with open_database(url) as client:
        return await sql_fault(client, production=production)


async def start(folder: Path, url: str, **environ: str) -> None:
    async with open_state(read_settings({"O2O_DATA_DIR": str(folder), "O2O_DATABASE_URL": url, **environ})):
        pass


async def test_a_new_database_is_sound(database: str) -> None:
    assert await fault(database) is None


async def test_a_redis_that_evicts_is_refused(
    tmp_path: Path, database: str, redis: RedisServer, redis_client: Redis
) -> None:
    await redis_client.config_set("maxmemory-policy", "allkeys-lru")

    with pytest.raises(UnsoundError, match="noeviction"):
        await start(tmp_path, database, O2O_REDIS_URL=redis.url)


@pytest.mark.sqlite
class TestSqlite:
    @pytest.mark.parametrize("pragma", ["synchronous=OFF", "synchronous=NORMAL", "foreign_keys=OFF"])
    async def test_what_is_not_safe_is_refused(self, tmp_path: Path, database: str, pragma: str) -> None:
        with pytest.raises(UnsoundError, match=pragma.split("=", maxsplit=1)[0]):
            await start(tmp_path, f"{database}?{pragma}")

    async def test_a_journal_that_makes_readers_wait_is_refused(self, database: str) -> None:
        assert "journal_mode" in str(await fault(f"{database}?journal_mode=DELETE"))


@pytest.mark.postgres
class TestPostgres:
    def told(self, database: str, sql: str) -> None:
        name = database.split("/")[3].split("?", maxsplit=1)[0]
        stack.postgres.execute(sql.format(name))

    @pytest.mark.parametrize("level", ["off", "local"])
    async def test_commits_that_are_answered_too_early_are_refused(
        self, tmp_path: Path, database: str, level: str
    ) -> None:
        self.told(database, f"ALTER DATABASE {{}} SET synchronous_commit = {level}")

        with pytest.raises(UnsoundError, match=f"synchronous_commit {level}"):
            await start(tmp_path, database)

    @pytest.mark.parametrize("level", ["on", "remote_apply", "remote_write"])
    async def test_those_that_wait_for_the_disk_are_not(self, database: str, level: str) -> None:
        self.told(database, f"ALTER DATABASE {{}} SET synchronous_commit = {level}")

        assert await fault(database) is None

    async def test_an_encoding_that_can_not_hold_every_name_is_refused(self) -> None:
        name = "o2o_ascii"
        stack.postgres.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0")
        try:
            assert "SQL_ASCII" in str(await fault(stack.postgres.url(name)))
        finally:
            stack.postgres.execute(f"DROP DATABASE {name}")

    async def test_production_refuses_one_that_never_flushes(self, database: str) -> None:
        async with open_database(database) as client:
            assert "power cut" in str(await fsync_fault(client))

        assert "fsync" in str(await fault(database, production=True))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("version", 140_009, "PostgreSQL 14 is too old"),
        ("standby", True, "standby"),
        ("isolation", "repeatable read", "read committed"),
    ],
)
def test_what_can_not_be_set_up_here_is_refused_too(name: str, value: Any, said: str) -> None:
    assert postgres_fault(SOUND) is None
    assert said in str(postgres_fault({**SOUND, name: value}))
