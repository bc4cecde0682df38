"""`o2o doctor` says it to people and to programs, and its exit code says whether something is wrong."""

import asyncio
import json
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.stack import stack

pytestmark = pytest.mark.once


def installed(tmp_path: Path, **environ: str) -> Installation:
    folder = tmp_path / "data"
    return Installation(folder, **{**stack.environ(folder), **environ})


def test_findings_are_said_with_what_to_do(tmp_path: Path) -> None:
    said = installed(tmp_path).run("doctor")

    assert "mind   rate_limits.off: rate limits are off" in said
    assert "→ unset O2O_RATE_LIMITS" in said


def test_what_is_wrong_makes_the_exit_code(tmp_path: Path) -> None:
    assert "wrong  redis.away:" in installed(tmp_path, O2O_REDIS_URL="redis://127.0.0.1:1").run("doctor", code=1)


def test_a_setting_that_can_not_be_used_is_a_finding_too(tmp_path: Path) -> None:
    said = installed(tmp_path, O2O_WORKERS="many").run("doctor", "--json", code=1)

    report = json.loads(said)
    assert (report["verdict"], [one["name"] for one in report["findings"]]) == ("wrong", ["settings.unusable"])


def test_a_program_gets_settings_and_findings(tmp_path: Path) -> None:
    report = json.loads(installed(tmp_path).run("doctor", "--json"))

    assert report["verdict"] == "mind"
    assert {"name": "O2O_RATE_LIMITS", "value": "off", "source": "environment"} in report["settings"]
    assert all(set(one) == {"name", "verdict", "said", "advice"} for one in report["findings"])


async def test_the_doctor_looks_into_the_redis_of_a_service_that_runs(tmp_path: Path) -> None:
    one = installed(tmp_path)
    async with one.serving():
        report = json.loads(await asyncio.to_thread(one.run, "doctor", "--json"))
        rebuilt = await asyncio.to_thread(one.run, "rebuild", "heping")

    assert {"halls", "redis"} <= {finding["name"] for finding in report["findings"]}
    assert "halls.none" not in {finding["name"] for finding in report["findings"]}
    assert rebuilt.startswith("heping: epoch ")


def test_which_release_it_is_can_be_asked(tmp_path: Path) -> None:
    assert installed(tmp_path).run("--version") == f"o2o {version('o2o')}\n"
