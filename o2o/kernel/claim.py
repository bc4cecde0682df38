"""Whose data folder it is: the process that runs the embedded Redis in it. Two would end each other's epochs for ever.

The lock is the kernel's, so that it ends with the process however that ends; the file says where its Redis listens.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

FILE: Final = "embedded-redis"
TRIES: Final = 20
PAUSE_S: Final = 0.1  # Who goes takes a moment, and who only asks holds the lock for one.


class FolderInUseError(RuntimeError):
    """Another process serves from this data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"another o2o serves from {folder}: stop it, give this one another O2O_DATA_DIR, "
            "or let both share one Redis with O2O_REDIS_URL"
        )


@asynccontextmanager
async def claimed(folder: Path, url: str) -> AsyncIterator[None]:
    """The folder is this process's while the block runs, and `embedded_url` tells others `url`.

    Raises FolderInUseError.
    """
    with (folder / FILE).open("a+") as file:
        for left in reversed(range(TRIES)):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not left:
                    raise FolderInUseError(folder) from error
                await asyncio.sleep(PAUSE_S)
        file.truncate(0)
        file.write(url)
        file.flush()
        yield


def embedded_url(folder: Path) -> str | None:
    """Where the embedded Redis of a service that runs in this folder listens; None when none does."""
    try:
        with (folder / FILE).open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read() or None
    except OSError:
        pass
    return None
