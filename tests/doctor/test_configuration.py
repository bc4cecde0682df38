"""Settings that don't fit together are named, each by itself, and no secret is shown."""

from pathlib import Path

import pytest

from o2o.doctor.configuration import examine_configuration, list_settings
from o2o.doctor.finding import Verdict, worst
from o2o.kernel.settings import read_settings

KEY = "3h-Wd8wq0XsPZ2nVJ7yRk5tLbM9cFaGe"
PRODUCTION = {"O2O_ENV": "production", "O2O_SECRET_KEY": KEY, "O2O_BASE_URL": "https://hall.example"}


def ills(folder: Path, **changes: str) -> dict[str, Verdict]:
    environ = {"O2O_DATA_DIR": str(folder), **changes}
    found = examine_configuration(read_settings(environ), environ)
    return {one.name: one.verdict for one in found if one.verdict is not Verdict.FINE}


def test_production_as_it_should_be_is_fine(tmp_path: Path) -> None:
    assert ills(tmp_path, **PRODUCTION) == {}


@pytest.mark.parametrize(
    ("name", "verdict", "changes"),
    [
        ("settings.unknown", "mind", {"O2O_PROT": "80"}),
        ("secret_key.weak", "wrong", {"O2O_SECRET_KEY": "swordfish" * 4}),
        ("base_url.http", "wrong", {"O2O_BASE_URL": "http://hall.example"}),
        ("proxies.wide", "mind", {"O2O_TRUSTED_PROXIES": "10.0.0.0/8"}),
        ("proxies.beside", "mind", {"O2O_HOST": "192.0.2.7"}),
        ("rate_limits.off", "mind", {"O2O_RATE_LIMITS": "off"}),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, name: str, verdict: str, changes: dict[str, str]) -> None:
    assert ills(tmp_path, **{**PRODUCTION, **changes}) == {name: Verdict(verdict)}


def test_production_on_a_loopback_address_is_wrong(tmp_path: Path) -> None:
    assert ills(tmp_path, **{**PRODUCTION, "O2O_BASE_URL": "https://localhost"}) == {"base_url.loopback": Verdict.WRONG}


def test_a_demo_that_others_may_reach_is_minded(tmp_path: Path) -> None:
    assert ills(tmp_path, O2O_DEMO="1", O2O_BASE_URL="http://192.0.2.7:8000") == {"demo": Verdict.MIND}
    assert ills(tmp_path, O2O_DEMO="1") == {}


def test_a_key_that_others_may_read_is_wrong(tmp_path: Path) -> None:
    assert ills(tmp_path) == {}
    (tmp_path / "secret-key").chmod(0o644)

    assert ills(tmp_path) == {"secret_key.open": Verdict.WRONG}


def test_keys_are_told_by_their_fingerprints_alone(tmp_path: Path) -> None:
    environ = {"O2O_DATA_DIR": str(tmp_path), "O2O_SECRET_KEY": KEY}

    said = str(examine_configuration(read_settings(environ), environ))

    assert "fingerprint" in said
    assert KEY not in said


def test_a_setting_says_where_it_is_from_and_hides_what_is_secret() -> None:
    settings = {one.name: one for one in list_settings({"O2O_PORT": "9000", "O2O_SECRET_KEY": "hidden"}, None)}

    assert (settings["O2O_PORT"].value, settings["O2O_PORT"].source) == ("9000", "environment")
    assert (settings["O2O_HOST"].value, settings["O2O_HOST"].source) == ("127.0.0.1", "default")
    assert "hidden" not in str(settings)


def test_what_follows_from_other_settings_is_told_as_it_is_in_force(tmp_path: Path) -> None:
    environ = {"O2O_DATA_DIR": str(tmp_path), "O2O_PORT": "9000"}
    settings = {one.name: one for one in list_settings(environ, read_settings(environ))}

    assert (settings["O2O_BASE_URL"].value, settings["O2O_BASE_URL"].source) == ("http://127.0.0.1:9000", "derived")
    assert settings["O2O_DATABASE_URL"].value == f"sqlite://{tmp_path}/o2o.db"


def test_the_worst_finding_gives_the_verdict() -> None:
    assert worst([]) is Verdict.FINE
