"""A code, as it is made, kept and shown."""

from datetime import datetime

from msgspec import Struct


class NewCode(Struct, frozen=True, kw_only=True):
    """`kind` says what the code is for; the places that make and follow codes agree on kinds, qr does not."""

    kind: str
    hall: str
    place: str | None = None
    sku: str | None = None
    issued_by: str | None = None
    campaign: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class Code(Struct, frozen=True, kw_only=True):
    """`text` is what is printed: opaque, 32 characters, with a MAC by the first key. `id` never leaves the service."""

    id: str
    text: str
    kind: str
    hall: str
    place: str | None
    sku: str | None
    issued_by: str | None = None
    campaign: str | None = None
    made_at: datetime


class ShownCode(Struct, frozen=True, kw_only=True):
    """What anybody may know of a code: a screen that waits to be paired has no hall yet."""

    kind: str
    hall: str | None = None
    place: str | None = None
    sku: str | None = None
