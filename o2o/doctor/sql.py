"""The database: what it is, whether its promises are kept, and what weighs on it."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import BaseORMException

from booking.archive import TICKETS
from o2o.checks import fsync_fault, sql_fault
from o2o.doctor.disk import MIB
from o2o.doctor.finding import Finding, fine, mind, wrong
from o2o.doctor.messages import examine_messages
from o2o.kernel.archive import EVENTS, due
from o2o.kernel.clock import Clock, rfc3339, to_ms
from o2o.kernel.database import open_database, sqlite_file
from o2o.kernel.migrating import newer_migrations, pending_migrations
from o2o.kernel.models import Backup, Event
from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer

DAY_MS: Final = 86_400_000
BACKUP_MS: Final = DAY_MS + DAY_MS // 12
"""A backup a day, which may begin two hours late."""
UNDONE_MS: Final = DAY_MS // 24
SKEW_MS: Final = 1_000
WAL: Final = 256 * MIB
"""SQLite writes it back at 4 MiB unless somebody reads for a long time."""
LONG_S: Final = 300
BUSY: Final = 0.8
BEHIND_DAYS: Final = 2

POSTGRES: Final = """
    SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size,
           (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now,
           current_setting('max_connections')::int AS most,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
           (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::bigint FROM pg_stat_activity
             WHERE datname = current_database() AND backend_type = 'client backend') AS longest
"""


async def examine_sql(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    if (file := sqlite_file(settings.database_url)) and not file.exists():
        yield wrong("sql.missing", f"there is no database at {file}", "run `o2o migrate`, as the user that serves")
        return
    try:
        waiting = await pending_migrations(settings.database_url)
        for finding in _release(waiting, await newer_migrations(settings.database_url)):
            yield finding
        async with open_database(settings.database_url) as client:
            async for finding in _kind(client, settings, clock):
                yield finding
            async for finding in _soundness(client, settings):
                yield finding
            if not waiting:
                async for finding in _contents(client, settings, clock):
                    yield finding
    except (BaseORMException, OSError) as error:
        yield wrong("sql.away", f"does not answer: {error}", "look at O2O_DATABASE_URL, at the database and its disk")


async def _contents(client: BaseDBAsyncClient, settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """What its rows say."""
    async for finding in _memory(client, clock):
        yield finding
    async for finding in _keys(client, settings):
        yield finding
    if settings.archive_days:
        yield await _archive(settings.archive_days, clock)
    async for finding in examine_messages(settings, clock):
        yield finding


def _release(waiting: list[str], newer: list[str]) -> Iterator[Finding]:
    if waiting:
        yield wrong("sql.migrations", f"{len(waiting)} migrations wait, {waiting[0]} first", "run `o2o migrate`")
    if newer:
        said = f"a later release has been here: this one does not know {len(newer)} of its migrations, {newer[0]} first"
        advice = "start the later one again, or go on with this one: what it added is left alone"
        yield mind("sql.newer", said, advice)


async def _kind(client: BaseDBAsyncClient, settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    if path := sqlite_file(settings.database_url):
        (row,) = await client.execute_query_dict("SELECT sqlite_version() AS version")
        yield fine("sql", f"SQLite {row['version']}, {_size(path) // MIB:,} MiB")
        if (wal := _size(path.with_name(f"{path.name}-wal"))) > WAL:
            said = f"{wal // MIB:,} MiB of changes are not written back, since somebody reads for a long time"
            yield mind("sql.wal", said, "end programs that keep the database open, or start the service again")
        return
    asked = to_ms(clock())
    (row,) = await client.execute_query_dict(POSTGRES)
    yield fine("sql", f"PostgreSQL {row['version']}, {row['size'] // MIB:,} MiB")
    for finding in (*_load(row), skew("sql", row["now"] - asked, to_ms(clock()) - asked)):
        yield finding


def _load(row: dict[str, Any]) -> list[Finding]:
    found = []
    if row["connections"] > BUSY * row["most"]:
        said = f"{row['connections']} of {row['most']} connections are taken"
        found.append(mind("sql.connections", said, "raise max_connections: each process of o2o takes up to 10"))
    if row["longest"] > LONG_S:
        said = f"a transaction has been open for {row['longest']} s"
        advice = "look in pg_stat_activity for it: it keeps vacuum and migrations waiting"
        found.append(mind("sql.long_transaction", said, advice))
    return found


async def _soundness(client: BaseDBAsyncClient, settings: Settings) -> AsyncIterator[Finding]:
    if fault := await sql_fault(client, production=settings.production):
        yield wrong("sql.unsound", *_split(fault))
    elif not settings.production and (fault := await fsync_fault(client)):
        yield mind("sql.fsync", *_split(fault))


async def _memory(client: BaseDBAsyncClient, clock: Clock) -> AsyncIterator[Finding]:
    now = to_ms(clock())
    latest = await Event.all().using_db(client).order_by("-id").first()
    if latest and latest.at > now + SKEW_MS:
        said = f"the last change was made at {rfc3339(latest.at)}, and this clock says {rfc3339(now)}"
        yield wrong("clock.back", said, "the clock was ahead then, or is behind now: let it follow a time server")
    done = await Backup.filter(done_at__isnull=False).using_db(client).order_by("-id").first()
    last = await Backup.all().using_db(client).order_by("-id").first()
    if done is None:
        yield mind("backup.none", "this database has never been backed up", "run `o2o backup FOLDER` every night")
    elif now - done.at > BACKUP_MS:
        yield mind("backup.old", f"the last backup is of {rfc3339(done.at)}", "see why `o2o backup` does not run")
    else:
        yield fine("backup", f"the last one is of {rfc3339(done.at)}, in {done.file}")
    if last and last.done_at is None and last.restored_at is None and now - last.at > UNDONE_MS:
        said = f"the backup that was begun at {rfc3339(last.at)} never came to an end"
        yield mind("backup.broken", said, "run `o2o backup` by hand, and read what it says")


async def _keys(client: BaseDBAsyncClient, settings: Settings) -> AsyncIterator[Finding]:
    """Whether what was signed when SQL was last backed up is still verified."""
    last = await Backup.filter(done_at__isnull=False).using_db(client).order_by("-id").first()
    signed = last.keys.partition(",")[0] if last else ""
    if signed and signed not in Signer(settings.secret_keys).fingerprints():
        said = f"the last backup was made under another key (fingerprint {signed})"
        advice = (
            "put that one behind the key in force (docs/configuration.md): without it printed codes, ticket links and "
            "screens are worth nothing, and phone numbers can't be read; back up again where that is meant"
        )
        yield mind("secret_key.other", said, advice)


async def _archive(days: int, clock: Clock) -> Finding:
    """Each hall's rows move within the day after they have grown old; those that nobody moved are counted by halls."""
    before = clock() - timedelta(days=days + BEHIND_DAYS)
    late = {owner.removeprefix("hall:") for shelf in (TICKETS, EVENTS) for owner in await due(shelf, before)}
    if late:
        said = f"old days of {len(late)} halls are still in the live tables"
        return mind("archive.behind", said, "see that somebody leads (halls.leader); read the log for job_failed")
    return fine("archive", f"days that are older than {days} are in the archive")


def skew(of: str, apart: int, took: int) -> Finding:
    """Of two clocks that differ one is wrong, and business days turn by ours. `took` ms the question was on its way."""
    off = max(abs(apart) - took, 0)
    said = f"this machine's clock and that of {of} differ by {off} ms"
    if off > SKEW_MS:
        return wrong("clock.skew", said, "have both machines follow one time server (chrony, timesyncd)")
    return fine("clock", said)


def _split(fault: str) -> tuple[str, str]:
    """A fault as it is said at the start, `what: what to do`, in its two halves."""
    said, _, advice = fault.partition(": ")
    return said, advice


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
