"""`o2o bench` from a checkout: it runs, and writes what outside checks read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from o2o.cli import app

SMALL = ("rounds=1", "round_s=0.2", "warm_up_s=0.1", "connections=4")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "o2o.cli", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_a_figure_is_measured_beside_its_baseline_and_written_as_json(tmp_path: Path) -> None:
    done = bench("issue", "--json", str(tmp_path / "figures.json"), *(f"--set={size}" for size in SMALL))

    assert done.returncode == 0, done.stderr
    (figure,) = json.loads((tmp_path / "figures.json").read_text())
    assert figure.keys() == {"name", "value", "unit", "baseline", "ratio", "goal"}
    assert figure["name"] == "issue"
    assert figure["ratio"] == figure["value"] / figure["baseline"] > 0


def test_without_what_developing_needs_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygal", None)

    done = CliRunner().invoke(app, ["bench"])

    assert done.exit_code == 2
    assert "(pygal is not there): run `make setup`" in done.output


def test_an_unknown_figure_is_refused_and_the_known_are_named() -> None:
    done = bench("isue")

    assert done.returncode == 2
    assert "no benchmark is called isue; there are issue," in done.stderr
