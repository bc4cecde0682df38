"""SQLite: copied by its own online backup, put in place of the old file in one move, which is kept."""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

from typing_extensions import override

from o2o.backups.contents import Contents, Rows, read_contents
from o2o.backups.engine import Engine, kept_name
from o2o.backups.errors import BackupError

MAGIC: Final = b"SQLite format 3\0"
BESIDE: Final = ("-wal", "-shm")  # What belongs to a database, and to no other.


class SqliteEngine(Engine):
    suffix = ".db"
    magic = MAGIC

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)

    @override
    def missing(self) -> str | None:
        return None if self.path.exists() else f"there is no database at {self.path}"

    @override
    async def dump(self, file: Path) -> None:
        try:
            await asyncio.to_thread(_copy, self.path, file)
        except sqlite3.Error as error:
            raise BackupError(f"no backup was made: {error}") from error

    @override
    async def read(self, file: Path) -> Contents:
        with _opened(file) as database:
            _check(database, file)
            try:
                return await read_contents(_asking(database))
            except sqlite3.OperationalError as error:
                raise BackupError(f"{file} is no backup of o2o ({error})") from error

    @override
    async def live(self) -> Contents | None:
        try:
            return await self.read(self.path)
        except (sqlite3.Error, BackupError):
            return None

    @override
    async def who_is_connected(self) -> str | None:
        """Whoever has the file open holds SQLite's own lock on it, which leaving WAL mode needs for itself."""
        try:
            with _opened(self.path) as database:
                database.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            return f"another program has {self.path} open" if "locked" in str(error) else None
        except sqlite3.Error:  # It is damaged, which is why a backup is to take its place.
            return None
        return None

    @override
    async def restore(self, file: Path, above: int, finish: Callable[[str], Awaitable[None]], now: int) -> str:
        staged = self.path.with_name(f"{self.path.name}.restoring")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _remove(staged)
        try:
            await asyncio.to_thread(_copy, file, staged)
            await finish(f"sqlite://{staged}")
            with _opened(staged) as database:
                database.execute("PRAGMA journal_mode=DELETE")  # One file again, whole, with nothing beside it.
            _as_owned_before(staged, self.path)
            sync(staged)
            if someone := await self.who_is_connected():
                raise BackupError(f"{someone}: stop it first; nothing was changed")
            return _put_in_place(staged, self.path, now)
        except (sqlite3.Error, OSError) as error:
            raise BackupError(f"nothing was changed: {error}") from error
        finally:
            _remove(staged)


def sync(path: Path) -> None:
    """See to it that a file, or a folder's list of them, survives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """An existing database; sqlite3.OperationalError when there is none."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as database:
        database.isolation_level = None
        yield database


def _copy(source: Path, target: Path) -> None:
    """All pages in one step, which reads one snapshot: whoever writes meanwhile is neither copied nor kept waiting."""
    target.touch(mode=0o600)
    with _opened(source) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _as_owned_before(staged: Path, path: Path) -> None:
    """Whoever restores (root, say), the service must be able to open it: as it owned the file, or owns the folder."""
    before = (path if path.exists() else path.parent).stat()
    if os.geteuid() == 0:
        os.chown(staged, before.st_uid, before.st_gid)


def _put_in_place(staged: Path, path: Path, now: int) -> str:
    """One move, before and after which there is a whole database; the old one gets another name."""
    kept = _unused(path.with_name(kept_name(path.name, now)))
    with suppress(FileNotFoundError):
        kept.hardlink_to(path)
    for ending in BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{kept}{ending}")
    staged.replace(path)
    sync(path.parent)
    return f"what was there before is kept as {kept}" if kept.exists() else ""


def _unused(path: Path) -> Path:
    """The name, or with a number after it: of one second there may be two restores."""
    names = (path if n == 1 else path.with_name(f"{path.name}-{n}") for n in count(1))
    return next(name for name in names if not name.exists())


def _check(database: sqlite3.Connection, file: Path) -> None:
    """Raises BackupError for a file that is damaged."""
    try:
        said = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
        loose = database.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file} is damaged ({error}): take an older backup") from error
    if said != ["ok"] or loose:
        raise BackupError(f"{file} is damaged ({said[0]}): take an older backup")


def _asking(database: sqlite3.Connection) -> Callable[[str], Awaitable[Rows]]:
    async def ask(query: str) -> Rows:
        return database.execute(query).fetchall()

    return ask


def _remove(path: Path) -> None:
    for ending in ("", *BESIDE):
        Path(f"{path}{ending}").unlink(missing_ok=True)
