"""What the other packages hand over to be told."""

from collections.abc import Mapping

from msgspec import Struct

from messages.states import Purpose


class Contact(Struct, frozen=True, omit_defaults=True):
    """Where somebody can be reached: a phone number in E.164, an e-mail address, or both."""

    phone: str | None = None
    email: str | None = None


class Link(Struct, frozen=True, omit_defaults=True):
    """Where the message leads: a path of ours.

    With `right` and `of` the link also carries the right to that page: the token that the Signer derives from the
    purpose `right` and the id `of`. It is derived when the message is sent and stored nowhere.
    """

    path: str
    right: str | None = None
    of: str | None = None


class Message(Struct, frozen=True, kw_only=True):
    """One thing to tell one person, once for each (purpose, subject).

    `subject` is the id of what it is about (an order, a line, a place on a waiting list). `contact` is what
    `contacts.seal` made. `at` is now, and `due_at` (if later) when to send it, both in ms. `params` are what
    `states.NEEDS` asks for, in `language`: no names, numbers or addresses of people. `hall` is whose staff may see it.
    """

    purpose: Purpose
    subject: str
    language: str
    contact: str
    at: int
    params: Mapping[str, str]
    link: Link | None = None
    hall: str | None = None
    due_at: int | None = None
