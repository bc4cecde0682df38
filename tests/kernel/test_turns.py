"""Of several processes that write to one SQLite file, whoever waits is next."""

import contextlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from tortoise.exceptions import OperationalError

from o2o.kernel import turns
from o2o.kernel.database import open_database, transaction
from o2o.kernel.models import Fence
from o2o.kernel.turns import Turns
from tests.kernel.test_database import TAG, count_up

pytestmark = pytest.mark.sqlite


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(turns, "PATIENCE_S", 60.0)  # The order is looked at here, on however busy a machine.
    return str(tmp_path / "o2o.db")


def order_of_two(path: str) -> list[str]:
    """One has written and writes again at once, while the other has found the file taken and sleeps over it."""
    sleeps, awake = Event(), Event()

    def sleep() -> None:
        sleeps.set()
        awake.wait()

    order: list[str] = []
    busy, patient, again = Turns(path), Turns(path, sleep), Turns(path, awake.set)

    def write(one: Turns, name: str) -> None:
        one.take()
        order.append(name)
        one.give_back()

    busy.take()
    with ThreadPoolExecutor(1) as aside:
        written = aside.submit(write, patient, "who waited")
        sleeps.wait()
        busy.give_back()
        write(again, "who had just written")
        awake.set()
        written.result()
    return order


def test_who_waits_is_next_however_busy_another_is(path: str) -> None:
    assert order_of_two(path) == ["who waited", "who had just written"]


def test_control_without_a_place_for_who_waits_the_busy_one_writes_again(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Turns, "_stand_next", lambda _self, _until: None)

    assert order_of_two(path) == ["who had just written", "who waited"]


def test_nobody_waits_for_ever(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", 0.0)
    Turns(path).take()

    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        Turns(path).take()


def test_a_file_that_can_not_be_made_is_said_as_sqlite_says_it(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="No such file"):
        Turns(str(tmp_path / "nowhere" / "o2o.db")).take()


@contextlib.contextmanager
def written_by_another(database: str) -> Iterator[None]:
    """Somebody holds SQLite's own lock, who knows nothing of turns."""
    with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite://"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


async def test_a_transaction_gives_its_turn_back_however_it_ends(database: str) -> None:
    async with open_database(database) as client:
        await Fence.create(tag=TAG, epoch=0)
        await transaction(count_up)
        with pytest.raises(OperationalError):
            await transaction(lambda client: client.execute_query("SELECT nothing FROM nowhere"))
        await client.execute_query("PRAGMA busy_timeout = 0")
        with written_by_another(database), pytest.raises(OperationalError):
            await transaction(count_up)

        other = Turns(database.removeprefix("sqlite://"), rest=lambda: pytest.fail("somebody has kept it"))
        other.take()
        other.give_back()
