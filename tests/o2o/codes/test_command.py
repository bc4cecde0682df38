"""`o2o poster`, as an operator types it."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from halls.demo import DEMO_HALLS
from halls.service import Directory, put_hall
from o2o.cli import app
from o2o.codes.poster import LoopbackAddressError
from o2o.kernel.database import open_database
from tests.serving import START

pytestmark = pytest.mark.once


@pytest.fixture
def folder(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with a hall, and a folder to be in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("O2O_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("O2O_DATABASE_URL", database)
    monkeypatch.setenv("O2O_BASE_URL", "https://hall.example")
    asyncio.run(_with_a_hall(database))
    return tmp_path


async def _with_a_hall(url: str) -> None:
    async with open_database(url):
        await put_hall(Directory(), "heping", DEMO_HALLS["heping"], actor="o2o", now=START)


def poster(*words: str) -> Result:
    return CliRunner().invoke(app, ["poster", *words])


def test_a_poster_is_made_here_under_its_own_name(folder: Path) -> None:
    done = poster("heping")

    assert (folder / "poster-heping-a4.pdf").read_bytes().startswith(b"%PDF")
    assert "its code leads to https://hall.example/q/" in done.output


def test_a_counters_poster_for_a_roll_goes_where_it_is_told(folder: Path) -> None:
    done = poster("heping", "--counter", "heping-3", "--size", "80mm", "--where", "door", "--out", "door.pdf")

    assert (folder / "door.pdf").exists()
    assert "?s=door" in done.output


def test_nothing_is_made_with_an_address_that_no_phone_reaches(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("O2O_BASE_URL")

    done = poster("heping")

    assert isinstance(done.exception, LoopbackAddressError)
    assert list(folder.glob("*.pdf")) == []


def test_a_file_that_cannot_be_written_is_said(folder: Path) -> None:
    done = poster("heping", "--out", "no-such-folder/door.pdf")

    assert (done.exit_code, "can't be written" in done.output) == (2, True)
    assert list(folder.glob("*.pdf")) == []
