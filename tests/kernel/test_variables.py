"""The table of variables, the document and the code say the same."""

import re
from pathlib import Path

import pytest

from o2o.kernel.variables import VARIABLES, Variable

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "configuration.md").read_text()
SOURCES = [path.read_text() for path in (ROOT / "o2o").rglob("*.py")]


@pytest.mark.parametrize("variable", VARIABLES.values(), ids=lambda variable: variable.name)
def test_each_variable_is_described(variable: Variable) -> None:
    default = f"`{variable.default}`" if variable.default else "not set"

    assert f"| `{variable.name}` | {default} | {variable.help} |" in DOCUMENT


def test_nothing_is_described_that_is_not_there() -> None:
    assert set(re.findall(r"O2O_[A-Z0-9_]+", DOCUMENT)) <= set(VARIABLES)


def test_the_code_reads_no_variable_that_is_not_in_the_table() -> None:
    named = {name for source in SOURCES for name in re.findall(r"\"(O2O_[A-Z0-9_]+)\"", source)}

    assert named == set(VARIABLES)
