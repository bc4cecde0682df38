"""The ledger: the one place that writes live state to SQL.

It gathers what is waiting, writes one transaction with multi-row statements, and wakes every waiter. A commit carries
every earlier change of its epoch that the caller does not know as committed, so that SQL always holds a *prefix* of the
epoch's history; the fence refuses changes of an ended epoch (docs/architecture.md; the rules are in tests/model).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, TypeVar

import msgspec
from prometheus_client import Histogram
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError, OperationalError

from o2o.kernel import statements
from o2o.kernel.database import at_once, connection, is_postgres, transaction
from o2o.kernel.errors import UnavailableError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Entry
from o2o.kernel.onestep import write_in_one_step
from o2o.kernel.statements import Change, Rows, Statement, Table

S = TypeVar("S")

PROBE_S: Final = 1.0  # While SQL is away, one command a second finds out whether it is back.

log = logging.getLogger(__name__)
changes_per_commit = Histogram(
    "o2o_ledger_changes", "Changes in one SQL transaction", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)


class FencedError(Exception):
    """The fence of this tag has another epoch, `epoch`: the change's own has ended."""

    def __init__(self, epoch: int) -> None:
        super().__init__(f"the epoch in force is {epoch}")
        self.epoch = epoch


class RefusedError(Exception):
    """SQL holds what contradicts the change (an operation id, a version, a number), or can't hold its values."""


class OvertakenError(Exception):
    """What had to be written before this change could not be."""


