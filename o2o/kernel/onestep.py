"""A whole commit as one statement: the fences checked, the events appended, the rows upserted.

With PostgreSQL a transaction of four statements is six ways there and back, each with its share of the serving thread.
With SQLite (`o2o.kernel.onestep_sqlite`) its thread lets go of Python's lock, and waits for it, five times a statement.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from o2o.kernel.database import connection, kept
from o2o.kernel.onestep_sqlite import write_with_triggers
from o2o.kernel.sqlite import ImmediateSqliteClient
from o2o.kernel.statements import Fence, Rows, Target, quoted


async def write_in_one_step(fences: Sequence[Fence], rows: Sequence[Rows]) -> bool:
    """Write all rows if each of `fences` holds; False, and nothing written, when one does not.

    Also when SQLite can't take so many in one statement.

    Raises IntegrityError where a row contradicts what is there, and whatever else SQL says; then nothing is written, or
    nobody knows.
    """
    client = connection()
    if isinstance(client, ImmediateSqliteClient):
        return await kept(write_with_triggers(client, fences, rows))
    tags, epochs = [tag for tag, _epoch in fences], [epoch for _tag, epoch in fences]
    values = [_as_json(some) for some in rows]
    statement = statement_of(tuple(some.target for some in rows))
    (told,) = await kept(client.execute_query_dict(statement, [tags, epochs, *values]))
    return bool(told["hold"])


@lru_cache
def statement_of(targets: tuple[Target, ...]) -> str:
    """The statement for rows of these tables; its text, and so its plan, is the same however many they are.

    The fences are locked and known before the first row is written: whether there are rows depends on them.
    """
    wanted = "unnest($1::text[], $2::bigint[]) AS wanted (tag, epoch)"
    parts = [
        "locked AS (SELECT tag, epoch FROM fences WHERE tag = ANY($1::text[]) ORDER BY tag FOR SHARE)",
        f"held AS (SELECT count(*) = cardinality($1) AS hold FROM locked JOIN {wanted} USING (tag, epoch))",
    ]
    for n, (table, columns, tail) in enumerate(targets, 3):
        names = quoted(columns)
        source = f"json_populate_recordset(NULL::{table}, ${n}::text::json) WHERE (SELECT hold FROM held)"
        parts.append(f"into_{table} AS (INSERT INTO {table} ({names}) SELECT {names} FROM {source}{tail})")
    return f"WITH {', '.join(parts)} SELECT hold FROM held"


def _as_json(rows: Rows) -> str:
    columns = rows.target.columns
    return msgspec.json.encode([dict(zip(columns, row, strict=True)) for row in rows.values]).decode()
