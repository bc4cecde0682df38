"""What SQLite has committed goes from its log into its file, beside the commits."""

import asyncio
import contextlib
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel import homecoming
from o2o.kernel.database import at_once, open_database, sqlite_file, transaction
from o2o.kernel.homecoming import Homecoming, bring_home
from o2o.kernel.models import Fence
from tests.kernel.test_database import TAG, count_up

pytestmark = pytest.mark.sqlite


@pytest.fixture
def file(database: str) -> Path:
    path = sqlite_file(database)
    assert path
    return path


@pytest.fixture
async def client(database: str, file: Path) -> AsyncIterator[BaseDBAsyncClient]:
    async with open_database(database) as client:
        await Fence.create(tag=TAG, epoch=0)
        bring_home(str(file))
        yield client


def at_home(file: Path) -> int:
    """What the file says without its log."""
    alone = file.with_suffix(".alone")
    shutil.copyfile(file, alone)
    with contextlib.closing(sqlite3.connect(alone)) as connection:
        ((epoch,),) = connection.execute("SELECT epoch FROM fences")
    return int(epoch)


async def add_one(client: BaseDBAsyncClient) -> None:
    await client.execute_query("UPDATE fences SET epoch = epoch + 1")


async def gets_home(file: Path, epoch: int) -> bool:
    async with asyncio.timeout(60):
        while at_home(file) != epoch:
            await asyncio.sleep(0.02)
    return True


async def test_it_goes_home_a_moment_after_it_was_committed(client: BaseDBAsyncClient, file: Path) -> None:
    await transaction(add_one)
    assert await gets_home(file, 1)

    await at_once(add_one)
    assert await gets_home(file, 2)


async def test_control_sqlite_itself_leaves_it_in_the_log(
    client: BaseDBAsyncClient, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Homecoming, "soon", lambda _self: None)
    await transaction(add_one)
    await asyncio.sleep(3 * homecoming.PAUSE_S)

    assert at_home(file) == 0


async def test_the_log_begins_anew_and_keeps_its_length(client: BaseDBAsyncClient, file: Path) -> None:
    log = file.with_name(f"{file.name}-wal")
    for _ in range(20):
        await transaction(count_up)
    length = log.stat().st_size
    bring_home(str(file))
    for _ in range(20):
        await transaction(count_up)

    assert log.stat().st_size == length


async def test_who_still_reads_the_old_state_is_not_disturbed(client: BaseDBAsyncClient, file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        ((before,),) = reader.execute("SELECT epoch FROM fences")
        await transaction(add_one)
        bring_home(str(file))

        ((then,),) = reader.execute("SELECT epoch FROM fences")
        assert before == then == at_home(file) == 0
    bring_home(str(file))
    assert at_home(file) == 1


async def test_what_goes_wrong_is_told_and_tried_again(
    client: BaseDBAsyncClient, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_file: str) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(homecoming, "bring_home", full)
        await transaction(add_one)
        async with asyncio.timeout(60):
            while "log_not_brought_home" not in caplog.text:
                await asyncio.sleep(0.02)

    await transaction(add_one)
    assert await gets_home(file, 2)


async def test_it_ends_with_the_connection(database: str, file: Path) -> None:
    async with open_database(database):
        await transaction(add_one)

    assert [task for task in asyncio.all_tasks() if "Homecoming" in repr(task)] == []
