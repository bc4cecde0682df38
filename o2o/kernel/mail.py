"""Addresses of e-mail; `O2O_SMTP_URL`, the server that takes what we write."""

import re
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Final, NamedTuple, Self
from urllib.parse import parse_qs, unquote

from o2o.kernel.addresses import split_address

MOST: Final = 254
"""Characters of an address (RFC 5321)."""
# A part of what RFC 5321 allows, and nothing that a header or a command could be cut by: `=?` begins a text in another
# alphabet, which the library reads before it writes it.
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?=.{{1,64}}@)(?!.*=\?){_LOCAL}@({_LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]")
PORTS: Final = {"smtp": 587, "smtps": 465}
USE: Final = "use smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://USER:PASSWORD@HOST:465"


def mail_address(text: str) -> str | None:
    """The address as it is written to, its domain in ASCII and small letters; None for what is none."""
    local, _at, domain = text.strip().rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode().lower()}"
    except UnicodeError:
        return None
    return address if len(address) <= MOST and _ADDRESS.fullmatch(address) else None


class Mailbox(NamedTuple):
    """Who a mail is from: `Heping Hall <hall@example.com>`."""

    name: str
    address: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError with what would do instead."""
        name, written = parseaddr(text)
        address = mail_address(written)
        if address is None or not text.isprintable():
            raise ValueError("use an address, or a name and an address: o2o <hall@example.com>")
        return cls(name, address)


class MailServer(NamedTuple):
    """`tls`: from the first byte (smtps). Otherwise STARTTLS, without which only a server on this machine will do.

    `ca` is a file with the certificates to trust, in place of the machine's.
    """

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    ca: str | None

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises ValueError with what would do instead."""
        parts = split_address(url)
        options = parse_qs(parts.query)
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or set(options) - {"ca"}:
            raise ValueError(USE)
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "smtps",
            ca=options.get("ca", [None])[-1],
        )

    @property
    def here(self) -> bool:
        """Whether it is on this machine, so that nobody can listen on the way."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
