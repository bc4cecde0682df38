"""Whether a test expects something is found where it does: in what it calls, not in what is named like that."""

from pathlib import Path

import pytest

from tests.expecting import Suite

HELPERS = """
class Hall:
    def is_open(self):
        assert self.open

def look(hall):
    hall.is_open()

def open(hall):
    hall.open = True
"""


@pytest.mark.parametrize(
    ("body", "idle"),
    [
        ("assert 1 < 2", False),
        ("with pytest.raises(ValueError): int('x')", False),
        ("look(1)", False),
        ("helpers.look(1)", False),
        ("hall.is_open()", False),
        ("open(1)", True),
        ("helpers.open(1)", True),
        ("other.look(1)", True),
        ("pass", True),
    ],
)
def test_one_that_expects_nothing_is_found(tmp_path: Path, body: str, idle: bool) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "helpers.py").write_text(HELPERS)
    imports = "from tests import helpers\nfrom tests.helpers import look, open\nimport other\n"
    (tmp_path / "tests" / "test_one.py").write_text(f"{imports}def test_it(hall):\n    {body}\n")

    assert Suite(tmp_path / "tests").idle() == (["tests.test_one.test_it"] if idle else [])
