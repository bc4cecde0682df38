"""What SQL itself holds, where the run's own service keeps it in a file: the last word of the comparison."""

import sqlite3
from contextlib import closing
from pathlib import Path


def read_record(folder: Path) -> dict[str, tuple[str, str]] | None:
    """Give each ticket's number and state from the SQLite file under `folder`; None when there is no such file."""
    files = sorted(folder.rglob("o2o.db"))
    if not files:
        return None
    with closing(sqlite3.connect(f"{files[0].as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT id, number, state FROM tickets").fetchall()
    return {ticket: (number, state) for ticket, number, state in rows}
