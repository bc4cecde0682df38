"""The units are understood by systemd, leave a process little to break, and start what the commands are called."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from o2o.cli import app
from o2o.kernel.variables import VARIABLES
from tests.deploy.conftest import DEPLOY, program

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MOST_EXPOSED = 15
"""Of 100, as `systemd-analyze security` counts: an ordinary service has 96."""
HARDENING = "# What it needs, and no more."


def named(path: Path) -> str:
    return path.name


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """All of them, with our own interpreter's `o2o` in the place of the installed one."""
    ours = Path(sys.executable).with_name("o2o")
    for path in (DEPLOY / "systemd").iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/o2o/bin/o2o", str(ours)))
    return tmp_path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [program("systemd-analyze", "systemd"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_systemd_understands_every_unit(units: Path) -> None:
    files = [str(path) for path in units.iterdir() if path.suffix in {".service", ".timer"}]

    done = analyze("verify", "--recursive-errors=no", "--man=no", *files)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_a_service_can_break_little(unit: Path, units: Path) -> None:
    done = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", str(units / unit.name))

    assert done.returncode == 0, done.stdout


def test_all_are_held_to_the_same_list() -> None:
    lists = {path.read_text().partition(HARDENING)[2].partition("\n\n")[0].strip() for path in UNITS}

    assert len(lists) == 1
    assert len(lists.pop().splitlines()) > 20


@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_a_unit_starts_a_command_of_ours(unit: Path) -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    started = re.search(r"^ExecStart=/opt/o2o/bin/o2o (\w+)", unit.read_text(), re.MULTILINE)

    assert started
    assert started[1] in names


def test_the_environment_file_names_variables_of_ours() -> None:
    lines = (DEPLOY / "systemd" / "o2o.env").read_text().splitlines()

    assert {line.partition("=")[0] for line in lines if line and not line.startswith("#")} <= set(VARIABLES)
