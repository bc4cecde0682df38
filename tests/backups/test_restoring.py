"""Nobody who still knows the lost hours gets any of them into the restored database; a failure leaves the old one."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from halls.service import Directory, put_hall
from o2o.backups import postgres, restoring
from o2o.backups.choice import engine_of
from o2o.backups.engine import Engine
from o2o.backups.errors import BackupError
from o2o.backups.making import make_backup
from o2o.backups.planning import plan_restore
from o2o.kernel.clock import to_ms
from o2o.kernel.database import open_database, tortoise_config
from o2o.kernel.migrating import migrate, pending_migrations
from o2o.kernel.models import Backup, Event, Fence
from o2o.kernel.settings import Settings
from tests.booking.halls import Process, hall, hall_input, numbers_in_sql, process
from tests.postgres import PostgresServer, programs_folder
from tests.servers import RedisServer, redis_server
from tests.serving import START, MovableClock
from tests.stack import stack

LATEST = "0002_create_stock"


async def restore(settings: Settings, engine: Engine, file: Path, clock: MovableClock, skip: int | None = None) -> None:
    plan = await plan_restore(settings, engine, file, clock, skip)
    await restoring.carry_out(plan, settings, engine, file)


@asynccontextmanager
async def cut_off(settings: Settings, engine: Engine, file: Path, old: RedisServer) -> AsyncIterator[Process]:
    """A process that lost sight of everything but its own Redis: the first number is in the backup, the second not.

    The database has been restored since, with a Redis of its own, and is now what the process finds again.
    """
    async with AsyncExitStack() as stack:
        new = await stack.enter_async_context(redis_server(file.parent / "new"))
        async with hall(settings.database_url) as clock:
            one = await stack.enter_async_context(process(old.url, file.parent, clock))
            await one.take()
            await engine.dump(file)
            await one.configure(services=[{"id": "sim", "prefix": "A", "name": "SIM"}])
            await one.take()
            await one.close()
        await restore(replace(settings, redis_url=new.url), engine, file, clock)
        async with open_database(settings.database_url):
            yield one


async def versions() -> dict[int, list[int]]:
    """The versions of each epoch that SQL has."""
    found = defaultdict(list)
    for epoch, version in await Event.filter(tag="hall:heping").order_by("version").values_list("epoch", "version"):
        found[epoch].append(version)
    return found


def has_gaps(of_an_epoch: list[int]) -> bool:
    return of_an_epoch != list(range(of_an_epoch[0], of_an_epoch[0] + len(of_an_epoch)))


async def test_a_cut_off_process_brings_nothing_of_the_lost_hours_back(
    settings: Settings, engine: Engine, file: Path, redis: RedisServer
) -> None:
    async with cut_off(settings, engine, file, redis) as one:
        await one.take()

        assert await numbers_in_sql() == ["A001", "A003"]  # Somebody has A002 on paper.
        assert not any(has_gaps(of_an_epoch) for of_an_epoch in (await versions()).values())


async def test_control_without_higher_fences_it_commits_on_top_of_what_is_lost(
    settings: Settings, engine: Engine, file: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (restoring, postgres):
        monkeypatch.setattr(module, "raised_fences", lambda _above: "UPDATE fences SET epoch = epoch")

    async with cut_off(settings, engine, file, redis) as one:
        await one.take()

        assert any(has_gaps(of_an_epoch) for of_an_epoch in (await versions()).values())


async def test_a_cut_off_process_takes_the_restored_hall_over(
    settings: Settings, engine: Engine, file: Path, redis: RedisServer
) -> None:
    async with cut_off(settings, engine, file, redis) as one:
        assert [service.id for service in one.hall.services] == ["sim"]
        await one.take()

        assert (await one.take(service="bill")).number == "B001"


async def test_every_epoch_that_anybody_knew_is_over_however_high(
    settings: Settings, engine: Engine, file: Path, redis: RedisServer
) -> None:
    async with hall(settings.database_url) as clock:
        await engine.dump(file)
        ahead = (await Fence.get(tag="hall:heping")).epoch + 10**13
        await Fence.filter(tag="hall:heping").update(epoch=ahead)

    await restore(settings, engine, file, clock)

    async with open_database(settings.database_url):
        assert (await Fence.get(tag="hall:heping")).epoch > ahead


async def test_the_restored_database_knows_that_it_is_one(settings: Settings, engine: Engine, file: Path) -> None:
    async with hall(settings.database_url) as clock:
        pass
    await make_backup(settings, engine, file, clock, None)
    clock.advance(hours=1)

    await restore(settings, engine, file, clock)

    async with open_database(settings.database_url):
        (note,) = await Backup.all()
    assert (note.at, note.restored_at, note.done_at) == (to_ms(START), to_ms(clock()), None)


async def test_every_line_of_the_day_is_kept_back_by_as_many_numbers_as_asked(
    settings: Settings, engine: Engine, file: Path, redis: RedisServer
) -> None:
    async with hall(settings.database_url) as clock, process(redis.url, file.parent, clock) as one:
        await one.take()
        await engine.dump(file)
    await restore(settings, engine, file, clock, skip=20)

    async with open_database(settings.database_url), process(redis.url, file.parent, clock) as one:
        assert (await one.take()).number == "A022"
        assert (await one.take(service="bill")).number == "B021"


async def test_a_restore_that_breaks_off_leaves_the_old_database(
    settings: Settings, engine: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hall(settings.database_url) as clock:
        await engine.dump(file)
        await put_hall(Directory(), "nankai", hall_input(counters=[]), now=clock(), actor="o2o")
    plan = await plan_restore(settings, engine, file, clock, None)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(BackupError, match="nothing was changed"):
        await restoring.carry_out(plan, settings, engine, file)

    async with open_database(settings.database_url):
        assert {each.id for each in await Directory().all()} == {"heping", "nankai"}
    assert not list(settings.data_dir.glob("*.restoring*"))


@pytest.mark.sqlite
async def test_a_damaged_database_is_kept_beside_the_restored_one(
    settings: Settings, engine: Engine, file: Path
) -> None:
    async with hall(settings.database_url) as clock:
        await engine.dump(file)
    database = settings.data_dir / "o2o.db"
    database.write_bytes(b"scratched")

    await restore(settings, engine, file, clock, skip=0)

    (kept,) = settings.data_dir.glob("o2o.db.before-*")
    assert kept.read_bytes() == b"scratched"
    async with open_database(settings.database_url):
        assert [each.id for each in await Directory().all()] == ["heping"]


@pytest.mark.sqlite
async def test_what_two_restores_of_one_second_replaced_is_kept_both(
    settings: Settings, engine: Engine, file: Path
) -> None:
    async with hall(settings.database_url) as clock:
        await engine.dump(file)
    database = settings.data_dir / "o2o.db"
    for scratched in (b"one", b"two"):
        database.write_bytes(scratched)
        await restore(settings, engine, file, clock, skip=0)

    kept = settings.data_dir.glob("o2o.db.before-*")
    assert {each.read_bytes() for each in kept} == {b"one", b"two"}


@pytest.mark.postgres
async def test_a_table_of_a_later_release_is_in_nobody_s_way(settings: Settings, engine: Engine, file: Path) -> None:
    async with hall(settings.database_url) as clock:
        await engine.dump(file)
    async with open_database(settings.database_url) as client:
        await client.execute_script("CREATE TABLE later (hall VARCHAR(40) REFERENCES halls (id))")

    await restore(settings, engine, file, clock)

    async with open_database(settings.database_url) as client:
        assert await client.execute_query_dict("SELECT to_regclass('later') AS there") == [{"there": None}]


@pytest.mark.postgres
async def test_a_backup_of_an_older_release_is_brought_up_to_date(
    settings: Settings, engine: Engine, file: Path, tmp_path: Path
) -> None:
    """What a later migration makes beside tables, functions, is there already in the database that it replaces."""
    older = stack.empty_database(tmp_path / "older")
    async with open_database(older) as client:
        executor = MigrationExecutor(client, tortoise_config(older)["apps"])
        await executor.migrate([MigrationTarget("kernel", "0003_create_backups"), MigrationTarget("halls", LATEST)])
        await executor.migrate([MigrationTarget("booking", "0003_complete_the_line")])
    await engine_of(older).dump(file)

    await restore(settings, engine, file, MovableClock())

    assert await pending_migrations(settings.database_url) == []


@pytest.fixture
def older_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """The wheel has PostgreSQL 16 beside 18, whose programs stay on PATH."""
    older = programs_folder().parents[1] / "pginstall" / "bin"
    if not older.is_dir():
        pytest.skip(f"no PostgreSQL in {older}")
    monkeypatch.setenv("O2O_TEST_POSTGRES", str(older))
    with closing(PostgresServer()) as server:
        server.start()
        yield server


@pytest.mark.postgres
async def test_later_programs_do_for_an_older_server(
    settings: Settings, file: Path, older_server: PostgresServer
) -> None:
    """pg_restore begins with a setting that only servers from 17 on know."""
    there = replace(settings, database_url=older_server.url(older_server.create()))
    await migrate(there.database_url)
    async with hall(there.database_url) as clock:
        await engine_of(there.database_url).dump(file)

    await restore(there, engine_of(there.database_url), file, clock)

    async with open_database(there.database_url):
        assert [each.id for each in await Directory().all()] == ["heping"]
