"""Taking one guard away from the processes of a service: a fault test that can't fail without its guard proves nothing.

The control of a matter of chance goes on until it has found a wrong.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from o2o.kernel.database import open_database
from tests.booking.guards import NO_OPERATION_IDS, without_unique_keys
from tests.faults.checker import Wrong, certain
from tests.faults.people import Hall
from tests.faults.supervisor import disturb
from tests.installation import Installation

ROOT = Path(__file__).parents[2]
MOST = 60
"""So often a control disturbs at most; most often the first three times have found something."""


class Guard(NamedTuple):
    file: str
    old: str
    new: str
    """What stands in its place when it is taken away."""


OPERATION_IDS = Guard("o2o/kernel/lua/prelude.lua", *NO_OPERATION_IDS)
NUMBERS_OF_SQL = Guard("booking/loading.py", '"numbers": snapshot.serials', '"numbers": {}')
NOTHING_COMMITTED_TWICE = Guard(
    "o2o/kernel/ledger.py", "self._write([share], carried=True)", "self._write([share], carried=False)"
)
SCRIPTS_SENT_ANEW = Guard("o2o/kernel/scripts.py", "except NoScriptError:", "except ZeroDivisionError:")


def without(installed: Installation, *guards: Guard) -> None:
    """Let its processes run without the guards, which must be there."""
    for guard in guards:
        assert guard.old in (ROOT / guard.file).read_text()
    installed.environ |= {
        "PYTHONPATH": str(ROOT / "tests" / "altered"),
        "ALTER": json.dumps([(guard.file, guard.old, guard.new) for guard in guards]),
    }


async def without_the_last_line(installed: Installation, guard: Guard) -> None:
    """Without the guard and SQL's unique keys, which stand behind it."""
    without(installed, guard)
    async with open_database(installed.environ["O2O_DATABASE_URL"]):
        await without_unique_keys()


async def disturbed_until_wrong(hall: Hall, disturbance: Callable[[], Awaitable[object]]) -> list[Wrong]:
    """What was wrong first, whatever is under way still."""
    url = hall.crowd.installation.environ["O2O_DATABASE_URL"]
    for _ in range(MOST):
        await disturb(hall, disturbance)
        if found := await certain(url, hall.recorder):
            return found
    return []
