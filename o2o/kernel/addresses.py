"""O2O_REDIS_URL: one server, a cluster (`redis+cluster://`) or what sentinels watch (`redis+sentinel://`)."""

from typing import Final, NamedTuple, Self
from urllib.parse import SplitResult, urlsplit

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
        parts = urlsplit(url)
        if parts.scheme not in KINDS:
            raise ValueError(f"use {'://, '.join(KINDS)}://, or leave it out")
        kind = KINDS[parts.scheme]
        if not kind:
            return cls(kind, (), "", parts)
        nodes = tuple(_address(node, PORTS[kind]) for node in parts.netloc.rpartition("@")[2].split(","))
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


def _address(text: str, port: int) -> Address:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("name each server as HOST:PORT, with commas between them")
    return Address(parts.hostname, parts.port or port)
