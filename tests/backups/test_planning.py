"""A restore is refused with a reason, and then nothing has been changed."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from o2o.backups.choice import engine_of, ensure_backup_of
from o2o.backups.engine import Engine
from o2o.backups.errors import BackupError
from o2o.backups.making import make_backup
from o2o.backups.planning import plan_restore
from o2o.kernel.database import open_database
from o2o.kernel.redis import open_redis
from o2o.kernel.settings import Settings
from tests.booking.halls import hall, process
from tests.servers import redis_server
from tests.serving import START, MovableClock
from tests.stack import stack


@pytest.fixture
async def backup(settings: Settings, engine: Engine, file: Path) -> Path:
    await make_backup(settings, engine, file, MovableClock(), None)
    return file


async def refusal(settings: Settings, engine: Engine, backup: Path, skip: int | None = None) -> str:
    with pytest.raises(BackupError) as caught:
        await plan_restore(settings, engine, backup, MovableClock(), skip)
    return str(caught.value)


async def test_a_restore_beneath_an_embedded_redis_is_refused(settings: Settings, engine: Engine, backup: Path) -> None:
    async with open_redis(None, settings.data_dir):
        assert "o2o is serving from" in await refusal(settings, engine, backup)


@pytest.mark.sqlite
async def test_a_restore_beneath_an_open_file_is_refused(settings: Settings, engine: Engine, backup: Path) -> None:
    with closing(sqlite3.connect(settings.data_dir / "o2o.db")) as somebody:
        somebody.execute("PRAGMA journal_mode=WAL")

        assert "another program has" in await refusal(settings, engine, backup)


@pytest.mark.postgres
async def test_a_restore_beneath_a_connection_is_refused(settings: Settings, engine: Engine, backup: Path) -> None:
    somebody = await asyncpg.connect(settings.database_url, server_settings={"application_name": "somebody"})
    try:
        assert "1 connections of somebody at this machine" in await refusal(settings, engine, backup)
    finally:
        await somebody.close()


async def test_a_backup_of_a_later_release_is_refused(settings: Settings, engine: Engine, file: Path) -> None:
    async with open_database(settings.database_url) as client:
        await client.execute_script(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('halls', '9999_fly', CURRENT_TIMESTAMP)"
        )
    await make_backup(settings, engine, file, MovableClock(), None)

    assert "of a later release (halls.9999_fly is not known here)" in await refusal(settings, engine, file)


async def test_a_clock_before_the_backup_s_moment_is_refused(settings: Settings, engine: Engine, file: Path) -> None:
    clock = MovableClock()
    clock.now = START + timedelta(hours=1)
    await make_backup(settings, engine, file, clock, None)

    assert "set the clock right" in await refusal(settings, engine, file)


async def test_a_damaged_backup_is_refused(settings: Settings, engine: Engine, backup: Path) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[: len(whole) * 3 // 4])

    assert "is damaged" in await refusal(settings, engine, backup)


async def test_another_secret_key_is_warned_of(settings: Settings, engine: Engine, backup: Path) -> None:
    other = replace(settings, secret_keys=("another" * 6,))
    both = replace(settings, secret_keys=("another" * 6, *settings.secret_keys))

    (warning,) = (await plan_restore(other, engine, backup, MovableClock(), None)).warnings

    assert "another secret key" in warning
    assert (await plan_restore(both, engine, backup, MovableClock(), None)).warnings == []


async def test_a_redis_that_is_away_stands_in_no_restore_s_way(
    settings: Settings, engine: Engine, backup: Path
) -> None:
    away = replace(settings, redis_url="redis://127.0.0.1:1")

    assert (await plan_restore(away, engine, backup, MovableClock(), None)).warnings == []


async def test_a_database_that_was_made_anew_cannot_say_which_numbers_people_have(
    settings: Settings, engine: Engine, file: Path, tmp_path: Path
) -> None:
    """As after a disk died: the tables are there again, and nothing is in them."""
    async with (
        hall(settings.database_url) as clock,
        redis_server(tmp_path / "lost") as lost,
        process(lost.url, tmp_path, clock) as one,
    ):
        await one.take()
        await engine.dump(file)
    anew = replace(settings, database_url=stack.new_database(tmp_path / "anew"))

    assert "--skip-numbers" in await refusal(anew, engine_of(anew.database_url), file)
    assert (await plan_restore(settings, engine, file, MovableClock(), None)).skip == 0


def test_what_is_no_backup_of_this_database_is_said(engine: Engine, tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other"
    text.write_text("no backup")
    other.write_bytes(b"PGDMP...." if stack.database == "sqlite" else b"SQLite format 3\0")

    for path, said in ((text, "is no backup"), (other, "names another database"), (tmp_path / "none", "can't be read")):
        with pytest.raises(BackupError, match=said):
            ensure_backup_of(engine, path)


async def test_a_sqlite_file_that_is_not_o2o_s_is_refused(tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.db"
    engine = engine_of(f"sqlite://{stranger}")
    async with open_database(f"sqlite://{stranger}") as client:
        await client.execute_script("CREATE TABLE cats (name TEXT)")

    with pytest.raises(BackupError, match="is no backup of o2o"):
        await engine.read(stranger)
