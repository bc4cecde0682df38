"""A whole commit as one statement of SQLite: its rows go into a view, whose triggers write them where they belong.

The view and its triggers are temporary: each connection makes its own when it first needs them.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from o2o.kernel.sqlite import ImmediateSqliteClient
from o2o.kernel.statements import PARAMETERS, Fence, Rows, Target, quoted, values_marked

FENCED: Final = "fenced"
FENCE: Final = 0  # The first column says what a row is: a fence, or a row of the first table, the second, ...
WIDTH_OF_A_FENCE: Final = 2

Targets = tuple[Target, ...]


async def write_with_triggers(client: ImmediateSqliteClient, fences: Sequence[Fence], rows: Sequence[Rows]) -> bool:
    """As `write_in_one_step`."""
    targets = tuple(some.target for some in rows)
    values = list(_flat(fences, rows, _width(targets)))
    if len(values) > PARAMETERS:
        return False
    count = len(fences) + sum(len(some.values) for some in rows)
    marks = values_marked(count, 1 + _width(targets), numbered=False)
    statement = f"INSERT INTO {_view(targets)} VALUES {marks}"  # noqa: S608 - names of our own, and marks
    return await client.aside(lambda connection: _write(connection, targets, statement, values))


def _write(connection: sqlite3.Connection, targets: Targets, statement: str, values: list[Any]) -> bool:
    try:
        _insert(connection, targets, statement, values)
    except sqlite3.IntegrityError as error:
        if str(error) != FENCED:
            raise
        return False
    return True


def _insert(connection: sqlite3.Connection, targets: Targets, statement: str, values: list[Any]) -> None:
    try:
        connection.execute(statement, values)
    except sqlite3.OperationalError as error:
        if str(error) != f"no such table: {_view(targets)}":
            raise
        _make(connection, targets)
        connection.execute(statement, values)


def _make(connection: sqlite3.Connection, targets: Targets) -> None:
    """All or nothing: a view that lacks a trigger would refuse every commit of this connection."""
    connection.execute("BEGIN")
    try:
        for making in _making(targets):
            connection.execute(making)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _making(targets: Targets) -> Iterator[str]:
    view, columns = _view(targets), [f"c{n}" for n in range(_width(targets))]
    yield f"CREATE TEMP VIEW {view} AS SELECT NULL AS kind, {', '.join(f'NULL AS {name}' for name in columns)}"
    missing = "NOT EXISTS (SELECT 1 FROM fences WHERE tag = new.c0 AND epoch = new.c1)"
    yield _trigger(view, FENCE, f"SELECT RAISE(ABORT, '{FENCED}') WHERE {missing}")
    for kind, (table, names, tail) in enumerate(targets, FENCE + 1):
        new = ", ".join(f"new.{column}" for column in columns[: len(names)])
        insert = f"INSERT INTO {table} ({quoted(names)}) VALUES ({new}){tail}"  # noqa: S608 - names of our own
        yield _trigger(view, kind, insert)


def _trigger(view: str, kind: int, act: str) -> str:
    return f"CREATE TEMP TRIGGER {view}_{kind} INSTEAD OF INSERT ON {view} WHEN new.kind = {kind} BEGIN {act}; END"


def _flat(fences: Sequence[Fence], rows: Sequence[Rows], width: int) -> Iterator[Any]:
    """All values, row after row, each filled up to the same width. The fences come first, and are looked at first."""
    for fence in fences:
        yield FENCE
        yield from fence
        yield from (None,) * (width - len(fence))
    for kind, (target, some) in enumerate(rows, FENCE + 1):
        missing = (None,) * (width - len(target.columns))
        for row in some:
            yield kind
            yield from row
            yield from missing


@lru_cache
def _view(targets: Targets) -> str:
    return "_".join(("ledger", *(target.table for target in targets)))


@lru_cache
def _width(targets: Targets) -> int:
    return max((WIDTH_OF_A_FENCE, *(len(target.columns) for target in targets)))
