"""A backup is whole or not there, says what it is, and old ones go only where that was asked for."""

import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from o2o.backups.engine import Engine
from o2o.backups.errors import BackupError
from o2o.backups.making import make_backup
from o2o.backups.sqlite import SqliteEngine
from o2o.cli import app
from o2o.kernel.archive import EVENTS, move
from o2o.kernel.clock import to_ms
from o2o.kernel.database import open_database
from o2o.kernel.models import Backup, Event
from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer
from tests.serving import START, MovableClock


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """While the block runs, nothing is written beyond so many bytes of a file, as on a disk that is full."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


async def test_a_backup_knows_its_moment_and_its_keys(settings: Settings, engine: Engine, file: Path) -> None:
    made = await make_backup(settings, engine, file, MovableClock(), None)

    assert made.contents.note
    assert made.contents.note.at == to_ms(START)
    assert made.contents.note.keys == tuple(Signer(settings.secret_keys).fingerprints())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_nobody_else_reads_a_backup_while_it_is_made(tmp_path: Path) -> None:
    """One that ended half made shows how it was until then."""
    source, part = tmp_path / "o2o.db", tmp_path / "part"
    source.write_bytes(b"not a database" * 1000)

    with pytest.raises(BackupError):
        await SqliteEngine(source).dump(part)

    assert stat.S_IMODE(part.stat().st_mode) == 0o600


async def test_what_is_archived_is_in_it(settings: Settings, engine: Engine, file: Path, tmp_path: Path) -> None:
    event: dict[str, Any] = {
        "tag": "hall:heping",
        "epoch": 1,
        "ordinal": 0,
        "name": "hall.changed",
        "actor": "clock",
        "body": "",
    }
    async with open_database(settings.database_url):
        for n in range(3):
            await Event.create(**event, version=n, op=str(n), at=n, data="{}")
        await move(EVENTS, "hall:heping", START, 2)

    made = await make_backup(settings, engine, file, MovableClock(), None)
    live = await engine.live()

    assert live
    assert made.contents.events == live.events == 3


async def test_sql_remembers_when_it_was_backed_up(settings: Settings, engine: Engine, file: Path) -> None:
    await make_backup(settings, engine, file, MovableClock(), None)

    async with open_database(settings.database_url):
        (note,) = await Backup.all()
    assert (note.at, note.done_at, note.file) == (to_ms(START), to_ms(START), str(file))


async def test_a_folder_gets_files_named_by_their_moments_and_keeps_the_newest(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    folder, clock = tmp_path / "backups", MovableClock()
    folder.mkdir()
    (folder / "o2o-of-last-year.db").touch()
    for _ in range(3):
        await make_backup(settings, engine, folder, clock, 2)
        clock.now += timedelta(days=1)

    assert sorted(path.stem for path in folder.iterdir()) == [
        "o2o-20261124T020000Z",
        "o2o-20261125T020000Z",
        "o2o-of-last-year",
    ]


async def test_no_file_is_written_over(settings: Settings, engine: Engine, file: Path) -> None:
    file.write_text("precious")

    with pytest.raises(BackupError, match="is there already"):
        await make_backup(settings, engine, file, MovableClock(), None)

    assert file.read_text() == "precious"


async def test_a_folder_that_is_not_there_is_said(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="there is no folder"):
        await make_backup(settings, engine, tmp_path / "nowhere" / "backup", MovableClock(), None)


async def test_only_a_folder_has_backups_to_keep(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="make it first"):
        await make_backup(settings, engine, tmp_path / "backups", MovableClock(), 14)

    assert not (tmp_path / "backups").exists()


@pytest.mark.sqlite
def test_what_ends_with_a_slash_is_a_folder(settings: Settings, tmp_path: Path) -> None:
    environ = {"O2O_DATA_DIR": str(settings.data_dir), "O2O_DATABASE_URL": settings.database_url}

    done = CliRunner().invoke(app, ["backup", f"{tmp_path / 'backups'}/"], env=environ)

    assert "make it first" in str(done.exception)
    assert not (tmp_path / "backups").exists()


async def test_a_backup_that_fails_leaves_no_file(settings: Settings, engine: Engine, file: Path) -> None:
    with no_file_over(64 * 1024), pytest.raises(BackupError, match="no backup was made"):
        await make_backup(settings, engine, file, MovableClock(), None)

    assert list(file.parent.glob("backup*")) == []


@pytest.mark.sqlite
async def test_a_database_that_takes_no_note_any_more_is_still_backed_up(
    settings: Settings, engine: Engine, file: Path
) -> None:
    """A disk that is full is when a copy on another one is wanted most."""
    async with open_database(settings.database_url) as client:
        await client.execute_script(
            "CREATE TRIGGER full BEFORE INSERT ON backups BEGIN SELECT RAISE(FAIL, 'full'); END"
        )

    made = await make_backup(settings, engine, file, MovableClock(), None)

    assert made.contents.note is None
    assert file.exists()


@pytest.mark.sqlite
async def test_a_database_that_is_not_there_is_said(settings: Settings, engine: Engine, file: Path) -> None:
    (settings.data_dir / "o2o.db").unlink()

    with pytest.raises(BackupError, match="no database at"):
        await make_backup(settings, engine, file, MovableClock(), None)


@pytest.mark.postgres
async def test_programs_that_are_missing_are_named(
    settings: Settings, engine: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(BackupError, match="pg_dump is not on PATH: install"):
        await make_backup(settings, engine, file, MovableClock(), None)
