"""What a database has to be able to do for backups; SQLite and PostgreSQL each do it in their own way."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path

from o2o.backups.contents import Contents
from o2o.kernel.clock import from_ms


class Engine(ABC):
    suffix: str
    magic: bytes
    """How a backup file begins."""
    place: str
    """Where the database is, as people may read it: without a password."""

    def missing(self) -> str | None:
        """Where no database is, as a sentence's beginning; a server says so itself."""
        return None

    @abstractmethod
    async def dump(self, file: Path) -> None:
        """Write a consistent copy to a new file, whoever works meanwhile. Raises BackupError."""

    @abstractmethod
    async def read(self, file: Path) -> Contents:
        """Read a backup from end to end, and say what is in it. Raises BackupError when it is damaged."""

    @abstractmethod
    async def live(self) -> Contents | None:
        """What the database itself holds now; None when it can't be read."""

    @abstractmethod
    async def who_is_connected(self) -> str | None:
        """Who else has the database open, as a sentence's beginning; None when nobody has."""

    @abstractmethod
    async def restore(self, file: Path, above: int, finish: Callable[[str], Awaitable[None]], now: int) -> str:
        """Put the backup in the database's place, every fence at `above` or higher before anybody can see it.

        `finish(url)` completes the restored database. Returns what became of the old one, or nothing.
        Raises BackupError; then the old one is as it was.
        """


def stamp(ms: int) -> str:
    """20261122T174207Z."""
    return f"{from_ms(ms):%Y%m%dT%H%M%SZ}"


def kept_name(name: str, now: int) -> str:
    return f"{name}.before-{stamp(now)}"
