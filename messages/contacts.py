"""Whom a message goes to: sealed in the table, shown to staff with its middle left out."""

import re
from typing import Final

import msgspec

from messages.schemas import Contact
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.signing import SealError, Signer

MOST: Final = 254
"""Characters of an address (RFC 5321)."""
# A part of what RFC 5321 allows, and nothing that a header or a command could be cut by.
EMAIL: Final = re.compile(
    r"(?=.{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
HOME: Final = "+86"
MOBILE: Final = 11
HIDDEN: Final = "****"


def seal(signer: Signer, contact: Contact) -> str:
    """What a `Message` carries. Only what is needed to reach somebody goes in."""
    return signer.seal(msgspec.json.encode(contact).decode())


def opened(signer: Signer, sealed: str | None) -> Contact | None:
    """None when it was erased, or sealed with a key that is not ours any more."""
    try:
        return None if sealed is None else msgspec.json.decode(signer.open(sealed), type=Contact)
    except SealError:
        return None


def email(text: str) -> str:
    """The address as it is written to, its domain in ASCII. Raises InvalidError for what is none."""
    local, _at, domain = text.strip().rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode().lower()}"
    except UnicodeError:
        address = ""
    if len(address) > MOST or not EMAIL.fullmatch(address):
        raise InvalidError(_("This is not an e-mail address."), field="email")
    return address


def masked(contact: Contact | None) -> str:
    """Enough for staff to know it again: `138****1234`, `z****@example.com`; empty when there is nothing."""
    if contact is None:
        return ""
    ways = (_masked_phone(contact.phone) if contact.phone else "", _masked_email(contact.email or ""))
    return " · ".join(way for way in ways if way)


def _masked_phone(phone: str) -> str:
    number = phone.removeprefix(HOME)
    shown = 3 if len(number) >= MOBILE else 2
    return number[:shown] + HIDDEN + number[-shown - 1 :]


def _masked_email(address: str) -> str:
    local, at, domain = address.partition("@")
    return f"{local[:1]}{HIDDEN}@{domain}" if at else ""
