"""An installation with nothing in it, on this run's database, and the programs that go with that."""

import os
from pathlib import Path

import pytest

from o2o.backups.choice import engine_of
from o2o.backups.engine import Engine
from o2o.kernel.settings import Settings, read_settings
from tests.stack import stack


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's client programs are on PATH, of the server's version."""
    if stack.database == "postgres":
        monkeypatch.setenv("PATH", os.pathsep.join([str(stack.postgres.programs), os.environ["PATH"]]))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"O2O_SECRET_KEY": "k" * 32, **stack.environ(tmp_path / "data")})


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return engine_of(settings.database_url)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup"
