"""The doctor finds what is wrong, says what to do, and shows no secret."""

from pathlib import Path

import pytest

from o2o.doctor import Finding, Verdict, examine, list_settings
from o2o.kernel.clock import Clock, system_clock
from o2o.kernel.settings import read_settings
from tests.serving import MovableClock
from tests.stack import stack


async def findings(environ: dict[str, str], clock: Clock = system_clock) -> list[Finding]:
    return [finding async for finding in examine(read_settings(environ), environ, clock)]


def wrong(found: list[Finding]) -> set[str]:
    return {finding.subject for finding in found if finding.verdict is Verdict.WRONG}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return stack.environ(tmp_path)


async def test_a_sound_installation_has_nothing_wrong(environ: dict[str, str]) -> None:
    found = await findings(environ)

    assert {finding.subject for finding in found} == {"configuration", "disk", "SQL", "Redis", "clocks"}
    assert wrong(found) == set()


async def test_tables_of_another_release_are_wrong(tmp_path: Path) -> None:
    found = await findings({"O2O_DATA_DIR": str(tmp_path), "O2O_DATABASE_URL": stack.empty_database(tmp_path)})

    assert [finding.advice for finding in found if finding.verdict is Verdict.WRONG] == ["run `o2o migrate`"]


async def test_a_redis_that_does_not_answer_is_wrong(environ: dict[str, str]) -> None:
    assert wrong(await findings({**environ, "O2O_REDIS_URL": "redis://127.0.0.1:1"})) == {"Redis"}


@pytest.mark.sqlite
async def test_a_database_that_does_not_answer_is_wrong(tmp_path: Path) -> None:
    environ = {"O2O_DATA_DIR": str(tmp_path), "O2O_DATABASE_URL": f"sqlite://{tmp_path}/nowhere/o2o.db"}

    assert wrong(await findings(environ)) == {"SQL"}


@pytest.mark.sqlite
async def test_a_data_folder_that_can_not_be_made_is_wrong(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    environ = {"O2O_DATA_DIR": str(in_the_way / "var"), "O2O_SECRET_KEY": "k" * 32}

    assert wrong(await findings(environ)) == {"disk", "SQL", "Redis"}


@pytest.mark.sqlite
async def test_sqlite_that_answers_before_the_disk_does_is_wrong(environ: dict[str, str]) -> None:
    environ["O2O_DATABASE_URL"] += "?synchronous=OFF"

    assert wrong(await findings(environ)) == {"SQL"}


async def test_clocks_that_differ_are_wrong(environ: dict[str, str]) -> None:
    assert wrong(await findings(environ, MovableClock())) == {"clocks"}


async def test_limits_that_are_off_and_misspelt_variables_are_minded(environ: dict[str, str]) -> None:
    found = await findings({**environ, "O2O_RATE_LIMITS": "off", "O2O_PROT": "80"})

    said = [finding.said for finding in found if finding.verdict is Verdict.MIND and finding.subject != "SQL"]
    assert said == ["O2O_PROT means nothing to o2o", "rate limits are off, so bots may hoard numbers"]


async def test_production_on_a_loopback_address_without_https_is_wrong(environ: dict[str, str]) -> None:
    production = {"O2O_ENV": "production", "O2O_SECRET_KEY": "k" * 32, "O2O_BASE_URL": "http://localhost:8000"}

    found = await findings({**environ, **production})

    assert [finding.verdict for finding in found if finding.subject == "configuration"] == [Verdict.WRONG] * 2


def test_a_setting_says_where_it_is_from_and_hides_what_is_secret() -> None:
    settings = {one.name: one for one in list_settings({"O2O_PORT": "9000", "O2O_SECRET_KEY": "hidden"})}

    assert (settings["O2O_PORT"].value, settings["O2O_PORT"].source) == ("9000", "environment")
    assert (settings["O2O_HOST"].value, settings["O2O_HOST"].source) == ("127.0.0.1", "default")
    assert "hidden" not in str(settings)
