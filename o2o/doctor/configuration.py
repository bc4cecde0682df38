"""The settings, and what does not fit together in them."""

import ipaddress
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from o2o.doctor.finding import Finding, fine, mind, wrong
from o2o.kernel.settings import KEPT_KEY, Settings
from o2o.kernel.signing import Signer
from o2o.kernel.variables import VARIABLES

LOOPBACK: Final = ("//127.", "//localhost", "//[::1]")
WIDE: Final = 256
"""A network with more addresses than this is no list of proxies."""
DISTINCT: Final = 12
"""A random key of 32 characters has more different ones than this."""
PRIVATE: Final = 0o077


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable as it is in force; a secret's value is not shown."""

    name: str
    value: str
    source: str


def list_settings(environ: Mapping[str, str], settings: Settings | None) -> list[Setting]:
    """All variables; what follows from others is known only where they can be used."""
    derived = {"O2O_DATABASE_URL": settings.database_url, "O2O_BASE_URL": settings.base_url} if settings else {}
    return [_setting(name, environ.get(name, "").strip(), derived.get(name, "")) for name in VARIABLES]


def examine_configuration(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    found = [
        *_unknown_variables(environ),
        *_secret_key(settings, environ),
        *_base_url(settings),
        *_proxies(settings),
        *_what_is_switched(settings),
    ]
    return found if any(one.advice for one in found) else [fine("settings", "every variable makes sense"), *found]


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(environ):
        if name.startswith("O2O_") and name not in VARIABLES:
            yield mind("settings.unknown", f"{name} means nothing to o2o", "look for a spelling mistake")


def _secret_key(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    weak = [key for key in settings.secret_keys if len(set(key)) < DISTINCT]
    if weak:
        said = "a secret key is easily guessed: it repeats a few characters"
        yield wrong("secret_key.weak", said, "put a random one in front of it: openssl rand -base64 48")
    fingerprints = ", ".join(Signer(settings.secret_keys).fingerprints())
    if environ.get("O2O_SECRET_KEY", "").strip():
        yield fine("secret_key", f"set by O2O_SECRET_KEY; fingerprint {fingerprints}")
        return
    kept = settings.data_dir / KEPT_KEY
    yield fine(
        "secret_key", f"made, and kept in {kept}; fingerprint {fingerprints}. No backup contains it: keep a copy"
    )
    if stat.S_IMODE(kept.stat().st_mode) & PRIVATE:
        yield wrong("secret_key.open", f"others on this machine may read {kept}", f"chmod 600 {kept}")


def _base_url(settings: Settings) -> Iterator[Finding]:
    loopback = any(host in settings.base_url for host in LOOPBACK)
    if settings.production and loopback:
        said = f"codes would lead to {settings.base_url}, which no phone can reach"
        yield wrong("base_url.loopback", said, "set O2O_BASE_URL to the public address")
    if settings.production and not settings.https:
        said = "tokens and passwords travel unencrypted"
        yield wrong("base_url.http", said, "serve https through the proxy, and set O2O_BASE_URL to it")
    if settings.demo and not loopback:
        said = f"the demo's sign-ins are public, and {settings.base_url} may be reached by others"
        yield mind("demo", said, "show it in a network that you trust, and keep real halls out of it")


def _proxies(settings: Settings) -> Iterator[Finding]:
    for text in settings.trusted_proxies:
        network = ipaddress.ip_network(text)
        if network.num_addresses > WIDE:
            said = f"everybody in {network} is believed about the address that a request comes from"
            yield mind("proxies.wide", said, "name the proxies alone in O2O_TRUSTED_PROXIES: limits count addresses")
    if settings.production and settings.https and settings.host not in {"127.0.0.1", "::1", "localhost"}:
        said = f"port {settings.port} is open on {settings.host}, beside the proxy that has the certificate"
        yield mind("proxies.beside", said, "let O2O_HOST be an address that only the proxy reaches")


def _what_is_switched(settings: Settings) -> Iterator[Finding]:
    if not settings.rate_limits:
        said = "rate limits are off, so bots may hoard numbers"
        yield mind("rate_limits.off", said, "unset O2O_RATE_LIMITS outside load tests")
    if settings.workers > 1 and settings.redis_url is None and settings.production:
        said = f"{settings.workers} processes rest on one embedded Redis, which ends with them"
        yield mind("workers.embedded", said, "run Redis on its own and set O2O_REDIS_URL")


def _setting(name: str, value: str, derived: str) -> Setting:
    if value:
        return Setting(name, "•••" if VARIABLES[name].secret else value, "environment")
    return Setting(name, derived, "derived") if derived else Setting(name, VARIABLES[name].default, "default")
