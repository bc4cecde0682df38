"""Each variable is read, checked, and refused with a sentence that helps."""

from pathlib import Path
from stat import S_IMODE

import pytest

from o2o.kernel.settings import SettingsError, read_settings

KEY = "k" * 32


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = read_settings({"O2O_DATA_DIR": str(tmp_path)})

    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite://{tmp_path}/o2o.db"
    assert settings.redis_url is None
    assert settings.rate_limits


def test_a_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = read_settings({"O2O_DATA_DIR": str(tmp_path)})
    second = read_settings({"O2O_DATA_DIR": str(tmp_path)})

    assert first.secret_keys == second.secret_keys
    assert S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


@pytest.mark.parametrize("key", ["", KEY])
def test_the_data_folder_is_made_for_us_alone(key: str, tmp_path: Path) -> None:
    """What lies in it is readable by all otherwise: the database has the hashes of PINs."""
    folder = tmp_path / "data"

    read_settings({"O2O_DATA_DIR": str(folder), "O2O_SECRET_KEY": key}).make_data_dir()

    assert S_IMODE(folder.stat().st_mode) == 0o700


def test_several_keys_are_read_in_their_order(tmp_path: Path) -> None:
    settings = read_settings({"O2O_DATA_DIR": str(tmp_path), "O2O_SECRET_KEY": f"{KEY}, {'l' * 32}"})

    assert settings.secret_keys == (KEY, "l" * 32)


