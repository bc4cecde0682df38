"""Whose turn it is to write to an SQLite file, among the processes that share it.

SQLite itself looks only now and then, up to 100 ms apart, whether the file is free. A process that commits batch after
batch lets it go for less: another one wrote 5 times in 12 s beside its 2,323, and was refused twice
(docs/decisions/0076). Here whoever waits is next.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep
from typing import Final

PATIENCE_S: Final = 5.0
AGAIN_S: Final = 0.0005
rest: Final = partial(sleep, AGAIN_S)


class Turns:
    """Two locks in files beside the database: `-writing`, and `-next` of the one who waits for it.

    The kernel gives back what a dead process had. `rest` is what is done between two looks.
    """

    def __init__(self, database: str, rest: Callable[[], object] = rest) -> None:
        self._database = database
        self._rest = rest
        self._files: dict[str, int] = {}

    def take(self) -> None:
        """Wait, in this thread, until nobody else writes. Raises sqlite3.OperationalError, as SQLite itself does."""
        until = monotonic() + PATIENCE_S
        self._stand_next(until)
        try:
            self._lock("writing", until)
        finally:
            self._let_go("next")

    def give_back(self) -> None:
        self._let_go("writing")

    def close(self) -> None:
        for file in self._files.values():
            os.close(file)
        self._files.clear()

    def _stand_next(self, until: float) -> None:
        self._lock("next", until)

    def _let_go(self, name: str) -> None:
        if name in self._files:
            fcntl.flock(self._files[name], fcntl.LOCK_UN)

    def _opened(self, name: str) -> int:
        if name not in self._files:
            try:
                # Read-only is enough for a lock, and whoever made the file may be somebody else.
                self._files[name] = os.open(f"{self._database}-{name}", os.O_RDONLY | os.O_CREAT, 0o644)
            except OSError as error:
                raise sqlite3.OperationalError(str(error)) from error
        return self._files[name]

    def _lock(self, name: str, until: float) -> None:
        file = self._opened(name)
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if monotonic() > until:
                    raise sqlite3.OperationalError("database is locked") from None
            else:
                return
            self._rest()
