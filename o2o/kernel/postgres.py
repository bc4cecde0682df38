"""Tortoise's PostgreSQL backend with an end to every wait, and with errors that say what they mean.

Tortoise's own waits for ever for a free connection and for a silent server, and lets asyncpg's errors through. Here
whatever takes the database away is an OperationalError (so: unknown, answered 503), and a value that PostgreSQL can't
hold is a ValidationError, as for the columns that Tortoise checks itself.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError, ValidationError
from typing_extensions import override

from o2o.kernel.half_open_postgres import Watch

CONNECT_S: Final = 5.0
ACQUIRE_S: Final = 5.0
COMMAND_S: Final = 6.0
CONNECTIONS: Final = 10
"""At most, of one process, unless O2O_DATABASE_CONNECTIONS says otherwise."""
SESSION: Final = {
    "application_name": "o2o",
    # The ledger counts on it, whatever the database's own default is: a statement sees what was committed before it.
    "default_transaction_isolation": "read committed",
    "lock_timeout": "3s",
    # Ends here before it ends there (COMMAND_S), so that nothing goes on that nobody waits for.
    "statement_timeout": "5s",
    # A process that was frozen in a transaction holds a hall's fence: nobody else could rebuild the hall.
    "idle_in_transaction_session_timeout": "10s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
SILENT: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
AWAY: Final = (asyncpg.PostgresError, *SILENT)
UNREACHABLE: Final = (*AWAY, ValueError, OverflowError)
"""What connecting raises: also for an address that leads nowhere, whatever is wrong in it."""


@contextmanager
def translated() -> Iterator[None]:
    """Give asyncpg's errors as Tortoise's."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(error) from error
    except asyncpg.DataError as error:
        raise ValidationError(str(error)) from error
    except AWAY as error:
        raise OperationalError(f"{type(error).__name__}: {error}") from error


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is not typed
    """A session that nothing changes needs no reset: asyncpg asks for one, and waits, each time it is given back."""

    def get_reset_query(self) -> str:
        return ""


class _Acquired(PoolConnectionWrapper[asyncpg.Connection]):
    __slots__ = ("_asking",)

    @override
    async def __aenter__(self) -> Any:
        await self.ensure_connection()
        self.connection = await self.client._pool.acquire(timeout=ACQUIRE_S)  # noqa: SLF001 - Tortoise has no other way
        client: Any = self.client
        self._asking = client.watch.asking(self.connection)
        self._asking.__enter__()
        return self.connection

    @override
    async def __aexit__(self, *error: object) -> None:
        self._asking.__exit__(*error)
        if self.connection and isinstance(error[1], SILENT):
            self.connection.terminate()  # Else its end is waited for, 5 s more.
        await super().__aexit__(*error)


class _Transaction(TransactionWrapper):
    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.watch: Watch = connection.watch

    @override
    def _in_transaction(self) -> NestedTransactionContext:
        return NestedTransactionContext(_Transaction(self))

    @override
    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        with translated(), self.watch.asking(self._connection):
            return await func(self, *args, **kwargs)


class _Context(TransactionContextPooled):
    __slots__ = ()

    @override
    async def __aenter__(self) -> TransactionalDBClient:
        """Tortoise's own keeps the connection for ever when BEGIN fails."""
        await self.ensure_connection()
        pool = self.client._parent._pool  # noqa: SLF001 - as above
        with translated():
            self.client._connection = await pool.acquire(timeout=ACQUIRE_S)  # noqa: SLF001 - as above
            try:
                await self.client.begin()
            except BaseException as error:
                if isinstance(error.__cause__ or error, SILENT):
                    await self._give_up()
                await pool.release(self.client._connection)  # noqa: SLF001 - as above
                raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    @override
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with translated():
            try:
                client: Any = self.client
                with client.watch.asking(client._connection):  # noqa: SLF001 - as above
                    await (self._undo(error) if error else self.client.commit())
            except OperationalError as failed:
                if isinstance(failed.__cause__, SILENT):
                    await self._give_up()
                raise
            finally:
                get_connections().reset(self.token)
                await self.client._parent._pool.release(self.client._connection)  # noqa: SLF001 - as above

    async def _undo(self, error: BaseException) -> None:
        """Roll back; a server that was silent is not asked: it does that itself once the connection is gone."""
        if isinstance(error.__cause__, SILENT):
            await self._give_up()
            return
        try:
            await self.client.rollback()
        except AWAY:
            await self._give_up()

    async def _give_up(self) -> None:
        """End the connection. The pool's others go the same way, as all are half open after a network broke.

        Each is made anew before it is used, so that only one has to be waited for.
        """
        self.client._connection.terminate()  # noqa: SLF001 - as above
        await self.client._parent._pool.expire_connections()  # noqa: SLF001 - as above


class BoundedClient(AsyncpgDBClient):
    """`dsn` is read as libpq reads it (a socket's folder, several hosts, sslmode); `session` goes before SESSION.

    It opens so many `connections` at most, as they are needed.
    """

    def __init__(
        self, dsn: str, connection_name: str, session: Mapping[str, str], connections: int = CONNECTIONS
    ) -> None:
        super().__init__(connection_name=connection_name)
        self._dsn = dsn
        self._connections = connections
        self._command_s = None if session else COMMAND_S  # A session of its own has limits of its own, kept there.
        self._session = {**SESSION, **session}
        self.watch = Watch(self._connect, self._expire_connections)

    @override
    async def create_connection(self, with_db: bool) -> None:
        """Raises DBConnectionError."""
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=self._connections,
                timeout=CONNECT_S,
                command_timeout=self._command_s,
                connection_class=_Connection,
                server_settings=self._session,
            )
        except UNREACHABLE as error:
            raise DBConnectionError(f"PostgreSQL: {error or type(error).__name__}") from error
        await self._post_connect()
        if self._command_s:
            self.watch.begin()

    async def _connect(self) -> asyncpg.Connection:
        """One beside the pool."""
        return await asyncpg.connect(self._dsn, timeout=CONNECT_S, server_settings=self._session)

    @override
    async def _close(self) -> None:
        await self.watch.end()
        await super()._close()

    @override
    def acquire_connection(self) -> Any:
        return _Acquired(self, self._pool_init_lock)

    @override
    def _in_transaction(self) -> TransactionContextPooled:
        return _Context(_Transaction(self), self._pool_init_lock)

    @override
    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        with translated():
            return await func(self, *args, **kwargs)


client_class = BoundedClient