@dataclass(slots=True)
class Share:
    """One tag's part of a commit. `done` tells when it is in SQL, or why not; it is written only `after` that one."""

    tag: str
    epoch: int
    entries: Sequence[tuple[Entry, bytes]]
    after: "Share | None" = None
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Ledger:
    """Group commit for all tags of one process. `tables` says how the rows of an entry are upserted."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        self._waiting: list[Share] = []
        self._drainer: asyncio.Task[None] | None = None
        self._away_since: float | None = None

    def put(self, tag: str, epoch: int, entries: Sequence[tuple[Entry, bytes]], after: Share | None = None) -> Share:
        """Have `entries` written if the tag's fence is `epoch` then; without entries only the fence is checked.

        Its `done` raises FencedError, RefusedError, OvertakenError when `after` was not written, or UnavailableError:
        unknown.
        """
        share = Share(tag, epoch, entries, after)
        self._waiting.append(share)
        if self._drainer is None:
            self._drainer = asyncio.create_task(self._drain())
        return share

    async def commit(self, tag: str, epoch: int, entries: Sequence[tuple[Entry, bytes]]) -> None:
        """Return once `entries` are in SQL and the fence was `epoch` when they were written; raises as `put` tells."""
        await self.put(tag, epoch, entries).done

    async def ensure_up(self) -> None:
        """Raise UnavailableError while SQL is away, so that no command reaches Redis that can't be committed."""
        if self._away_since is None:
            return
        if time.monotonic() - self._away_since < PROBE_S:
            raise _away()
        if not await self._answers():
            raise _away()

    async def end_epoch(
        self, tag: str, failed: int, read: Callable[[BaseDBAsyncClient], Awaitable[S]]
    ) -> tuple[int, S | None]:
        """Rule 4: begin a new epoch and read what Redis is rebuilt from, or take the epoch that another began.

        Returns (epoch in force, what `read` gave, None when the epoch is already another than `failed`).
        """

        async def work(client: BaseDBAsyncClient) -> tuple[int, S | None]:
            epoch = await statements.lock_fence(client, tag)
            if epoch > failed:
                return epoch, None
            await statements.set_fence(client, tag, epoch + 1)
            return epoch + 1, await read(client)

        try:
            return await transaction(work)
        except Exception as error:
            log.exception("epoch_not_ended", extra={"tag": tag, "epoch": failed})
            await self._answers()
            raise _away() from error

    async def close(self) -> None:
        """Let what is waiting be written."""
        if self._drainer is not None:
            await self._drainer

    async def _drain(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                if in_turn := [share for share in group if _is_in_turn(share)]:
                    await self._settle(in_turn)
        finally:
            self._drainer = None

    async def _settle(self, group: list[Share]) -> None:
        try:
            await self._write(group, carried=False)
        except Exception as error:  # noqa: BLE001 - whatever SQL said, each tag hears of its own part alone
            log.info("ledger_retries_tag_by_tag", extra={"tags": len(group), "error": repr(error)})
            for share in group:
                if self._away_since is not None:
                    _tell(share, _away(), error)
                elif _is_in_turn(share):
                    await self._settle_alone(share)

    async def _settle_alone(self, share: Share) -> None:
        try:
            await self._write([share], carried=True)
        except IntegrityError as error:
            _tell(share, RefusedError(str(error)))
        except Exception as error:
            log.exception("commit_failed", extra={"tag": share.tag})
            # Not a lock nor a lost table, and SQL is there: it would refuse the change for ever, and all after it.
            lasts = await self._answers() and not isinstance(error, OperationalError)
            _tell(share, RefusedError(str(error)) if lasts else _away(), error)

    async def _answers(self) -> bool:
        """Whether SQL takes what is written; while it does not, commands are refused before Redis hears of them."""
        self._away_since = time.monotonic()
        try:
            await transaction(statements.probe)
        except Exception as error:  # noqa: BLE001 - whatever is wrong, SQL is away
            log.warning("sql_is_away", extra={"error": repr(error)})
            return False
        self._away_since = None
        return True

    async def _write(self, group: list[Share], *, carried: bool) -> None:
        """Write the group in one transaction. `carried`: some entries may be there already, and are skipped.

        Then nobody else commits for these tags meanwhile: two who carry the same entries would see neither's, and SQL
        would refuse the second.
        """
        if any(share.entries for share in group):
            fences = await self._written(group, carried=carried)
        else:  # Nothing is written: it is enough that the fence stood after the refusals were decided.
            fences = await statements.epochs(connection(), sorted({share.tag for share in group}))
        self._away_since = None
        if written := sum(len(share.entries) for share in group if fences.get(share.tag) == share.epoch):
            changes_per_commit.observe(written)
        for share in group:
            epoch = fences.get(share.tag, 0)
            _tell(share, None if epoch == share.epoch else FencedError(epoch))

    async def _written(self, group: list[Share], *, carried: bool) -> dict[str, int]:
        """Write what the group has of epochs that are in force; give the epoch of each tag's fence at that moment."""
        rows = None if carried else self._rows(_changes(group))
        if rows and await write_in_one_step(_held(group), rows):
            return dict(_held(group))
        prepared = None if rows is None else _statements(rows)  # Here, where nobody waits for SQLite's thread.
        return await at_once(lambda client: self._insert(client, group, prepared))

    async def _insert(
        self, client: BaseDBAsyncClient, group: list[Share], prepared: list[Statement] | None
    ) -> dict[str, int]:
        fences = await statements.lock_fences(client, sorted({share.tag for share in group}), alone=prepared is None)
        good = [share for share in group if fences.get(share.tag) == share.epoch]
        if prepared is None:
            changes = await statements.without_the_committed(client, _changes(good))
            prepared = _statements(self._rows(changes))
        elif len(good) < len(group):
            prepared = _statements(self._rows(_changes(good)))
        for statement, values in prepared:
            await client.execute_query(statement, values)
        return fences

    def _rows(self, changes: list[Change]) -> list[Rows]:
        """What the changes write: their events, then each row as the last of them left it."""
        if not changes:
            return []
        latest: dict[str, dict[Any, dict[str, Any]]] = {name: {} for name in self._tables}
        for _tag, entry, _raw in changes:
            for name, row in entry.rows.items():
                latest[name][row[self._tables[name].key]] = row
        upserts = (
            statements.upserted(self._tables[name], [rows[key] for key in sorted(rows)])
            for name, rows in latest.items()
            if rows
        )
        return [statements.events_inserted([self._lasting(*change) for change in changes]), *upserts]

    def _lasting(self, tag: str, entry: Entry, raw: bytes) -> Change:
        """The change as its event keeps it: contacts are erased one day, events never are."""
        rows = {name: row for name, row in entry.rows.items() if not self._tables[name].erased}
        if len(rows) == len(entry.rows):
            return tag, entry, raw
        return tag, entry, msgspec.json.encode(msgspec.structs.replace(entry, rows=rows))


async def stored_event(op: str) -> bytes | None:
    """The last committed entry of an operation (JSON), or None when SQL does not know it."""
    return await statements.event_of(connection(), op)


def _changes(group: list[Share]) -> list[Change]:
    """In one order in every process: two that carry the same entries must not wait for each other's rows."""
    return [(share.tag, *entry) for share in sorted(group, key=lambda share: share.tag) for entry in share.entries]


def _held(group: list[Share]) -> list[tuple[str, int]]:
    """What each tag's fence is to be; of two epochs of one tag only one can be in force."""
    return sorted({(share.tag, share.epoch) for share in group})


def _statements(rows: list[Rows]) -> list[Statement]:
    numbered = is_postgres(connection())
    return list(chain.from_iterable(statements.inserted(some, numbered=numbered) for some in rows))


def _is_in_turn(share: Share) -> bool:
    """Whether what comes before it is written, or will be with it; otherwise it is told so."""
    before = share.after.done if share.after else None
    if before is None or not before.done() or not (before.cancelled() or before.exception()):
        return True
    _tell(share, OvertakenError())
    return False


def _tell(share: Share, error: Exception | None, cause: BaseException | None = None) -> None:
    if share.done.done():
        return
    share.after = None  # Or every share would keep all before it.
    if error is None:
        share.done.set_result(None)
    else:
        error.__cause__ = cause
        share.done.set_exception(error)


def _away() -> UnavailableError:
    return UnavailableError(
        _("The service can't answer just now. Please try again in a moment: it counts only once."), retry_after=2
    )
