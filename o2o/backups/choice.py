"""Which engine a database's address asks for, and whether a file is one of its backups."""

from pathlib import Path
from typing import Final

from o2o.backups.engine import Engine
from o2o.backups.errors import BackupError
from o2o.backups.postgres import PostgresEngine
from o2o.backups.sqlite import SqliteEngine
from o2o.kernel.database import sqlite_file

KINDS: Final = {SqliteEngine.magic: "SQLite", PostgresEngine.magic: "PostgreSQL"}


def engine_of(url: str) -> Engine:
    path = sqlite_file(url)
    return SqliteEngine(path) if path else PostgresEngine(url)


def ensure_backup_of(engine: Engine, file: Path) -> None:
    """Raises BackupError when the file can't be a backup of this kind of database."""
    try:
        with file.open("rb") as opened:
            begins = opened.read(max(map(len, KINDS)))
    except OSError as error:
        raise BackupError(f"{file} can't be read: {error.strerror}") from error
    kind = next((kind for magic, kind in KINDS.items() if begins.startswith(magic)), None)
    if kind is None:
        raise BackupError(f"{file} is no backup: name the file that `o2o backup` wrote")
    if kind != KINDS[engine.magic]:
        raise BackupError(f"{file} is of {kind}, and O2O_DATABASE_URL names another database")
