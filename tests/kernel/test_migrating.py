"""Migrations beside a service that goes on: short locks, one migrator, all of a migration or nothing."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from o2o.kernel import migrating
from o2o.kernel.database import open_database, tortoise_config
from o2o.kernel.migrating import Limits, MigrationError, migrate, pending_migrations
from tests.stack import stack

THE_AUDITS = "kernel.0002_create_audit"
"""A migration that locks a table which is there already: it puts a trigger on `events`."""
DIES = """
import os, signal
from tortoise.migrations.recorder import MigrationRecorder

def die(at):
    noted = MigrationRecorder.record_applied

    async def killed(self, app, name):
        if f"{app}.{name}" == at:
            os.kill(os.getpid(), signal.SIGKILL)
        await noted(self, app, name)

    MigrationRecorder.record_applied = killed
"""
"""A migrator that is killed when a migration is done and not noted yet."""
WRITE = (
    "INSERT INTO events (tag, epoch, version, op, ordinal, name, at, actor, body, data) "
    "VALUES ('', 0, $1, $2, 0, '', 0, '', '', '')"
)


@pytest.fixture
def empty(tmp_path: Path) -> str:
    return stack.empty_database(tmp_path)


async def test_an_empty_database_gets_every_table(empty: str) -> None:
    assert THE_AUDITS in await pending_migrations(empty)

    await migrate(empty)

    assert await pending_migrations(empty) == []


async def test_what_is_there_is_left_alone(database: str) -> None:
    said: list[str] = []

    await migrate(database, tell=said.append)

    assert said == []


@asynccontextmanager
async def sessions(url: str, count: int) -> AsyncIterator[list[asyncpg.Connection]]:
    opened = [await asyncpg.connect(url) for _ in range(count)]
    try:
        yield opened
    finally:
        for session in opened:
            session.terminate()


async def test_of_two_at_once_one_waits_and_finds_it_done(empty: str) -> None:
    running = [await started(empty) for _ in range(2)]

    assert [await process.wait() for process in running] == [0, 0]
    assert await pending_migrations(empty) == []


@pytest.mark.parametrize("at", [THE_AUDITS, "halls.0002_create_stock"])
async def test_one_that_is_killed_goes_on_where_it_was(empty: str, at: str) -> None:
    died = await started(empty, f"{DIES}\ndie({at!r})")
    assert await died.wait() == -signal.SIGKILL

    await asyncio.wait_for(migrate(empty), 60)

    assert await pending_migrations(empty) == []


async def test_one_that_fails_has_done_nothing_and_comes_to_an_end(empty: str) -> None:
    async with open_database(empty) as client:
        await client.execute_script("CREATE TABLE codes (id INT)")

    failed = await started(empty)

    assert await asyncio.wait_for(failed.wait(), 60) != 0
    assert "qr.0001_create_codes" in await pending_migrations(empty)


@pytest.mark.postgres
class TestOneMigrator:
    async def test_a_second_one_gives_up_in_the_end(self, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(migrating, "TURNS", 2)
        monkeypatch.setattr(migrating, "PAUSE_S", 0)
        async with sessions(empty, 1) as (other,):
            await other.execute("SELECT pg_advisory_lock($1)", migrating.ADVISORY_LOCK)

            with pytest.raises(MigrationError, match="another"):
                await migrate(empty)

        assert THE_AUDITS in await pending_migrations(empty)

    async def test_without_taking_turns_they_get_in_each_others_way(self, empty: str) -> None:
        running = [await started(empty, "migrating._turn = lambda *_: asyncio.sleep(0)") for _ in range(4)]

        assert [await process.wait() for process in running] != [0, 0, 0, 0]


@pytest.mark.postgres
class TestLocks:
    @pytest.fixture
    async def old(self, empty: str, monkeypatch: pytest.MonkeyPatch) -> str:
        """A database of the release before."""
        monkeypatch.setattr(migrating, "PAUSE_S", 0.05)
        async with open_database(empty) as client:
            executor = MigrationExecutor(client, tortoise_config(empty)["apps"])
            await executor.migrate([MigrationTarget("kernel", "0001_create_ledger")])
        return empty

    async def test_it_lets_those_who_serve_pass_and_tries_again(self, old: str) -> None:
        said: list[str] = []
        async with sessions(old, 2) as (slow, quick):
            await slow.execute("BEGIN; LOCK TABLE events IN ROW EXCLUSIVE MODE")
            migration = asyncio.create_task(migrate(old, Limits(lock_s=0.2), said.append))
            await until(lambda: any("attempt 2" in line for line in said))
            await quick.execute(WRITE, 1, "1")
            await slow.execute("COMMIT")
            await migration

        assert await pending_migrations(old) == []
        assert f"{THE_AUDITS}: done" in said

    async def test_without_a_limit_everybody_waits_behind_it(self, old: str) -> None:
        async with sessions(old, 2) as (slow, quick):
            await slow.execute("BEGIN; LOCK TABLE events IN ROW EXCLUSIVE MODE")
            migration = asyncio.create_task(migrate(old, Limits(lock_s=60)))
            await quick.execute("SET lock_timeout = '300ms'")

            with pytest.raises(asyncpg.LockNotAvailableError):
                await write_again_and_again(quick)
            await slow.execute("COMMIT")
            await migration

    async def test_what_never_gets_its_lock_has_done_nothing(self, old: str) -> None:
        async with sessions(old, 1) as (slow,):
            await slow.execute("BEGIN; LOCK TABLE events IN ROW EXCLUSIVE MODE")

            with pytest.raises(MigrationError, match=THE_AUDITS):
                await migrate(old, Limits(lock_s=0.1))

        assert THE_AUDITS in await pending_migrations(old)
        async with sessions(old, 1) as (session,):
            assert await session.fetchval("SELECT to_regclass('audit')") is None

    async def test_what_fails_half_way_has_done_nothing_either(self, old: str) -> None:
        async with sessions(old, 1) as (session,):
            await session.execute("CREATE FUNCTION refuse_change() RETURNS void LANGUAGE sql AS ''")

            with pytest.raises(MigrationError, match="already exists"):
                await migrate(old)

            assert await session.fetchval("SELECT to_regclass('audit')") is None


@pytest.mark.postgres
class TestIndexes:
    INDEX = "stock_serials_place"
    """Of halls.0003."""

    @pytest.fixture
    async def half_built(self, empty: str, monkeypatch: pytest.MonkeyPatch) -> str:
        """A database in which the index broke off half way, as PostgreSQL leaves it then."""
        monkeypatch.setattr(migrating, "PAUSE_S", 0.05)
        await migrate(empty)
        async with sessions(empty, 1) as (session,):
            await session.execute(
                f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{self.INDEX}'::regclass;"
                "DELETE FROM tortoise_migrations WHERE name = '0003_index_pieces_by_place'"
            )
        return empty

    async def test_what_broke_off_half_way_is_built_anew(self, half_built: str) -> None:
        await migrate(half_built)

        async with sessions(half_built, 1) as (session,):
            assert await session.fetchval(
                f"SELECT indisvalid FROM pg_index WHERE indexrelid = '{self.INDEX}'::regclass"
            )

    async def test_whoever_writes_to_the_table_goes_on(self, half_built: str) -> None:
        said: list[str] = []
        async with sessions(half_built, 2) as (slow, quick):
            await slow.execute("BEGIN; LOCK TABLE stock_serials IN ROW EXCLUSIVE MODE")
            migration = asyncio.create_task(migrate(half_built, Limits(lock_s=0.5), said.append))
            await until(lambda: any("attempt 1" in line for line in said))
            await quick.execute("SET lock_timeout = '300ms'")
            await quick.execute("DELETE FROM stock_serials")
            await slow.execute("COMMIT")
            await migration

        assert said[-1].endswith(": done")


async def write_again_and_again(session: asyncpg.Connection) -> None:
    for version in range(1000):
        await session.execute(WRITE, version, str(version))
        await asyncio.sleep(0.01)


async def started(url: str, first: str = "") -> asyncio.subprocess.Process:
    """A migrator in a process of its own."""
    program = f"import asyncio\nfrom o2o.kernel import migrating\n{first}\nasyncio.run(migrating.migrate({url!r}))"
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=asyncio.subprocess.DEVNULL)


async def until(true: Any) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)
