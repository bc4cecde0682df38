"""The settings: read once from the environment, frozen, and passed to whoever needs them."""

import errno
import ipaddress
import os
import re
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from o2o.kernel.addresses import RedisUrl, split_address
from o2o.kernel.mail import Mailbox, MailServer
from o2o.kernel.variables import VARIABLES

KEY_LENGTH: Final = 32
KEPT_KEY: Final = "secret-key"
OURS_ALONE: Final = 0o700
"""Of the data folder, if we make it: SQLite leaves its files for all on the machine to read."""
LEAST_DAYS: Final = 7
"""Longer than anything is repeated (24 h), and than any clock or time zone is apart from another."""
BASE_URL: Final = re.compile(r"https?://([^\s/?#@\[\]:]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
NUMBER: Final = re.compile("[0-9]{1,9}")
PORTS: Final = range(1, 65_536)
T = TypeVar("T")
SQL: Final = ("sqlite://", "postgres://")


class SettingsError(ValueError):
    """A variable has a value that can't be used; the message names it and says what to do."""

    def __init__(self, name: str, value: str, advice: str) -> None:
        variable = VARIABLES[name]
        shown = "is not set" if not value else "is set" if variable.secret else f"is {value!r}"
        self.said = f"{name} {shown}"
        self.advice = advice
        super().__init__(f"{self.said}: {advice}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `o2o.kernel.variables` describes, checked and typed. `redis_url` None means the embedded Redis."""

    production: bool
    host: str
    port: int
    data_dir: Path
    database_url: str
    connections: int
    redis_url: str | None
    workers: int
    secret_keys: tuple[str, ...]
    base_url: str
    trusted_proxies: tuple[str, ...]
    demo: bool
    demo_password: str
    rate_limits: bool
    lock_minutes: int
    drain_seconds: int
    archive_days: int
    smtp: MailServer | None
    mail_from: Mailbox | None
    messages_days: int
    contacts_days: int
    kuaidi100_key: str
    kuaidi100_customer: str
    kuaidi100_url: str

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    def make_data_dir(self) -> None:
        """Raises SettingsError when the folder can't be made, or not be written."""
        with _writing(self.data_dir):
            self.data_dir.mkdir(OURS_ALONE, parents=True, exist_ok=True)
            if not os.access(self.data_dir, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings that `environ` holds. Raises SettingsError for the first one that can't be used.

    Outside production a missing secret key is made, and kept in the data folder.
    """
    values = {name: environ.get(name, "").strip() or variable.default for name, variable in VARIABLES.items()}
    production = _choice("O2O_ENV", values, {"development": False, "production": True})
    host, port = values["O2O_HOST"], _number("O2O_PORT", values, PORTS)
    data_dir = _folder("O2O_DATA_DIR", values)
    settings = Settings(
        production=production,
        host=host,
        port=port,
        data_dir=data_dir,
        database_url=_database_url(values, data_dir),
        connections=_number("O2O_DATABASE_CONNECTIONS", values, range(2, 201)),
        redis_url=_redis_url(values),
        workers=_number("O2O_WORKERS", values, range(1, 257)),
        secret_keys=_secret_keys(values, data_dir, production=production),
        base_url=_base_url(values, host, port, production=production),
        trusted_proxies=_proxies(values),
        demo=_choice("O2O_DEMO", values, {"": False, "0": False, "1": True}),
        demo_password=values["O2O_DEMO_PASSWORD"],
        rate_limits=_choice("O2O_RATE_LIMITS", values, {"on": True, "off": False}),
        lock_minutes=_number("O2O_LOCK_MINUTES", values, range(241)),
        drain_seconds=_number("O2O_DRAIN_SECONDS", values, range(61)),
        archive_days=_number("O2O_ARCHIVE_DAYS", values, range(3651)),
        smtp=_read("O2O_SMTP_URL", values, MailServer.read),
        mail_from=_read("O2O_MAIL_FROM", values, Mailbox.read),
        messages_days=_number("O2O_MESSAGES_DAYS", values, range(1, 3651)),
        contacts_days=_number("O2O_CONTACTS_DAYS", values, range(1, 3651)),
        kuaidi100_key=values["O2O_KUAIDI100_KEY"],
        kuaidi100_customer=values["O2O_KUAIDI100_CUSTOMER"],
        kuaidi100_url=values["O2O_KUAIDI100_URL"].rstrip("/"),
    )
    _check_together(settings)
    return settings


def own_address() -> str:
    """This machine's address in the network it would reach the world through; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # A documentation address: connecting a UDP socket only picks a route.
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _choice(name: str, values: Mapping[str, str], choices: Mapping[str, bool]) -> bool:
    if values[name] not in choices:
        raise SettingsError(name, values[name], f"use one of {', '.join(choice or 'nothing' for choice in choices)}")
    return choices[values[name]]


def _number(name: str, values: Mapping[str, str], allowed: range) -> int:
    text = values[name]
    if not (NUMBER.fullmatch(text) and int(text) in allowed):
        raise SettingsError(name, text, f"use a whole number from {allowed.start} to {allowed.stop - 1}")
    return int(text)


def _folder(name: str, values: Mapping[str, str]) -> Path:
    try:
        return Path(values[name]).expanduser().resolve()
    except (OSError, RuntimeError) as error:  # Nobody's home, or links that lead in a circle.
        raise SettingsError(name, values[name], f"use a folder that there is ({error})") from error


def _database_url(values: Mapping[str, str], data_dir: Path) -> str:
    return _read("O2O_DATABASE_URL", values, _checked_database_url) or f"sqlite://{data_dir / 'o2o.db'}"


def _checked_database_url(url: str) -> str:
    """Raises ValueError with what would do instead."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql", "postgres", 1)
    if not url.startswith(SQL):
        raise ValueError("use sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME")
    if url.startswith("postgres:"):
        split_address(url)
    elif url.removeprefix("sqlite://").partition("?")[0] in {"", ":memory:"}:  # Each process would have one of its own.
        raise ValueError("use sqlite://PATH, with the path of a file")
    return url


def _redis_url(values: Mapping[str, str]) -> str | None:
    return values["O2O_REDIS_URL"] if _read("O2O_REDIS_URL", values, RedisUrl.read) else None


def _read(name: str, values: Mapping[str, str], read: Callable[[str], T]) -> T | None:
    """What `read` makes of the variable; None when it is not set."""
    try:
        return read(values[name]) if values[name] else None
    except ValueError as error:
        raise SettingsError(name, values[name], str(error)) from error


def _secret_keys(values: Mapping[str, str], data_dir: Path, *, production: bool) -> tuple[str, ...]:
    name = "O2O_SECRET_KEY"
    text = values[name]
    if not text and production:
        raise SettingsError(name, text, f"production needs one: at least {KEY_LENGTH} random characters")
    if not text:
        with _writing(data_dir):
            text = _kept_key(data_dir)
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not keys or any(len(key) < KEY_LENGTH for key in keys):
        raise SettingsError(name, text, f"each key needs at least {KEY_LENGTH} characters")
    return keys


@contextmanager
def _writing(data_dir: Path) -> Iterator[None]:
    """What can't be written in the data folder is a matter of the settings."""
    try:
        yield
    except OSError as error:
        advice = f"use a folder that can be written ({error.strerror})"
        raise SettingsError("O2O_DATA_DIR", str(data_dir), advice) from error


def _kept_key(data_dir: Path) -> str:
    """The key kept in the data folder, made now if there is none. Of two processes that start together one wins."""
    kept = data_dir / KEPT_KEY
    data_dir.mkdir(OURS_ALONE, parents=True, exist_ok=True)
    if not kept.exists():
        mine = data_dir / f"{KEPT_KEY}.{os.getpid()}"
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(mine, kept)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return kept.read_text().strip()


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # No port, or half a bracket.
        return False


def _base_url(values: Mapping[str, str], host: str, port: int, *, production: bool) -> str:
    name = "O2O_BASE_URL"
    url = values[name].rstrip("/").lower()  # As browsers write it in Origin, and in their own addresses.
    if not url and production:
        raise SettingsError(name, url, "production needs the address people reach the service at, https://…")
    if not url:
        return f"http://{_reachable(host)}:{port}"
    if not (BASE_URL.fullmatch(url) and _is_web_address(url)):
        raise SettingsError(name, url, "use https://HOST, without a path")
    return url


def _reachable(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - every interface was asked for by name
        return own_address()
    return f"[{host}]" if ":" in host else host


def _proxies(values: Mapping[str, str]) -> tuple[str, ...]:
    name = "O2O_TRUSTED_PROXIES"
    addresses = tuple(address.strip() for address in values[name].split(",") if address.strip())
    for address in addresses:
        try:
            ipaddress.ip_network(address)
        except ValueError:
            advice = "use addresses or networks such as 10.0.0.0/8; everybody (*) can't be trusted"
            raise SettingsError(name, values[name], advice) from None
    return addresses


def _check_together(settings: Settings) -> None:
    if 0 < settings.archive_days < LEAST_DAYS:
        raise SettingsError("O2O_ARCHIVE_DAYS", str(settings.archive_days), f"use {LEAST_DAYS} or more, or 0 for never")
    if settings.smtp and settings.mail_from is None:
        raise SettingsError("O2O_MAIL_FROM", "", "say who the mails are from: o2o <hall@example.com>")
    if bool(settings.kuaidi100_key) != bool(settings.kuaidi100_customer):
        name = "O2O_KUAIDI100_CUSTOMER" if settings.kuaidi100_key else "O2O_KUAIDI100_KEY"
        raise SettingsError(name, "", "the key and the customer's number go together")
    if not _is_web_address(settings.kuaidi100_url):
        raise SettingsError("O2O_KUAIDI100_URL", settings.kuaidi100_url, "use https://HOST")
    if settings.production and settings.demo:
        raise SettingsError("O2O_DEMO", "1", "the demo's sign-ins are public, so production refuses them")
