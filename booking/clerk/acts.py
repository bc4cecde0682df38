"""What each button of the page does."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from booking.clerk.desk import Desk
from booking.errors import ticket_not_found
from booking.queries import ticket_row
from booking.schemas import (
    Because,
    CallTicket,
    Classify,
    Complete,
    Postpone,
    Reason,
    Requeue,
    TakeNumber,
    TicketRow,
    Transfer,
)
from booking.service.line import Change
from booking.state import BookingState
from booking.states import Channel
from halls.fields import Id
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import convert
from o2o.kernel.i18n import _

NOT_CONFIRMED: Final = "not_confirmed"


class ActForm(msgspec.Struct, forbid_unknown_fields=True, rename={"class_": "class"}):
    """`act` is a key of ACTS; a row's button names its ticket too: `call:<id>`. The rest is what some acts need.

    `why` are words of one's own in place of a `reason` that was offered. What is typed is judged by the act, so that
    the page that refuses it keeps it.
    """

    act: str
    counter: str
    key: str
    csrf: str
    ticket: str = ""
    sheet: str = ""
    service: Id | None = None
    to: Id | None = None
    position: Literal["first", "last", "age"] = "last"
    class_: Id | None = None
    places: str = "1"
    phone: str | None = None
    reason: Reason | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One press of a button. `ticket` is empty where it is about none."""

    name: str
    desk: Desk
    ticket: str
    filled: ActForm
    attempt: Attempt

    @classmethod
    def of(cls, desk: Desk, filled: ActForm, attempt: Attempt) -> "Act":
        """A row's button names its own ticket; "call" without one is for whoever is next."""
        name, _colon, chosen = filled.act.partition(":")
        return cls(name, desk, chosen or ("" if name == "call" else filled.ticket), filled, attempt)

    @property
    def counter(self) -> str:
        return self.desk.counter.id

    @property
    def reason(self) -> str | None:
        return self.because.reason

    @property
    def because(self) -> Because:
        """Raises InvalidError."""
        return convert({"reason": self.filled.why or self.filled.reason}, Because)

    @property
    def places(self) -> int:
        """Raises InvalidError."""
        return convert({"places": self.filled.places}, Postpone).places


Verb = Callable[[BookingState, Act], Awaitable[Change | None]]


async def _confirm(state: BookingState, act: Act) -> Change | None:
    """The person has the class that they claim; nothing to do when somebody has looked already."""
    row = await _seen(act)
    return await _classify(state, act, row.claimed) if row.claimed else None


async def _deny(state: BookingState, act: Act) -> Change | None:
    """The person keeps the class that they have; the claim goes."""
    row = await _seen(act)
    return await _classify(state, act, row.class_, NOT_CONFIRMED) if row.claimed else None


async def _classify(state: BookingState, act: Act, class_: str, reason: str | None = None) -> Change:
    return await state["moving"].classify(act.ticket, Classify(class_, act.reason or reason), act.attempt)


async def _issue(state: BookingState, act: Act) -> Change:
    """A number for somebody who stands there: what the clerk says of them counts at once."""
    filled = act.filled
    if filled.service is None:
        raise InvalidError(_("Choose what brings them here."), field="service")
    wish = TakeNumber(filled.service, filled.phone, class_=filled.class_, channel=Channel.STAFF)
    return await state["arrivals"].take_number(act.desk.hall.id, wish, act.attempt, confirmed=True)


async def _seen(act: Act) -> TicketRow:
    row = await ticket_row(act.ticket)
    if row is None:
        raise ticket_not_found()
    return row


def _requeue(to: Literal["first", "last", "places"]) -> Verb:
    def requeue(state: BookingState, act: Act) -> Awaitable[Change]:
        wish = Requeue(to, act.places if to == "places" else None, act.reason)
        return state["calling"].requeue(act.ticket, wish, act.attempt)

    return requeue


def _transfer(state: BookingState, act: Act) -> Awaitable[Change]:
    wish = Transfer(act.filled.position, act.filled.service, act.filled.to, reason=act.reason)
    return state["moving"].transfer(act.ticket, wish, act.attempt)


def _call(state: BookingState, act: Act) -> Awaitable[Change | None]:
    return state["calling"].call(act.counter, CallTicket(act.ticket or None, act.reason), act.attempt)


ACTS: Final[Mapping[str, Verb]] = {
    "open": lambda state, act: state["calling"].open_counter(act.counter, act.attempt),
    "take-over": lambda state, act: state["calling"].open_counter(act.counter, act.attempt, take_over=True),
    "close": lambda state, act: state["calling"].close_counter(act.counter, act.attempt),
    "call": _call,
    "recall": lambda state, act: state["calling"].recall(act.ticket, act.attempt),
    "start": lambda state, act: state["calling"].start(act.ticket, act.attempt),
    "complete": lambda state, act: state["calling"].complete(act.ticket, Complete(), act.attempt),
    "no-show": lambda state, act: state["calling"].no_show(act.ticket, act.attempt),
    "requeue-first": _requeue("first"),
    "requeue-last": _requeue("last"),
    "requeue-places": _requeue("places"),
    "transfer": _transfer,
    "park": lambda state, act: state["moving"].park(act.ticket, act.because, act.attempt),
    "unpark": lambda state, act: state["moving"].unpark(act.ticket, act.because, act.attempt),
    "postpone": lambda state, act: state["moving"].postpone(act.ticket, Postpone(act.places), act.attempt),
    "class": lambda state, act: _classify(state, act, act.filled.class_ or ""),
    "confirm": _confirm,
    "deny": _deny,
    "cancel": lambda state, act: state["moving"].cancel(act.ticket, act.because, act.attempt),
    "issue": _issue,
}
"""By the name that a button has."""


def typed(filled: ActForm | None) -> dict[str, Any]:
    """What stood in the fields of a form that was refused, for the page to keep."""
    fields: dict[str, Any] = msgspec.to_builtins(filled or ActForm("", "", "", ""))
    return fields
