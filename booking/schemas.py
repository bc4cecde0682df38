"""Rows as Redis, the journal and SQL share them, and what goes in and out over HTTP."""

from typing import Annotated, Literal

import msgspec

from booking.states import Channel, TicketState
from halls.fields import TEXT_PATTERN, Id
from halls.pause import Message, Words
from halls.schemas import Estimate

Phone = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
Name = Annotated[str, msgspec.Meta(max_length=60, pattern=TEXT_PATTERN)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=TEXT_PATTERN)]
Places = Annotated[int, msgspec.Meta(ge=1, le=50)]


class TicketRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"class_": "class"}):
    """A ticket as the scripts keep it; times in ms since 1970, `turn` in ms since the day's midnight in UTC.

    `age` is the turn that it was issued with, `class` what it ranks as, `claimed` what its holder says and staff have
    not confirmed. `bound` is the only counter that calls it, `remaining` the services that the visit goes on with
    ("bill,device"), `holder` the keyed hash of a phone number. `hold` is the hold on stock that the ticket carries, and
    `goods` what that holds ("case-clear:2").
    """

    id: str
    hall: str
    day: str
    number: str
    prefix: str
    serial: int
    service: str
    class_: str
    claimed: str | None = None
    channel: Channel
    state: TicketState
    turn: float
    age: float | None = None
    bound: str | None = None
    remaining: str | None = None
    counter: str | None = None
    holder: str | None = None
    hold: str | None = None
    goods: str | None = None
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


class ShareRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls in a row a profile of counters gave to the priority classes while the standard one waited."""

    id: str
    hall: str
    profile: str
    calls: int


class PauseRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a hall has stopped. `message` is JSON: the words in both languages."""

    id: str
    issuing: bool
    calling: bool
    message: str | None = None
    since: int
    actor: str


class TakeNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """`phone` in any usual writing; with it a second live ticket of the same service is refused.

    `class` is one of the hall's (`rules.classes`), the first of them when absent; another than the first ranks as the
    first until staff confirm it. `then` are the services that the visit goes on with, one after the other. `hold` is a
    hold on stock of the hall, with its token (`<id>.<token>`) unless the request shows that as Bearer.
    """

    service: Id
    phone: Phone | None = None
    name: Name | None = None
    class_: Id | None = None
    channel: Channel = Channel.WEB
    then: Annotated[tuple[Id, ...], msgspec.Meta(max_length=8)] = ()
    hold: Annotated[str, msgspec.Meta(min_length=1, max_length=80)] | None = None


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`take_over`: also when another clerk has the counter open."""

    take_over: bool = False


class CallTicket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without a ticket: the one whose turn it is. `reason` says why the chosen one goes before others."""

    ticket: str | None = None
    reason: Reason | None = None


class Complete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outcome: Annotated[str, msgspec.Meta(max_length=40, pattern=TEXT_PATTERN)] | None = None


class Requeue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: Literal["first", "last", "places"]
    places: Places | None = None
    reason: Reason | None = None


class Transfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To another service, to one counter alone, or to another position; `age` is where it belongs by its arrival.

    `then` are the services that the visit goes on with; absent, those that remain.
    """

    position: Literal["first", "last", "age"]
    service: Id | None = None
    counter: Id | None = None
    then: Annotated[tuple[Id, ...], msgspec.Meta(max_length=8)] | None = None
    reason: Reason | None = None


class Because(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Reason | None = None


class Postpone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let so many people go first."""

    places: Places


class Classify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`class` is one of the hall's; `reason` is for the record ("elder", "disabled")."""

    class_: Id = msgspec.field(name="class")
    reason: Reason | None = None


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stops. The message is shown on every page and display, in one writing or in both languages."""

    issuing: bool
    calling: bool
    message: Message | Words | None = None


class TicketHold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a ticket carries. How it stands, and until when it is held, where one ticket is read."""

    sku: str
    quantity: int
    state: str | None = None
    expires_at: str | None = None


class Ticket(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """`position` counts from 1 while waiting; times are RFC 3339. `token` only when it is created.

    `claimed_class` waits for the staff to confirm it, `for_counter` is the only counter that will call the ticket,
    `then` are the services that the visit goes on with. `hold` only when it carries one.
    """

    id: str
    number: str | None
    state: TicketState
    hall: str
    service: str
    counter: str | None
    class_: str
    claimed_class: str | None
    for_counter: str | None
    then: list[str]
    position: int | None
    people_ahead: int | None
    estimate: Estimate
    called_at: str | None
    created_at: str
    calls: int
    version: int
    hold: TicketHold | msgspec.UnsetType = msgspec.UNSET
    token: str | msgspec.UnsetType = msgspec.UNSET


class LiveCounter(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    hall: str
    open: bool
    clerk: str | None
    ticket: Ticket | None
    since: str | None
