"""An installation that nothing is wrong with, and what the doctor says of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from o2o.doctor.examination import examine
from o2o.doctor.finding import Finding, Verdict
from o2o.kernel.clock import Clock, system_clock
from o2o.kernel.settings import read_settings
from tests.stack import stack

KEY = "3h-Wd8wq0XsPZ2nVJ7yRk5tLbM9cFaGe"


class Installation:
    """Its environment, which a test changes, and the findings by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"O2O_SECRET_KEY": KEY, **stack.environ(folder)}

    async def findings(self, clock: Clock = system_clock) -> dict[str, Finding]:
        settings = read_settings(self.environ)
        return {finding.name: finding async for finding in examine(settings, self.environ, clock)}

    async def ills(self, clock: Clock = system_clock) -> dict[str, Verdict]:
        """What is not fine. That there is no hall and no backup yet is left out."""
        found = (await self.findings(clock)).values()
        assert all(one.advice for one in found if one.verdict is not Verdict.FINE)
        return {
            one.name: one.verdict
            for one in found
            if one.verdict is not Verdict.FINE and one.name not in {"halls.none", "backup.none", "sql.fsync"}
        }


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


Examine = Callable[[], Awaitable[dict[str, Verdict]]]
