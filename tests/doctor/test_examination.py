"""What is wrong with SQL, Redis and clocks is found by really being wrong."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace
from redis.asyncio import Redis

from halls.assembly import assemble
from halls.demo import DEMO_HALLS
from o2o.checks import ensure_migrated
from o2o.doctor import redis as redis_findings
from o2o.doctor import sql
from o2o.doctor.clocks import examine_calendar, examine_zones
from o2o.doctor.finding import Verdict
from o2o.kernel.clock import system_clock, to_ms
from o2o.kernel.database import open_database
from o2o.kernel.models import Backup, Event, Fence
from o2o.kernel.signing import Signer
from tests.booking.halls import hall, process
from tests.doctor.conftest import Installation
from tests.servers import RedisServer, redis_server
from tests.serving import MovableClock
from tests.stack import stack

MIND, WRONG = Verdict.MIND, Verdict.WRONG


def ahead(**by: float) -> datetime:
    return system_clock() + timedelta(**by)


async def as_user(server: RedisServer, client: Redis, *rights: str) -> str:
    """The address for a user who has these rights alone."""
    await client.acl_setuser(
        "o2o", enabled=True, passwords=["+secret"], keys=["*"], channels=["*"], commands=list(rights), reset=True
    )
    return server.url.replace("unix://", "unix://o2o:secret@")


async def test_a_sound_installation_has_nothing_wrong(installation: Installation) -> None:
    assert await installation.ills() == {}
    assert {"settings", "secret_key", "disk", "sql", "redis", "clock", "clock.calendar"} <= set(
        await installation.findings()
    )


async def test_tables_of_another_release_are_wrong(installation: Installation) -> None:
    installation.environ["O2O_DATABASE_URL"] = stack.empty_database(installation.folder / "empty")
    if stack.database == "sqlite":
        (installation.folder / "empty" / "o2o.db").touch()

    assert (await installation.findings())["sql.migrations"].advice == "run `o2o migrate`"


async def test_tables_of_a_later_release_are_minded_and_it_serves(installation: Installation) -> None:
    async with open_database(installation.environ["O2O_DATABASE_URL"]) as client:
        await client.execute_script(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('halls', '9999_later', CURRENT_TIMESTAMP)"
        )

    assert await installation.ills() == {"sql.newer": MIND}
    assert "halls.9999_later" in (await installation.findings())["sql.newer"].said
    await ensure_migrated(installation.environ["O2O_DATABASE_URL"])


async def test_a_database_that_does_not_answer_is_wrong(installation: Installation) -> None:
    installation.environ["O2O_DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/o2o"

    assert await installation.ills() == {"sql.away": WRONG}


@pytest.mark.sqlite
async def test_a_database_that_is_not_there_is_not_made(installation: Installation) -> None:
    (installation.folder / "o2o.db").unlink()

    assert await installation.ills() == {"sql.missing": WRONG}
    assert not (installation.folder / "o2o.db").exists()


@pytest.mark.sqlite
async def test_sqlite_that_answers_before_the_disk_does_is_wrong(installation: Installation) -> None:
    installation.environ["O2O_DATABASE_URL"] += "?synchronous=OFF"

    assert await installation.ills() == {"sql.unsound": WRONG}


@pytest.mark.sqlite
async def test_changes_that_are_not_written_back_are_minded(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "WAL", 0)
    with closing(sqlite3.connect(installation.folder / "o2o.db")) as somebody:  # Who closes it last writes them back.
        somebody.execute("PRAGMA journal_mode=WAL")
        somebody.execute("CREATE TABLE more (text)")

        assert await installation.ills() == {"sql.wal": MIND}


@pytest.mark.postgres
async def test_a_transaction_that_stays_open_is_minded(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "LONG_S", 0)
    somebody = await asyncpg.connect(installation.environ["O2O_DATABASE_URL"])
    try:
        await somebody.execute("BEGIN; SELECT 1")
        await asyncio.sleep(1.1)
        assert await installation.ills() == {"sql.long_transaction": MIND}
    finally:
        await somebody.close()


@pytest.mark.postgres
async def test_few_connections_that_are_left_are_minded(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "BUSY", 0)

    assert await installation.ills() == {"sql.connections": MIND}


async def test_a_last_change_that_is_yet_to_come_is_a_clock_stepped_back(
    installation: Installation, redis: RedisServer, tmp_path: Path
) -> None:
    async with hall(installation.environ["O2O_DATABASE_URL"]) as clock, process(redis.url, tmp_path, clock) as one:
        clock.now = ahead(hours=3)
        await one.take()

    assert await installation.ills() == {"clock.back": WRONG}


async def test_clocks_that_differ_are_wrong(installation: Installation) -> None:
    assert (await installation.ills(MovableClock()))["clock.skew"] is WRONG


async def test_a_redis_that_does_not_answer_is_wrong(installation: Installation) -> None:
    installation.environ["O2O_REDIS_URL"] = "redis://127.0.0.1:1"

    assert await installation.ills() == {"redis.away": WRONG}


async def test_no_redis_at_all_is_wrong(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    assert await installation.ills() == {"redis.none": WRONG}


async def test_a_redis_that_evicts_is_wrong(
    installation: Installation, redis: RedisServer, redis_client: Redis
) -> None:
    installation.environ["O2O_REDIS_URL"] = redis.url
    await redis_client.config_set("maxmemory-policy", "allkeys-lru")

    assert await installation.ills() == {"redis.policy": WRONG}


async def test_a_redis_with_little_room_is_minded_and_a_full_one_wrong(
    installation: Installation, redis: RedisServer, redis_client: Redis
) -> None:
    installation.environ["O2O_REDIS_URL"] = redis.url
    await redis_client.setrange("filler", 2**26, "x")
    used = (await redis_client.info("memory"))["used_memory"]

    await redis_client.config_set("maxmemory", int(used * 1.1))
    assert await installation.ills() == {"redis.room": MIND}
    await redis_client.config_set("maxmemory", int(used * 1.02))
    assert await installation.ills() == {"redis.full": WRONG}


async def test_a_redis_user_that_may_not_run_scripts_is_told_what_it_needs(
    installation: Installation, redis: RedisServer, redis_client: Redis
) -> None:
    installation.environ["O2O_REDIS_URL"] = await as_user(redis, redis_client, "+@read", "+info", "+time")

    assert await installation.ills() == {"redis.rights": WRONG}
    assert "+@scripting" in (await installation.findings())["redis.rights"].advice


async def test_the_rights_that_are_advised_are_enough(
    installation: Installation, redis: RedisServer, redis_client: Redis, tmp_path: Path
) -> None:
    rights = [word.rstrip(",") for word in redis_findings.RIGHTS.split() if word.startswith("+")]
    url = await as_user(redis, redis_client, *rights)
    async with hall(installation.environ["O2O_DATABASE_URL"]) as clock, process(url, tmp_path, clock) as one:
        assert (await one.take()).number == "A001"
    installation.environ["O2O_REDIS_URL"] = url

    assert "redis.rights" not in await installation.findings()


async def test_a_replica_is_no_redis_for_us(installation: Installation, redis: RedisServer, tmp_path: Path) -> None:
    async with redis_server(tmp_path / "replica") as replica, Redis.from_url(replica.url) as client:
        await client.replicaof("127.0.0.1", "1")
        installation.environ["O2O_REDIS_URL"] = replica.url

        assert (await installation.ills())["redis.replica"] is WRONG


async def test_an_old_redis_is_wrong(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_findings, "OLDEST", (99, 0))

    assert await installation.ills() == {"redis.old": WRONG}


def test_holidays_that_are_not_known_are_minded_from_december_on() -> None:
    known = {month: examine_calendar(datetime(2099, month, 1, tzinfo=UTC)).name for month in (1, 11)}

    assert set(known.values()) == {"clock.holidays"}
    assert examine_calendar(datetime(2026, 7, 1, tzinfo=UTC)).name == "clock.calendar"


async def test_a_zone_that_is_not_known_is_wrong() -> None:
    hall = assemble("heping", DEMO_HALLS["heping"], rev=1)

    (found,) = examine_zones([hall, replace(hall, time_zone="Asia/Atlantis")])

    assert (found.name, "Asia/Atlantis" in found.said) == ("clock.zone", True)


async def test_days_that_nobody_moved_to_the_archive_are_minded(installation: Installation) -> None:
    async def found(days: float) -> set[str]:
        async with open_database(installation.environ["O2O_DATABASE_URL"]):
            at = to_ms(ahead(days=-days))
            event = {"tag": "hall:heping", "epoch": 1, "ordinal": 0, "name": "hall.changed", "actor": "clock"}
            rows = [{**event, "version": at, "op": str(at), "at": at, "body": "", "data": "{}"} for at in (at, at + 1)]
            await Event.bulk_create([Event(**row) for row in rows])
            await Fence.get_or_create({"epoch": 1}, tag="hall:heping")
        return {name for name in await installation.findings() if name.startswith("archive")}

    assert await found(36) == {"archive"}
    assert await found(38) == {"archive.behind"}
    installation.environ["O2O_ARCHIVE_DAYS"] = "0"
    assert await found(39) == set()


async def test_backups_are_asked_after(installation: Installation) -> None:
    async def noted(*, hours: float, done: bool) -> set[str]:
        at = int((system_clock().timestamp() - hours * 3600) * 1000)
        async with open_database(installation.environ["O2O_DATABASE_URL"]):
            await Backup.create(at=at, release="1", keys="", file="/backup/o2o.db", done_at=at if done else None)
        return {name for name in await installation.findings() if name.startswith("backup")}

    assert {name for name in await installation.findings() if name.startswith("backup")} == {"backup.none"}
    assert await noted(hours=30, done=True) == {"backup.old"}
    assert await noted(hours=2, done=True) == {"backup"}
    assert await noted(hours=1.5, done=False) == {"backup", "backup.broken"}


async def test_a_key_that_was_replaced_and_not_kept_is_minded(installation: Installation) -> None:
    kept, at = installation.environ["O2O_SECRET_KEY"], to_ms(system_clock())
    (signed,) = Signer((kept,)).fingerprints()
    async with open_database(installation.environ["O2O_DATABASE_URL"]):
        await Backup.create(at=at, release="1", keys=signed, file="/backup/o2o.db", done_at=at)

    installation.environ["O2O_SECRET_KEY"] = f"{kept[::-1]},{kept}"
    assert await installation.ills() == {}
    installation.environ["O2O_SECRET_KEY"] = kept[::-1]
    assert await installation.ills() == {"secret_key.other": MIND}
