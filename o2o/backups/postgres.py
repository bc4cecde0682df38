"""PostgreSQL: pg_dump's custom format, and a restore in one transaction, whose end nobody sees in parts."""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from tortoise.exceptions import BaseORMException
from typing_extensions import override

from o2o.backups.contents import Contents, Rows, read_contents
from o2o.backups.copied import read_script
from o2o.backups.engine import Engine
from o2o.backups.errors import BackupError
from o2o.kernel.database import open_database
from o2o.kernel.statements import raised_fences

CONNECTED: Final = """SELECT application_name, client_addr FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
# Every table goes first, and every function: one that a later release made is not in the backup, and would be in its
# migrations' way.
BEFORE: Final = """\\set ON_ERROR_STOP on
SET client_min_messages TO warning;
BEGIN;
DO $$ DECLARE each record; BEGIN
  FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE %I CASCADE', each.tablename);
  END LOOP;
  FOR each IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
    EXECUTE format('DROP ROUTINE %s CASCADE', each.name);
  END LOOP;
END $$;
"""
AFTER: Final = """
RESET search_path;
{fences};
COMMIT;
"""
TOO_NEW: Final = b"SET transaction_timeout = 0;\n"
"""What pg_restore 17 begins with, whatever the server; one before 17 refuses it."""
HEAD_ENDS: Final = b"SELECT pg_catalog.set_config"
UNHURRIED: Final = {"statement_timeout": "0"}  # Counting a year of tickets takes its time, and nobody waits.
CHUNK: Final = 1 << 20
LINE: Final = 1 << 26  # A row of COPY is one line, and a hall's document may be a long one.


class PostgresEngine(Engine):
    suffix = ".dump"
    magic = b"PGDMP"

    def __init__(self, url: str) -> None:
        self.url = url
        self._address, self._password = _without_password(url)
        self.place = self._address

    @override
    async def dump(self, file: Path) -> None:
        file.touch(mode=0o600)  # noqa: ASYNC240 - a command of its own keeps nobody waiting
        options = ("--format=custom", "--no-owner", "--no-privileges")
        dumping = await self._begin("pg_dump", *options, f"--file={file}", f"--dbname={self._address}")
        await _end(dumping, "pg_dump", "no backup was made")

    @override
    async def read(self, file: Path) -> Contents:
        async with _over(await self._begin("pg_restore", "--file=-", str(file), stdout=PIPE)) as restoring:
            contents = await read_script(_lines(restoring))
            await _end(restoring, "pg_restore", f"{file} is damaged")
        if contents is None:
            raise BackupError(f"{file} is no backup of o2o")
        return contents

    @override
    async def live(self) -> Contents | None:
        try:
            return await read_contents(self._ask)
        except (BaseORMException, OSError, IndexError):
            return None

    @override
    async def who_is_connected(self) -> str | None:
        try:
            rows = await self._ask(CONNECTED)
        except (BaseORMException, OSError) as error:
            raise BackupError(f"PostgreSQL does not answer ({error}): look at O2O_DATABASE_URL") from error
        if not rows:
            return None
        names = sorted({f"{name or 'a program'} at {address or 'this machine'}" for name, address in rows})
        return f"the database is in use: {len(rows)} connections of {', '.join(names)}"

    @override
    async def restore(self, file: Path, above: int, finish: Callable[[str], Awaitable[None]], now: int) -> str:
        options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-")
        async with (
            _over(
                await self._begin("psql", "-X", "--quiet", "--file=-", f"--dbname={self._address}", stdin=PIPE)
            ) as psql,
            _over(await self._begin("pg_restore", *options, str(file), stdout=PIPE)) as restoring,
        ):
            await _pour(restoring, psql, BEFORE)
            await _end(restoring, "pg_restore", "nothing was changed")
            await _write(psql, AFTER.format(fences=raised_fences(above)))
            await _end(psql, "psql", "nothing was changed")
        await finish(self.url)
        return ""

    async def _ask(self, query: str) -> Rows:
        async with open_database(self.url, UNHURRIED) as client:
            return [tuple(row.values()) for row in await client.execute_query_dict(query)]

    async def _begin(self, program: str, *arguments: str, stdin: int = DEVNULL, stdout: int = DEVNULL) -> Process:
        found = shutil.which(program)
        if found is None:
            raise BackupError(
                f"{program} is not on PATH: install PostgreSQL's client programs, of the server's version or later "
                "(Debian: apt install postgresql-client)"
            )
        environ = {**os.environ, **self._password}
        return await asyncio.create_subprocess_exec(
            found, *arguments, stdin=stdin, stdout=stdout, stderr=PIPE, env=environ, limit=LINE
        )


def _without_password(url: str) -> tuple[str, Mapping[str, str]]:
    """The address for libpq's programs, and the password apart, for their environment: `ps` shows arguments."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    address = f"postgresql://{name}{at}{hosts}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    return address, {"PGPASSWORD": unquote(password)} if password else {}


async def _lines(process: Process) -> AsyncIterator[bytes]:
    if process.stdout:
        async for line in process.stdout:
            yield line


async def _pour(source: Process, target: Process, first: str) -> None:
    await _write(target, first)
    while source.stdout and (line := await source.stdout.readline()):
        await _write(target, line if line != TOO_NEW else b"")
        if line.startswith(HEAD_ENDS):
            break
    while source.stdout and (chunk := await source.stdout.read(CHUNK)):
        await _write(target, chunk)


async def _write(process: Process, data: str | bytes) -> None:
    if process.stdin is None:
        return
    with suppress(ConnectionError):  # It has stopped, and says why when it is waited for.
        process.stdin.write(data if isinstance(data, bytes) else data.encode())
        await process.stdin.drain()


@asynccontextmanager
async def _over(process: Process) -> AsyncIterator[Process]:
    """Nothing of the process is left, whatever goes wrong; without its COMMIT everything is as it was."""
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _end(process: Process, program: str, consequence: str) -> None:
    """Say that nothing more comes, and wait for its end. Raises BackupError with its last words when it failed."""
    if process.stdin:
        process.stdin.close()
    said = await process.stderr.read() if process.stderr else b""
    if await process.wait():
        words = said.decode(errors="replace").strip().splitlines() or [f"{program} failed"]
        raise BackupError(f"{consequence}: {words[0]}")
