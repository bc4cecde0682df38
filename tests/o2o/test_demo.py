"""The demo's data: loaded once, kept as it was changed, and never beside anybody else's."""

from pathlib import Path

import msgspec
import pytest

from halls.demo import DEMO_HALLS
from halls.service import Directory, put_hall
from o2o.demo import NotADemoError, prepare_demo, sign_ins
from o2o.kernel.clock import to_ms
from o2o.kernel.database import open_database
from o2o.kernel.settings import Settings, read_settings
from staff.people import adding, parse_right, prepare, settle
from staff.queries import people
from staff.sessions import By
from tests.serving import PASSWORD, START
from tests.stack import stack


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    return over(database, tmp_path)


def over(database: str, folder: Path) -> Settings:
    return read_settings({"O2O_DATA_DIR": str(folder), "O2O_DATABASE_URL": database, "O2O_DEMO": "1"})


async def test_an_empty_database_gets_the_demo_s_halls_and_people(tmp_path: Path) -> None:
    settings = over(stack.empty_database(tmp_path), tmp_path)
    await prepare_demo(settings)

    async with open_database(settings.database_url):
        assert {hall.id for hall in await Directory().all()} == set(DEMO_HALLS)
        assert {person.username for person in await people()} == {one.username for one in sign_ins()}


async def test_a_second_start_keeps_what_was_changed(settings: Settings) -> None:
    await prepare_demo(settings)
    async with open_database(settings.database_url):
        changed, _ = await put_hall(
            Directory(), "heping", msgspec.structs.replace(DEMO_HALLS["heping"], capacity=7), now=START, actor="o2o"
        )

    await prepare_demo(settings)

    async with open_database(settings.database_url):
        assert await Directory().get("heping") == changed


async def test_a_database_with_another_hall_is_left_alone(settings: Settings) -> None:
    async with open_database(settings.database_url):
        await put_hall(Directory(), "ours", DEMO_HALLS["hexi"], now=START, actor="o2o")

    with pytest.raises(NotADemoError, match="ours"):
        await prepare_demo(settings)

    async with open_database(settings.database_url):
        assert [hall.id for hall in await Directory().all()] == ["ours"]
        assert await people() == []


async def test_a_database_with_somebody_else_is_left_alone(settings: Settings) -> None:
    async with open_database(settings.database_url):
        ready = await prepare("wang", "Wang", PASSWORD, [parse_right("hq")])
        await settle("wang", adding(ready, By("o2o", to_ms(START))))

    with pytest.raises(NotADemoError, match="wang"):
        await prepare_demo(settings)


def test_the_sign_ins_are_those_that_scripts_count_on() -> None:
    clerks = [f"clerk{n}" for n in range(1, 9)]

    assert [one.username for one in sign_ins()] == [*clerks, "manager", "warehouse", "province", "hq"]
    assert sign_ins()[4].place == "nankai-1"