def test_production_runs_with_what_it_needs(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "O2O_ENV": "production",
            "O2O_DATA_DIR": str(tmp_path),
            "O2O_SECRET_KEY": KEY,
            "O2O_BASE_URL": "https://hall.example/",
            "O2O_DATABASE_URL": "postgresql://o2o@db/o2o",
        }
    )

    assert settings.base_url == "https://hall.example"
    assert settings.database_url == "postgres://o2o@db/o2o"
    assert settings.https


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("HTTPS://Hall.Example/", "https://hall.example"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://营业厅.中国", "https://营业厅.中国"),
    ],
)
def test_the_address_is_as_browsers_write_it(given: str, address: str, tmp_path: Path) -> None:
    settings = read_settings({"O2O_BASE_URL": given, "O2O_DATA_DIR": str(tmp_path)})

    assert (settings.base_url, settings.https) == (address, True)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"O2O_ENV": "prod"}, "O2O_ENV"),
        ({"O2O_PORT": "http"}, "O2O_PORT"),
        ({"O2O_PORT": "70000"}, "O2O_PORT"),
        ({"O2O_PORT": "9" * 5000}, "O2O_PORT"),
        ({"O2O_DATA_DIR": "~nobody-is-called-so/var"}, "O2O_DATA_DIR"),
        ({"O2O_WORKERS": "0"}, "O2O_WORKERS"),
        ({"O2O_DATABASE_URL": "mysql://db/o2o"}, "O2O_DATABASE_URL"),
        ({"O2O_DATABASE_URL": "sqlite:/tmp/o2o.db"}, "O2O_DATABASE_URL"),
        ({"O2O_DATABASE_URL": "sqlite://"}, "O2O_DATABASE_URL"),
        ({"O2O_DATABASE_URL": "sqlite://:memory:"}, "O2O_DATABASE_URL"),
        ({"O2O_DATABASE_URL": "postgres://db:99999/o2o"}, "O2O_DATABASE_URL"),
        ({"O2O_DATABASE_URL": "postgres://[::1/o2o"}, "O2O_DATABASE_URL"),
        ({"O2O_REDIS_URL": "http://cache"}, "O2O_REDIS_URL"),
        ({"O2O_REDIS_URL": "redis://cache:port"}, "O2O_REDIS_URL"),
        ({"O2O_SECRET_KEY": "short"}, "O2O_SECRET_KEY"),
        ({"O2O_SECRET_KEY": f"{KEY},short"}, "O2O_SECRET_KEY"),
        ({"O2O_BASE_URL": "hall.example"}, "O2O_BASE_URL"),
        ({"O2O_BASE_URL": "https://hall.example/o2o"}, "O2O_BASE_URL"),
        ({"O2O_BASE_URL": "https://hall.example#o2o"}, "O2O_BASE_URL"),
        ({"O2O_BASE_URL": "https://hall.example:o2o"}, "O2O_BASE_URL"),
        ({"O2O_BASE_URL": "https://hall.example:99999"}, "O2O_BASE_URL"),
        ({"O2O_BASE_URL": "https://o2o@hall.example"}, "O2O_BASE_URL"),
        ({"O2O_BASE_URL": "https://["}, "O2O_BASE_URL"),
        ({"O2O_TRUSTED_PROXIES": "*"}, "O2O_TRUSTED_PROXIES"),
        ({"O2O_DEMO": "yes"}, "O2O_DEMO"),
        ({"O2O_RATE_LIMITS": "no"}, "O2O_RATE_LIMITS"),
        ({"O2O_KUAIDI100_KEY": "a"}, "O2O_KUAIDI100_CUSTOMER"),
        ({"O2O_KUAIDI100_CUSTOMER": "a"}, "O2O_KUAIDI100_KEY"),
        ({"O2O_KUAIDI100_URL": "poll.kuaidi100.com"}, "O2O_KUAIDI100_URL"),
        ({"O2O_KUAIDI100_URL": "https://["}, "O2O_KUAIDI100_URL"),
        ({"O2O_KUAIDI100_URL": "https://"}, "O2O_KUAIDI100_URL"),
        ({"O2O_KUAIDI100_URL": "https://carrier.example:o2o"}, "O2O_KUAIDI100_URL"),
        ({"O2O_SMTP_URL": "http://mail.example"}, "O2O_SMTP_URL"),
        ({"O2O_SMTP_URL": "smtp://mail.example"}, "O2O_MAIL_FROM"),
        ({"O2O_SMTP_URL": "smtp://mail.example", "O2O_MAIL_FROM": "o2o"}, "O2O_MAIL_FROM"),
        ({"O2O_MESSAGES_DAYS": "0"}, "O2O_MESSAGES_DAYS"),
        ({"O2O_ENV": "production", "O2O_BASE_URL": "https://hall.example"}, "O2O_SECRET_KEY"),
        ({"O2O_ENV": "production", "O2O_SECRET_KEY": KEY}, "O2O_BASE_URL"),
        (
            {"O2O_ENV": "production", "O2O_SECRET_KEY": KEY, "O2O_BASE_URL": "https://hall.example", "O2O_DEMO": "1"},
            "O2O_DEMO",
        ),
    ],
)
def test_a_value_that_can_not_be_used_is_named(environ: dict[str, str], name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        read_settings({"O2O_DATA_DIR": str(tmp_path), **environ})

    assert refused.value.name == name


def test_a_data_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()

    with pytest.raises(SettingsError, match=r"O2O_DATA_DIR is .*: use a folder that can be written"):
        read_settings({"O2O_DATA_DIR": str(in_the_way / "var")})


@pytest.mark.parametrize("password", ["se#cret", "se/cret", "se?cret", "se[cret", "12/34", "se@cret/"])
def test_a_password_that_is_not_written_as_in_addresses_is_refused_unshown(password: str, tmp_path: Path) -> None:
    url = f"postgres://o2o:{password}@db/o2o"

    with pytest.raises(SettingsError, match="%23") as refused:
        read_settings({"O2O_DATABASE_URL": url, "O2O_DATA_DIR": str(tmp_path)})

    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://o2o:se%23cret@db:5432/o2o?application_name=o2o@hall",
        "postgres://o2o@[2001:db8::1]/o2o",
        "postgres:///o2o?host=/run/postgresql",
    ],
)
def test_an_address_of_postgresql_is_taken_as_it_is(url: str, tmp_path: Path) -> None:
    assert read_settings({"O2O_DATABASE_URL": url, "O2O_DATA_DIR": str(tmp_path)}).database_url == url


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("O2O_REDIS_URL", "ftp://user:hidden@cache"),
        ("O2O_REDIS_URL", "redis://user:hidden/hidden@cache:6379/0"),
        ("O2O_REDIS_URL", "redis://user:1/hidden@cache:6379/0"),
        ("O2O_REDIS_URL", "redis+cluster://user:hidden/hidden@cache:6379"),
        ("O2O_REDIS_URL", "redis+sentinel://user:hidden#hidden@cache:6379/hall"),
        ("O2O_REDIS_URL", "unix://user:hidden/hidden@/run/redis.sock"),
        ("O2O_REDIS_URL", "unix://user:hidden?hidden@/run/redis.sock"),
        ("O2O_DATABASE_URL", "postgres://user:hidden/hidden@db/o2o"),
        ("O2O_DATABASE_URL", "postgres://user:1#hidden@db/o2o"),
        ("O2O_DATABASE_URL", "postgres://user:1?hidden@db/o2o"),
        ("O2O_SMTP_URL", "smtp://user:hidden/hidden@mail.example"),
    ],
)
def test_a_refusal_shows_no_secret(name: str, url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        read_settings({"O2O_DATA_DIR": str(tmp_path), name: url})

    assert "hidden" not in str(refused.value)
