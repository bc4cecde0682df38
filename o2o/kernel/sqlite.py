"""Tortoise's SQLite backend with `BEGIN IMMEDIATE`, each process in its turn.

A deferred BEGIN that reads and then writes fails at once with "database is locked" when another process writes between
(measured: 444 of 600 transactions); a busy timeout does not help an upgrade.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError
from typing_extensions import override

from o2o.kernel.homecoming import Homecoming
from o2o.kernel.turns import Turns

T = TypeVar("T")


class Statements(Protocol):
    """What work that is done at once may ask of its client: nothing but statements."""

    @property
    def capabilities(self) -> Any: ...
    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any: ...
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]: ...


class _Transaction(SqliteTransactionWrapper):
    @override
    async def execute_script(self, query: str) -> None:
        """A statement at a time: sqlite3's own `executescript` commits first, and what follows has no way back."""
        script, rest = "", query
        while rest:
            part, end, rest = rest.partition(";")
            script += part + end
            if sqlite3.complete_statement(script) or not rest:
                await self.execute_query(script)
                script = ""

    @override
    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Transaction(self))


class _ImmediateTransaction(_Transaction):
    def __init__(self, connection: "ImmediateSqliteClient") -> None:
        super().__init__(connection)
        self.turns = connection.turns
        self.homecoming = connection.homecoming

    @override
    async def begin(self) -> None:
        aside: Any = self._connection
        try:
            await aside._execute(_begin, aside._conn, self.turns)  # noqa: SLF001 - aiosqlite has no other way
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    @override
    async def commit(self) -> None:
        """A failed COMMIT (a full disk, a lock) leaves the transaction open: it must end before the lock is let go."""
        try:
            await super().commit()
        except sqlite3.OperationalError as error:
            await self._connection.rollback()
            raise OperationalError(error) from error


class _Context(SqliteTransactionContext):
    @override
    async def __aenter__(self) -> TransactionalDBClient:
        """Tortoise's own keeps the lock for ever when BEGIN fails: after one locked database nothing is answered.

        A cancelled one still does, since its BEGIN may be on its way: `transaction` lets nobody cancel it.
        """
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except Exception:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]  # Tortoise has it as Any

    @override
    async def __aexit__(self, *error: object) -> None:
        try:
            await super().__aexit__(*error)
        finally:  # Nobody of this process can have taken it meanwhile: they have not had their turn of the loop.
            self.connection.turns.give_back()
            self.connection.homecoming.soon()


class ImmediateSqliteClient(SqliteClient):
    def __init__(self, file_path: str, **kwargs: Any) -> None:
        super().__init__(file_path, **kwargs)
        self.turns = Turns(file_path)
        self.homecoming = Homecoming(file_path)

    @override
    async def close(self) -> None:
        await self.homecoming.close()
        await super().close()
        self.turns.close()

    @override
    async def create_connection(self, with_db: bool) -> None:
        try:
            # Tried here first: a thread of aiosqlite's that can't connect outlives the loop, noisily.
            sqlite3.connect(self.filename).close()
        except sqlite3.OperationalError as error:
            raise DBConnectionError(f"{self.filename}: {error}") from error
        await super().create_connection(with_db)

    async def at_once(self, work: Callable[[Statements], Awaitable[T]]) -> T:
        """Run `work` in one transaction, all of it in SQLite's thread; it may wait for nothing but its client."""
        return await self.aside(lambda connection: _whole(connection, work))

    async def aside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in SQLite's thread, in our turn to write and in no transaction. Errors are Tortoise's."""
        async with self._lock:
            if self._connection is None:
                await self.create_connection(with_db=True)
            thread: Any = self._connection
            self.homecoming.soon()
            return await thread._execute(_in_turn, self.turns, thread._conn, work)  # type: ignore[no-any-return]  # noqa: SLF001 - aiosqlite has no other way

    @override
    def _in_transaction(self) -> TransactionContext:
        return _Context(_ImmediateTransaction(self), self._lock)


class _Here:
    """Statements in the thread that calls them: its coroutines never wait."""

    capabilities = SqliteClient.capabilities

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def execute_query(self, query: str, values: list[Any] | None = None) -> list[Any]:
        return self._connection.execute(query, values or ()).fetchall()

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        return list(map(dict, self._connection.execute(query, values or ())))


def _begin(connection: sqlite3.Connection, turns: Turns) -> None:
    turns.take()
    try:
        connection.execute("BEGIN IMMEDIATE")
    except BaseException:
        turns.give_back()
        raise


def _in_turn(turns: Turns, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        turns.take()
        try:
            return work(connection)
        finally:
            turns.give_back()
    except sqlite3.OperationalError as error:
        raise OperationalError(error) from error
    except sqlite3.IntegrityError as error:
        raise IntegrityError(error) from error


def _whole(connection: sqlite3.Connection, work: Callable[[Statements], Awaitable[T]]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = _without_waiting(work(_Here(connection)))
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return result


def _without_waiting(work: Awaitable[T]) -> T:
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the work returned
    message = "a transaction that is done at once waited for something else than SQL"
    raise RuntimeError(message)


client_class = ImmediateSqliteClient
