"""Folders that can't be written, and disks without room, are found."""

import shutil
from pathlib import Path

import pytest

from o2o.doctor import disk
from o2o.doctor.finding import Verdict
from tests.doctor.conftest import Installation

MIND, WRONG = Verdict.MIND, Verdict.WRONG


async def test_a_data_folder_that_can_not_be_made_is_wrong(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    installation.environ["O2O_DATA_DIR"] = str(tmp_path / "file" / "var")

    assert (await installation.ills())["disk.folder"] is WRONG


@pytest.mark.sqlite
@pytest.mark.parametrize("closed", ["", "o2o.db"])
async def test_what_can_not_be_written_is_wrong(
    closed: str, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = installation.folder / closed
    monkeypatch.setattr("os.access", lambda asked, _mode: Path(asked) != path)

    assert (await installation.ills())["disk.folder"] is WRONG
    assert str(path) in (await installation.findings())["disk.folder"].said


@pytest.mark.sqlite
async def test_the_disk_of_a_database_elsewhere_is_looked_at(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage, elsewhere = type(shutil.disk_usage("/")), installation.folder / "elsewhere"
    elsewhere.mkdir()
    (installation.folder / "o2o.db").rename(elsewhere / "o2o.db")
    installation.environ["O2O_DATABASE_URL"] = f"sqlite://{elsewhere / 'o2o.db'}"
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(0, 0, 0 if folder == elsewhere else 2**60))

    assert await installation.ills() == {"disk.full": WRONG}


@pytest.mark.parametrize(("bound", "name", "verdict"), [("LITTLE", "disk.little", MIND), ("NONE", "disk.full", WRONG)])
async def test_a_disk_with_little_room_is_named(
    bound: str, name: str, verdict: Verdict, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, bound, 2**60)

    assert await installation.ills() == {name: verdict}
