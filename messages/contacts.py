"""Whom a message goes to: sealed in the table, shown to staff with its middle left out."""

from typing import Final

import msgspec

from messages.schemas import Contact
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.mail import mail_address
from o2o.kernel.signing import SealError, Signer

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
    """The address as it is written to. Raises InvalidError for what is none."""
    address = mail_address(text)
    if address is None:
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
