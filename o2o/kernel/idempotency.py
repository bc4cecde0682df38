"""Writes that are not the line's: done once under their operation id, and answered alike ever after (24 h)."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.database import connection, transaction
from o2o.kernel.errors import DomainError, IdempotencyKeyReusedError
from o2o.kernel.http import Operation
from o2o.kernel.i18n import _
from o2o.kernel.models import Idempotency
from o2o.kernel.sharing import Shared
from o2o.kernel.statements import answers_of

KEPT: Final = timedelta(hours=24)

Row = Mapping[str, Any]


class Answer(msgspec.Struct, frozen=True):
    """What was answered: a status and JSON."""

    status: int
    body: bytes


async def once(
    operation: Operation, clock: Clock, work: Callable[[BaseDBAsyncClient], Awaitable[Any]], status: int = 200
) -> Answer:
    """Run `work(connection)` and store what it returns, in one transaction; or give the answer stored before.

    A refusal that `work` raises undoes the transaction and stores nothing: the next attempt is judged anew. Of two
    attempts at once one does the work, the other answers as it did. Raises IdempotencyKeyReusedError.
    """

    async def run(client: BaseDBAsyncClient) -> Answer:
        if stored := await answered(operation, clock):
            return stored
        # One that is too old, and not swept yet; never one that another attempt has stored since we looked.
        await Idempotency.filter(op=operation.id, created_at__lt=_oldest(clock)).delete()
        answer = Answer(status, msgspec.json.encode(await work(client)))
        await Idempotency.create(
            op=operation.id,
            body=operation.body,
            status=answer.status,
            answer=answer.body.decode(),
            created_at=to_ms(clock()),
        )
        return answer

    try:
        return await transaction(run)
    except (IntegrityError, DomainError):
        # PostgreSQL lets both attempts work. The one that comes second is undone whole: its row is there already, or
        # what it was to do has been done and is refused. If nothing is stored, the failure is the work's own.
        if stored := await answered(operation, clock):
            return stored
        raise


async def forget(client: BaseDBAsyncClient, operation: Operation) -> None:
    """What was stored turned out not to be so, before anybody was answered: the key may be used again."""
    await Idempotency.filter(op=operation.id).using_db(client).delete()


async def sweep(clock: Clock) -> int:
    """Forget answers older than 24 h; how many."""
    return await Idempotency.filter(created_at__lt=_oldest(clock)).delete()


async def answered(operation: Operation, clock: Clock) -> Answer | None:
    """What was answered before, if it was. Raises IdempotencyKeyReusedError."""
    return _as_stored((await _stored([operation.id], clock)).get(operation.id), operation)


async def those_answered(ops: Collection[str], clock: Clock) -> Collection[str]:
    """Which of these operations were answered before."""
    return (await _stored(ops, clock)).keys()


class Answers:
    """As `answered`, with one reading for all who ask at the same time; not for use within a transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._read = Shared(self._read_rows)

    async def get(self, operation: Operation) -> Answer | None:
        """Raises IdempotencyKeyReusedError."""
        (row,) = await self._read.get((operation.id,))
        return _as_stored(row, operation)

    async def _read_rows(self, ops: Collection[str]) -> Mapping[str, Row | None]:
        return {**dict.fromkeys(ops), **await _stored(ops, self._clock)}


async def _stored(ops: Collection[str], clock: Clock) -> Mapping[str, Row]:
    rows = await answers_of(connection(), list(ops), _oldest(clock))
    return {row["op"]: row for row in rows}


def _as_stored(row: Row | None, operation: Operation) -> Answer | None:
    if row is None:
        return None
    if row["body"] != operation.body:
        raise IdempotencyKeyReusedError(_("This Idempotency-Key was used for another request."))
    return Answer(row["status"], row["answer"].encode())


def _oldest(clock: Clock) -> int:
    return to_ms(clock() - KEPT)
