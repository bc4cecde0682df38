"""Rows as Redis, the journal and SQL share them, and what goes in and out over HTTP."""

from typing import Annotated, Literal

import msgspec

from booking.states import Channel, TicketState
from halls.schemas import TEXT_PATTERN, Estimate, Id

Phone = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
Name = Annotated[str, msgspec.Meta(max_length=60, pattern=TEXT_PATTERN)]
Places = Annotated[int, msgspec.Meta(ge=1, le=50)]


class TicketRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"class_": "class"}):
    """A ticket as the scripts keep it; times in ms since 1970. `holder` is the keyed hash of a phone number."""

    id: str
    hall: str
    day: str
    number: str
    prefix: str
    serial: int
    service: str
    class_: str
    channel: Channel
    state: TicketState
    turn: float
    counter: str | None = None
    holder: str | None = None
    created_at: int
    called_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    calls: int = 0
    outcome: str | None = None
    epoch: int
    version: int


class CounterRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    hall: str
    open: bool
    clerk: str | None = None
    ticket: str | None = None
    since: int
    epoch: int
    version: int


class TakeNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """`phone` in any usual writing; with it a second live ticket of the same service is refused.

    `class` is one of the hall's (`rules.classes`), the first of them when absent.
    """

    service: Id
    phone: Phone | None = None
    name: Name | None = None
    class_: Id | None = None
    channel: Channel = Channel.WEB


class CallTicket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without a ticket: the one whose turn it is."""

    ticket: str | None = None


class Complete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outcome: Annotated[str, msgspec.Meta(max_length=40, pattern=TEXT_PATTERN)] | None = None


class Requeue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: Literal["first", "last", "places"]
    places: Places | None = None


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """`position` counts from 1 while waiting; times are RFC 3339. `token` only when it is created."""

    id: str
    number: str | None
    state: TicketState
    hall: str
    service: str
    counter: str | None
    class_: str
    position: int | None
    people_ahead: int | None
    estimate: Estimate
    called_at: str | None
    created_at: str
    calls: int
    version: int
    token: str | msgspec.UnsetType = msgspec.UNSET


class LiveCounter(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    hall: str
    open: bool
    clerk: str | None
    ticket: Ticket | None
    since: str | None
