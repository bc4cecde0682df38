"""SQL: Tortoise's configuration, its migrations, and the one way to open a transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from o2o.kernel.postgres import CONNECTIONS
from o2o.kernel.sqlite import ImmediateSqliteClient

T = TypeVar("T")

APPS: Final = {
    "kernel": "o2o.kernel",
    "halls": "halls",
    "qr": "qr",
    "staff": "staff",
    "messages": "messages",
    "booking": "booking",
    "orders": "orders",
    "websocket": "websocket",
}
# WAL with FULL: a commit that was answered survives a power cut, and readers don't wait for writers.
USUAL: Final[Mapping[str, str]] = MappingProxyType({})
"""A session with the limits that serving needs (kernel/postgres.py)."""
SQLITE: Final = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "busy_timeout": 5000,
    "foreign_keys": "ON",
    "cache_size": -65_536,  # KiB
    # In pages, 64 MiB: only where nothing gets home beside the commits (kernel/homecoming.py) is it done within one.
    "wal_autocheckpoint": 16_384,
    # In bytes. Tortoise's 16 KiB has the log cut off whenever it begins anew, and each commit lengthen it again.
    "journal_size_limit": 67_108_864,
}


def tortoise_config(url: str, session: Mapping[str, str] = USUAL, connections: int = CONNECTIONS) -> dict[str, Any]:
    """Tortoise's configuration for `sqlite://PATH` or `postgres://…`, all packages in it."""
    return {
        "connections": {"default": _connection(url, session, connections)},
        "apps": {
            app: {
                "models": [f"{package}.models"],
                "migrations": f"{package}.migrations",
                "default_connection": "default",
            }
            for app, package in APPS.items()
        },
    }


def _connection(url: str, session: Mapping[str, str], connections: int) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "postgres":
        credentials = {"dsn": url, "session": dict(session), "connections": connections}
        return {"engine": "o2o.kernel.postgres", "credentials": credentials}
    pragmas = {**SQLITE, **dict(parse_qsl(parts.query))}
    return {"engine": "o2o.kernel.sqlite", "credentials": {"file_path": str(sqlite_file(url)), **pragmas}}


@asynccontextmanager
async def open_database(
    url: str, session: Mapping[str, str] = USUAL, connections: int = CONNECTIONS
) -> AsyncIterator[BaseDBAsyncClient]:
    """Tortoise over `url` while the block runs, for every task of the process.

    `session` and how many `connections` it may open are for PostgreSQL only: SQLite has one.
    """
    context = await Tortoise.init(config=tortoise_config(url, session, connections), _enable_global_fallback=True)
    try:
        # Now rather than at the first query: one that can't connect keeps the lock, and every later one waits for ever.
        await connection().create_connection(with_db=True)
        yield connection()
    finally:
        await context.close_connections()


def sqlite_file(url: str) -> Path | None:
    """Where SQLite keeps it; None for another database."""
    return Path(url.removeprefix("sqlite://").split("?")[0]) if url.startswith("sqlite:") else None


def connection() -> BaseDBAsyncClient:
    return get_connection("default")


def is_postgres(client: BaseDBAsyncClient) -> bool:
    return client.capabilities.dialect == "postgres"


async def transaction(work: Callable[[BaseDBAsyncClient], Awaitable[T]]) -> T:
    """Run `work(connection)` in one transaction that a cancelled caller can't leave half open.

    Tortoise's own context manager leaks its connection (PostgreSQL) or the process-wide lock (SQLite) when it is
    cancelled between acquire and begin, so the transaction has a task of its own and the caller only waits for it: what
    was begun is finished, whoever listens.
    """
    return await kept(_run(work))


async def at_once(work: Callable[[Any], Awaitable[T]]) -> T:
    """As `transaction`, for work that waits for nothing but its client's statements: SQLite does it in one go."""
    client = connection()
    return await kept(client.at_once(work) if isinstance(client, ImmediateSqliteClient) else _run(work))


_running: set[asyncio.Task[Any]] = set()  # The loop itself keeps only weak references to tasks.


async def kept(running: Coroutine[Any, Any, T]) -> T:
    """Wait for it; who is cancelled leaves it running to its end."""
    task = asyncio.create_task(running)
    _running.add(task)
    task.add_done_callback(_finished)
    return await asyncio.shield(task)


def _finished(task: asyncio.Task[Any]) -> None:
    """Forget the task; its failure was the waiting caller's to hear, who may have gone."""
    _running.discard(task)
    if not task.cancelled():
        task.exception()


async def _run(work: Callable[[BaseDBAsyncClient], Awaitable[T]]) -> T:
    async with in_transaction("default") as client:
        return await work(client)
