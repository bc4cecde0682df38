"""The ledger's SQL, for SQLite and PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from string import Formatter
from typing import Any, Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.database import is_postgres
from o2o.kernel.journal import Entry

PARAMETERS: Final = 30_000  # A statement may carry 32,766 in SQLite, 32,767 in PostgreSQL.
EVENT_COLUMNS: Final = (
    "tag", "epoch", "version", "op", "ordinal", "name", "at", "actor", "reason", "ticket", "counter", "source",
    "target", "body", "data",
)  # fmt: skip

Change = tuple[str, Entry, bytes]
Statement = tuple[str, list[Any]]
"""A statement and its values."""
Fence = tuple[str, int]
"""A tag, and the epoch that is to be in force there."""
Version = tuple[int, int]
"""An epoch, and the last version that was committed in it or before it."""


@dataclass(frozen=True, slots=True)
class Table:
    """How rows reach one table: upserted by `key` where `version` is higher, or inserted once when not `versioned`.

    Where rows can change hands, versions count only within one `owner` (a column): a new owner's row replaces the old.
    An `erased` table's rows are taken out one day, so that the event, which never is, does not keep them.
    """

    name: str
    key: str
    columns: tuple[str, ...]
    versioned: bool = True
    owner: str | None = None
    erased: bool = False


class Target(NamedTuple):
    """Where rows go: a table, its columns, and what becomes of one that is there (the statement's end)."""

    table: str
    columns: tuple[str, ...]
    tail: str


class Rows(NamedTuple):
    """Rows for one table, their values in the order of its columns."""

    target: Target
    values: Sequence[Sequence[Any]]


async def lock_fences(client: BaseDBAsyncClient, tags: Sequence[str], *, alone: bool) -> dict[str, int]:
    """Each tag's epoch in force, locked against a rebuild until the transaction ends; `alone`, against every commit."""
    lock = f" ORDER BY tag FOR {'UPDATE' if alone else 'SHARE'}" if is_postgres(client) else ""
    marks = _marks(client, len(tags))
    rows = await client.execute_query_dict(f"SELECT tag, epoch FROM fences WHERE tag IN {marks}{lock}", list(tags))
    return {row["tag"]: row["epoch"] for row in rows}


async def epochs(client: BaseDBAsyncClient, tags: Sequence[str]) -> dict[str, int]:
    """Each tag's epoch in force, not locked."""
    statement = f"SELECT tag, epoch FROM fences WHERE tag IN {_marks(client, len(tags))}"
    return {row["tag"]: row["epoch"] for row in await client.execute_query_dict(statement, list(tags))}


async def last_versions(client: BaseDBAsyncClient, tags: Sequence[str]) -> dict[str, Version]:
    """Which state of each tag SQL has. Every committed change raises it."""
    rows = await client.execute_query_dict(
        f"""
        SELECT tag, epoch, (
            SELECT version FROM events WHERE events.tag = fences.tag ORDER BY epoch DESC, version DESC LIMIT 1
        ) AS version
        FROM fences WHERE tag IN {_marks(client, len(tags))}
        """,
        list(tags),
    )
    return {row["tag"]: (row["epoch"], row["version"] or 0) for row in rows}


async def make_fence(client: BaseDBAsyncClient, tag: str) -> None:
    """A fence of epoch 1 for a new tag; where somebody else is making it, wait until theirs is there."""
    statement = f"INSERT INTO fences (tag, epoch) VALUES ({_mark(client, 1)}, 1) ON CONFLICT (tag) DO NOTHING"
    await client.execute_query(statement, [tag])


async def probe(client: BaseDBAsyncClient) -> None:
    """Write something, to a fence that is nobody's: with a full disk SQL answers whoever only asks."""
    step = "ON CONFLICT (tag) DO UPDATE SET epoch = fences.epoch + 1"
    await client.execute_query(f"INSERT INTO fences (tag, epoch) VALUES ('probe', 1) {step}")


async def lock_fence(client: BaseDBAsyncClient, tag: str) -> int:
    """The tag's epoch, locked for update. A tag without a fence row is a mistake of the caller's: LookupError."""
    lock = " FOR UPDATE" if is_postgres(client) else ""
    rows = await client.execute_query_dict(f"SELECT epoch FROM fences WHERE tag = {_mark(client, 1)}{lock}", [tag])
    if not rows:
        message = f"no fence for {tag}"
        raise LookupError(message)
    return int(rows[0]["epoch"])


async def set_fence(client: BaseDBAsyncClient, tag: str, epoch: int) -> None:
    statement = f"UPDATE fences SET epoch = {_mark(client, 1)} WHERE tag = {_mark(client, 2)}"
    await client.execute_query(statement, [epoch, tag])


def raised_fences(above: int) -> str:
    """The statement that ends every epoch, also those that SQL has forgotten: each fence is `above` or higher."""
    return f"UPDATE fences SET epoch = CASE WHEN epoch < {above} THEN {above} ELSE epoch + 1 END"


async def without_the_committed(client: BaseDBAsyncClient, changes: Sequence[Change]) -> list[Change]:
    """The changes that SQL has not got with the same operation id, epoch and version."""
    there: set[tuple[str, int, int, int]] = set()
    for some in _chunks([entry.op for _, entry, _ in changes], 1):
        marks = _marks(client, len(some))
        statement = f"SELECT op, ordinal, epoch, version FROM events WHERE op IN {marks}"
        rows = await client.execute_query_dict(statement, list(some))
        there |= {(row["op"], row["ordinal"], row["epoch"], row["version"]) for row in rows}
    return [c for c in changes if (c[1].op, c[1].ordinal, c[1].epoch, c[1].version) not in there]


def events_inserted(changes: Sequence[Change]) -> Rows:
    return Rows(Target("events", EVENT_COLUMNS, ""), [_event(*change) for change in changes])


def upserted(table: Table, rows: Sequence[dict[str, Any]]) -> Rows:
    """The rows, each once: a row is only replaced by one with a higher version."""
    values = [[row.get(column) for column in table.columns] for row in rows]
    return Rows(Target(table.name, table.columns, _replacing(table)), values)


@lru_cache
def _replacing(table: Table) -> str:
    if not table.versioned:
        return f' ON CONFLICT ("{table.key}") DO NOTHING'
    sets = ", ".join(f'"{c}" = excluded."{c}"' for c in table.columns if c != table.key)
    newer = f"excluded.version > {table.name}.version"
    if table.owner:
        newer += f" OR excluded.{table.owner} <> {table.name}.{table.owner}"
    return f' ON CONFLICT ("{table.key}") DO UPDATE SET {sets} WHERE {newer}'


async def add_up(
    client: BaseDBAsyncClient, table: str, key: tuple[str, ...], columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
) -> None:
    """Add each row's `count` to the row that has the same `key`, or begin one."""
    names = ", ".join(f'"{column}"' for column in key)
    tail = f' ON CONFLICT ({names}) DO UPDATE SET "count" = {table}."count" + excluded."count"'
    for statement, values in inserted(Rows(Target(table, columns, tail), rows), numbered=is_postgres(client)):
        await client.execute_query(statement, values)


async def move_rows(
    client: BaseDBAsyncClient, tables: tuple[str, str], columns: Sequence[str], ids: Sequence[Any]
) -> None:
    """Rows from the first table into the second, which has the same columns; who reads meanwhile finds them in one."""
    source, target = tables
    names = ", ".join(f'"{column}"' for column in columns)
    for some in _chunks(ids, 1):
        chosen = f"FROM {source} WHERE id IN {_marks(client, len(some))}"
        copied = f"INSERT INTO {target} ({names}) SELECT {names} {chosen} ON CONFLICT (id) DO NOTHING"
        await client.execute_query(copied, list(some))
        await client.execute_query(f"DELETE {chosen}", list(some))


async def event_of(client: BaseDBAsyncClient, op: str) -> bytes | None:
    statement = f"SELECT data FROM events WHERE op = {_mark(client, 1)} ORDER BY ordinal DESC LIMIT 1"
    rows = await client.execute_query_dict(statement, [op])
    return str(rows[0]["data"]).encode() if rows else None


async def answers_of(client: BaseDBAsyncClient, ops: Sequence[str], since: int) -> list[Mapping[str, Any]]:
    """The stored answers of these operations that are no older than `since` (ms)."""
    found: list[Mapping[str, Any]] = []
    for some in _chunks(ops, 1):
        statement = (
            f"SELECT op, body, status, answer, created_at FROM idempotency WHERE op IN {_marks(client, len(some))}"
        )
        rows = await client.execute_query_dict(statement, list(some))
        found += [row for row in rows if row["created_at"] >= since]
    return found


def _event(tag: str, entry: Entry, raw: bytes) -> list[Any]:
    return [
        tag, entry.epoch, entry.version, entry.op, entry.ordinal, entry.name, entry.at, entry.actor, entry.reason,
        entry.subject, entry.counter, entry.source, entry.target, entry.body, raw.decode(),
    ]  # fmt: skip


def inserted(rows: Rows, *, numbered: bool) -> Iterator[Statement]:
    """Statements of many rows each, as few as may be."""
    table, columns, tail = rows.target
    names = quoted(columns)
    for some in _chunks(rows.values, len(columns)):
        marks = values_marked(len(some), len(columns), numbered=numbered)
        yield f"INSERT INTO {table} ({names}) VALUES {marks}{tail}", [value for row in some for value in row]


def quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _chunks(rows: Sequence[Any], width: int) -> Iterator[Sequence[Any]]:
    size = PARAMETERS // width
    return (rows[start : start + size] for start in range(0, len(rows), size))


@lru_cache(maxsize=1024)
def values_marked(rows: int, width: int, *, numbered: bool) -> str:
    """The marks of a multi-row statement; remembered, since batches of the same size come again and again."""
    marks = (f"${n}" if numbered else "?" for n in range(1, rows * width + 1))
    return ", ".join(f"({', '.join(islice(marks, width))})" for _row in range(rows))


def _marks(client: BaseDBAsyncClient, count: int) -> str:
    return values_marked(1, count, numbered=is_postgres(client))


def _mark(client: BaseDBAsyncClient, n: int) -> str:
    return f"${n}" if is_postgres(client) else "?"


async def insert_new(client: BaseDBAsyncClient, table: str, key: Sequence[str], row: Mapping[str, Any]) -> bool:
    """Insert the row unless one with the same `key` is there; whether it was inserted."""
    columns, names = ", ".join(row), ", ".join(key)
    statement = (
        f"INSERT INTO {table} ({columns}) VALUES {_marks(client, len(row))} "
        f"ON CONFLICT ({names}) DO NOTHING RETURNING {key[0]}"
    )
    return bool(await client.execute_query_dict(statement, list(row.values())))


def marks(client: BaseDBAsyncClient, statement: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """A statement with `{name}` where a value belongs, in the database's own writing, and the values in that order."""
    if is_postgres(client):
        numbers = {name: f"${n}" for n, name in enumerate(values, 1)}
        return statement.format_map(numbers), list(values.values())
    names = [name for _text, name, _format, _conversion in Formatter().parse(statement) if name]
    return statement.format_map(dict.fromkeys(values, "?")), [values[name] for name in names]
