"""The SQL half of the model: one transaction that commits a bundle of changes, and a rebuild's."""

from collections.abc import Iterator
from typing import Any

from tests.model.rules import Rules
from tests.model.state import Change, Event, Phase, Row, Server, Sql, State, StoredRow


class Record:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def fenced(self, sql: Sql, epoch: int, bundle: tuple[Change, ...]) -> bool:
        """Say whether the fence refuses this bundle of a process that knows `epoch`."""
        if not self.rules.fence:
            return False
        return any(change.epoch != sql.fence for change in bundle) or (not bundle and epoch != sql.fence)

    def insert(self, sql: Sql, bundle: tuple[Change, ...], restamp: int | None = None) -> tuple[Sql, str | None]:
        """Commit a bundle in one transaction. Return SQL as it then is, and what refused it or None."""
        rows, events = list(sql.rows), list(sql.events)
        for change in bundle:
            refused = self._insert_one(rows, events, change._replace(epoch=restamp or change.epoch))
            if refused:
                return sql, refused
        return Sql(sql.fence, tuple(sorted(rows, key=lambda row: row[1:])), tuple(sorted(events))), None

    def _insert_one(self, rows: list[StoredRow], events: list[Event], change: Change) -> str | None:
        same = [event for event in events if event.op == change.op]
        if same and self.rules.idempotent_commit and same[0][1:3] == change[1:3]:
            return None
        if same and self.rules.unique_event:
            return "operation"
        if self.rules.unique_version and any(event[1:3] == change[1:3] for event in events):
            return "version"
        if change.row:
            refused = self._upsert(rows, change)
            if refused:
                return refused
        events.append(Event(change.op, change.epoch, change.version, change.answer))
        return None

    def _upsert(self, rows: list[StoredRow], change: Change) -> str | None:
        row = change.row
        assert row is not None
        stored = next((kept for kept in rows if kept.ticket == row.ticket), None)
        if stored is None:
            if self.rules.unique_number and any(kept.number == row.number for kept in rows):
                return "number"
            if self.rules.unique_maker and any(kept.maker == row.maker for kept in rows):
                return "maker"
        elif self.rules.version_guard and stored.version >= change.version:
            return None
        else:
            rows.remove(stored)
        rows.append(StoredRow(*row, change.epoch, change.version))
        return None

    def stored_answer(self, sql: Sql, op: str) -> Any:
        """Return what SQL knows of an operation's outcome, or None."""
        for event in sql.events:
            if event.op == op:
                return event.answer
        return next((("ticket", row.ticket, row.number) for row in sql.rows if row.maker == op), None)

    def load_phase(self, sql: Sql, seen: Sql, phase: Phase) -> Phase:
        """Return the phase that loads Redis from `seen`, the rows that the rebuild's transaction read."""
        numbers = [row.number for row in seen.rows if self.rules.numbers_of_all_rows or row.status != "done"]
        base = max([row.version for row in seen.rows] + [event.version for event in seen.events], default=0)
        rows = tuple(Row(*row[:5]) for row in seen.rows)
        loaded = seen.events if self.rules.load_operations else ()
        _, op, identity, *_ = phase
        return ("load", op, identity, sql.fence + 1, rows, max(numbers, default=0) + 1, loaded, base)

    def orphans(self, state: State, server: Server | None) -> Iterator[tuple[Change, ...]]:
        """Yield what a worker may find uncommitted in a server's journal: rule 5."""
        sql = state.sql
        journal = server.data.journal if server and server.data else ()
        done = {event[:3] for event in sql.events}
        answered = {event.op for event in sql.events} if not self.rules.worker_rebuilds else set()
        for n, change in enumerate(journal):
            old = self.rules.drop_old_entries and change.epoch != sql.fence
            if old or change[:3] in done or change.op in answered:
                continue
            yield journal[: n + 1] if self.rules.prefix else journal[n : n + 1]
