"""A guard that a control takes away is where the control looks for it."""

from pathlib import Path

import pytest

from tests.faults import guards
from tests.faults.guards import OPERATION_IDS, ROOT, Guard, without
from tests.installation import Installation

ALL = [(name, guard) for name, guard in vars(guards).items() if isinstance(guard, Guard)]


@pytest.mark.parametrize(("name", "guard"), ALL)
def test_it_is_there(name: str, guard: Guard) -> None:
    assert guard.old in (ROOT / guard.file).read_text(), name


def test_one_that_is_not_there_can_not_be_taken_away(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        without(Installation(tmp_path), OPERATION_IDS._replace(old="nothing of the kind"))
