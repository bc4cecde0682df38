"""Addresses of servers. O2O_REDIS_URL: one, a cluster (`redis+cluster://`) or what sentinels watch (`…+sentinel://`)."""

import re
from typing import Final, NamedTuple, Self
from urllib.parse import SplitResult, parse_qsl, urlsplit

from redis.asyncio import ConnectionPool

PORTS: Final = {"": 6379, "cluster": 6379, "sentinel": 26379}
KINDS: Final = {
    "redis": "",
    "rediss": "",
    "unix": "",
    "redis+cluster": "cluster",
    "rediss+cluster": "cluster",
    "redis+sentinel": "sentinel",
    "rediss+sentinel": "sentinel",
}
USE: Final = "write …://USER:PASSWORD@HOST:PORT, and %2F, %3F, %23 where USER or PASSWORD has /, ?, #"
NUMBER: Final = re.compile("/?[0-9]{0,4}")


class Address(NamedTuple):
    host: str
    port: int


class RedisUrl(NamedTuple):
    """`kind` is empty for one server. `nodes` are asked first; `service` is what sentinels call the master."""

    kind: str
    nodes: tuple[Address, ...]
    service: str
    parts: SplitResult

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises ValueError with what would do instead."""
        parts = split_address(url)
        if parts.scheme not in KINDS:
            raise ValueError(f"use {'://, '.join(KINDS)}://, or leave it out")
        kind = KINDS[parts.scheme]
        if not kind:
            return cls(kind, (), "", _ensure_one(parts))
        nodes = tuple(_address(node, PORTS[kind]) for node in _hosts(parts))
        _ensure_options(parts)
        service = parts.path.strip("/")
        if kind == "sentinel" and not service:
            raise ValueError("name the service that the sentinels watch: redis+sentinel://HOST:PORT,HOST:PORT/SERVICE")
        if kind == "cluster" and service not in {"", "0"}:
            raise ValueError("a cluster has no databases by number: redis+cluster://HOST:PORT,HOST:PORT")
        return cls(kind, nodes, service, parts)

    def plain(self, address: Address) -> str:
        """The URL of one server of these, with the same user, encryption and options."""
        user, at, _nodes = self.parts.netloc.rpartition("@")
        host = f"[{address.host}]" if ":" in address.host else address.host
        netloc = f"{user}{at}{host}:{address.port}"
        return self.parts._replace(scheme=self.parts.scheme.partition("+")[0], netloc=netloc, path="").geturl()


def split_address(url: str) -> SplitResult:
    """The parts of an address that may have a user, a password and several hosts.

    Raises ValueError, which shows nothing of it: where a password is not written as it must be, any part may be of it.
    """
    try:
        parts = urlsplit(url)
        for host in _hosts(parts):
            _ = urlsplit(f"//{host}").port
        _ = parts.query and parse_qsl(parts.query, strict_parsing=True)
    except ValueError:
        raise ValueError(USE) from None
    if parts.fragment or "@" in parts.path:
        raise ValueError(USE)
    return parts


def _hosts(parts: SplitResult) -> list[str]:
    return parts.netloc.rpartition("@")[2].split(",")


def _ensure_one(parts: SplitResult) -> SplitResult:
    """Raises ValueError unless these are the parts of one server's address."""
    if parts.scheme == "unix" and (not parts.path or _hosts(parts) != [""]):
        raise ValueError(
            "name the socket's file: unix:///PATH or unix://USER:PASSWORD@/PATH, with %2F for a / of those"
        )
    if parts.scheme != "unix" and not NUMBER.fullmatch(parts.path):
        raise ValueError("what follows the host is a database's number: redis://HOST:PORT/0")
    _ensure_options(parts)
    return parts


def _ensure_options(parts: SplitResult) -> None:
    """Raises ValueError unless redis-py knows these options: else it says so when it connects, as a mistake of ours."""
    try:
        pool = ConnectionPool.from_url(f"{parts.scheme.partition('+')[0]}://?{parts.query}")
        pool.make_connection()  # type: ignore[no-untyped-call]
    except (ValueError, TypeError):
        raise ValueError("what follows the ? are options of redis-py, such as ?ssl_ca_certs=/etc/ca.pem") from None


def _address(text: str, port: int) -> Address:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("name each server as HOST:PORT, with commas between them")
    return Address(parts.hostname, parts.port or port)
