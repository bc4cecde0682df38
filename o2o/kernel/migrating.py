"""Bringing the tables up to date while the release before still serves: short locks, one migrator, patience.

Each migration is one transaction, its record with it. On PostgreSQL it waits for a lock only as long as those who serve
can bear to wait behind it, then lets everybody pass and tries again. On SQLite two migrators take turns.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import DBConnectionError, OperationalError
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget, PlanStep
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import State
from typing_extensions import override

from o2o.kernel.database import is_postgres, open_database, tortoise_config, transaction
from o2o.kernel.postgres import CONNECT_S, UNREACHABLE

ADVISORY_LOCK: Final = 0x6F326F  # "o2o"
ATTEMPTS: Final = 6
PAUSE_S: Final = 1.0  # Doubled after each attempt: half a minute in all.
TURNS: Final = 60

Tell = Callable[[str], object]
States = dict[frozenset[MigrationKey], State]
"""What the models are after these migrations."""


class MigrationError(RuntimeError):
    """The tables could not be brought up to date; the message says why, and what was done and what was not."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that one statement may wait for a lock, and take."""

    lock_s: float = 2
    statement_s: float = 30

    @property
    def session(self) -> dict[str, str]:
        return {
            "lock_timeout": f"{self.lock_s * 1000:.0f}ms",
            "statement_timeout": f"{self.statement_s * 1000:.0f}ms",
            "idle_in_transaction_session_timeout": "0",
        }


USUAL: Final = Limits()


async def migrate(url: str, limits: Limits = USUAL, tell: Tell = lambda _said: None) -> None:
    """Apply every migration that waits. Raises MigrationError; what was applied before it stays."""
    alone = _alone(url, tell) if urlsplit(url).scheme == "postgres" else nullcontext()
    async with alone, open_database(url, limits.session) as client:
        await MigrationExecutor(client, tortoise_config(url)["apps"]).migrate([])  # Only makes the table of records.
        states: States = {}
        for step in await _waiting(client, url):
            await _patiently(partial(_apply, client, url, step, states), _name(step), tell)


async def pending_migrations(url: str) -> list[str]:
    """The names (`halls.0001_create_halls`) of what `migrate` would apply."""
    async with open_database(url) as client:
        return [_name(step) for step in await _waiting(client, url)]


async def newer_migrations(url: str) -> list[str]:
    """The names of what a later release has applied, and this one does not know."""
    async with open_database(url) as client:
        executor = MigrationExecutor(client, tortoise_config(url)["apps"])
        await executor.loader.build_graph()
        unknown = executor.loader.applied_migrations - executor.loader.graph.nodes.keys()
        return sorted(f"{key.app_label}.{key.name}" for key in unknown)


async def _waiting(client: BaseDBAsyncClient, url: str) -> list[PlanStep]:
    return await MigrationExecutor(client, tortoise_config(url)["apps"]).plan()


async def _patiently(apply: Callable[[], Awaitable[None]], name: str, tell: Tell) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await apply()
        except OperationalError as error:
            if not isinstance(error.__cause__, asyncpg.LockNotAvailableError):
                raise MigrationError(f"{name} failed, and nothing of it was done: {error}") from error
            tell(f"{name}: somebody holds a table that it must lock (attempt {attempt} of {ATTEMPTS})")
            await asyncio.sleep(PAUSE_S * 2 ** (attempt - 1) if attempt < ATTEMPTS else 0)
        else:
            tell(f"{name}: done")
            return
    raise MigrationError(
        f"{name} never got its lock, and nothing of it was done: look in pg_stat_activity for a transaction "
        "that stays open, or try again when less is going on"
    )


async def _apply(client: BaseDBAsyncClient, url: str, step: PlanStep, states: States) -> None:
    target = MigrationTarget(step.migration.app_label, step.migration.name)

    async def work(client: BaseDBAsyncClient) -> None:
        executor = _Executor(client, tortoise_config(url)["apps"], states)
        if _name(step) not in map(str, await executor.recorder.applied_migrations()):  # Another has done it meanwhile.
            await executor.migrate([target], direction="forward")
            executor.keep()

    # One that builds an index CONCURRENTLY says `atomic = False`; SQLite has nothing of that kind.
    outside = is_postgres(client) and not step.migration.atomic
    await (work(client) if outside else transaction(work))


class _Executor(MigrationExecutor):
    """One that goes on from what the models were after the step before; working that out anew took most of a start."""

    def __init__(self, client: BaseDBAsyncClient, apps: dict[str, Any], states: States) -> None:
        super().__init__(client, apps)
        self._states = states
        self._applied: set[MigrationKey] = set()
        self._state: State | None = None

    @override
    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        # Taken out: a step that fails leaves half of itself in it.
        self._state = self._states.pop(frozenset(applied), None) or await super()._project_state(applied, upto=upto)
        self._applied = applied  # The executor adds the step to it.
        return self._state

    def keep(self) -> None:
        """For the next step: this one is done."""
        if self._state:
            self._states[frozenset(self._applied)] = self._state


@asynccontextmanager
async def _alone(url: str, tell: Tell) -> AsyncIterator[None]:
    """While the block runs, every other migrator waits: a lock of the session's, so that it ends with the process."""
    try:
        session = await asyncpg.connect(url, timeout=CONNECT_S)
    except UNREACHABLE as error:
        raise DBConnectionError(f"PostgreSQL: {error or type(error).__name__}") from error
    try:
        await _turn(session, tell)
        yield
    finally:
        await session.close()


async def _turn(session: asyncpg.Connection, tell: Tell) -> None:
    for _attempt in range(TURNS):
        if await session.fetchval("SELECT pg_try_advisory_lock($1)", ADVISORY_LOCK):
            return
        tell("another `o2o migrate` is at work: waiting for it")
        await asyncio.sleep(PAUSE_S)
    raise MigrationError("another `o2o migrate` has been at work for a minute: look after it first")


def _name(step: PlanStep) -> str:
    return f"{step.migration.app_label}.{step.migration.name}"
