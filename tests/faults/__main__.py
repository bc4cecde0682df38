"""Do every fault as often as the promises want it: python -m tests.faults [what pytest takes, as -k redis].

Each test's figures become a row of docs/faults.md.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import pytest
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from tests.faults.report import WATCHING, keep

OPTIONS = (
    *("-p", "no:terminal", "-o", "addopts=--import-mode=importlib --strict-markers --strict-config"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # This module has imported what pytest would have rewritten.
)
HERE = Path(__file__).parent
ELSEWHERE = (
    *(f"booking/test_{name}.py" for name in ("controls", "days", "loading", "nights", "overlap")),
    *(f"kernel/test_{name}.py" for name in ("half_open", "half_open_postgres", "postgres", "turns")),
)
"""Faults that need no processes of the service stand beside what they harm."""
LIMIT_S = 1800
"""No test takes as long on a machine that runs it at all; those after it shall have their turn."""
PLACES = (str(HERE), *(str(HERE.parent / name) for name in ELSEWHERE))


class Run:
    """A bar for the tests and one for what the test of the moment does."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._all = progress.add_task("tests", total=None)
        self._one = progress.add_task("", total=None)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[WATCHING] = self
        signal.signal(signal.SIGALRM, _too_long)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._progress.update(self._all, total=len(session.items))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        signal.alarm(LIMIT_S)
        self._progress.reset(self._one, description=nodeid.rpartition("::")[2], total=None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._progress.console.print(f"{report.nodeid}\n{report.longreprtext}", markup=False)
        if report.when == "teardown":
            self._progress.advance(self._all)
            self._tell_a_log(report.nodeid)

    def pytest_runtest_logfinish(self) -> None:
        signal.alarm(0)

    def step(self, done: int, of: int) -> None:
        self._progress.update(self._one, completed=done, total=of)

    def note(self, row: str) -> None:
        keep([row])
        self._progress.console.print(row, markup=False, soft_wrap=True)

    def _tell_a_log(self, nodeid: str) -> None:
        """Bars are for terminals."""
        done, console = self._progress.tasks[self._all], self._progress.console
        if not console.is_terminal:
            console.print(f"{done.completed:.0f}/{done.total:.0f} {nodeid}", markup=False, soft_wrap=True)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    message = f"not done after {LIMIT_S} s"
    raise TimeoutError(message)


def main() -> None:
    os.environ.setdefault("O2O_ASK", "2000")  # Of tests that are asked by examples, so many.
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        os.fdopen(os.dup(sys.stderr.fileno()), "w") as shown,  # pytest keeps the usual one to itself.
        Progress(*columns, console=Console(file=shown)) as progress,
    ):
        run = Run(progress)
        code = pytest.main([*OPTIONS, *PLACES, *sys.argv[1:]], plugins=[run])
    sys.exit(code)


if __name__ == "__main__":
    main()
