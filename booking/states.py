"""The life of a ticket, as one table. No I/O, no clock, no ORM in this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class TicketState(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    LEFT = "left"
    CANCELLED = "cancelled"
    RESET = "reset"


class Action(StrEnum):
    ISSUE = "issue"
    CALL = "call"
    RECALL = "recall"
    START = "start"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    REQUEUE = "requeue"
    TRANSFER = "transfer"
    PARK = "park"
    UNPARK = "unpark"
    POSTPONE = "postpone"
    CLASSIFY = "classify"
    LEAVE = "leave"
    CANCEL = "cancel"
    RESET = "reset"


class Channel(StrEnum):
    """How the ticket was taken."""

    WEB = "web"
    CODE = "code"
    KIOSK = "kiosk"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Step:
    sources: frozenset[TicketState]
    target: TicketState


def _step(*sources: TicketState, to: TicketState) -> Step:
    return Step(frozenset(sources), to)


HEADS: Final = frozenset({TicketState.WAITING, TicketState.CALLED, TicketState.SERVING})
"""Who is counted as a head in the hall."""
LIVE: Final = HEADS | {TicketState.PARKED}
"""Who has not come to an end."""

STEPS: Final[Mapping[Action, Step]] = {
    Action.ISSUE: _step(to=TicketState.WAITING),
    Action.CALL: _step(TicketState.WAITING, to=TicketState.CALLED),
    Action.RECALL: _step(TicketState.CALLED, to=TicketState.CALLED),
    Action.START: _step(TicketState.CALLED, to=TicketState.SERVING),
    Action.COMPLETE: _step(TicketState.SERVING, to=TicketState.COMPLETED),
    Action.NO_SHOW: _step(TicketState.CALLED, to=TicketState.NO_SHOW),
    Action.REQUEUE: _step(TicketState.CALLED, TicketState.NO_SHOW, to=TicketState.WAITING),
    Action.TRANSFER: _step(TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, to=TicketState.WAITING),
    Action.PARK: _step(TicketState.WAITING, TicketState.SERVING, to=TicketState.PARKED),
    Action.UNPARK: _step(TicketState.PARKED, to=TicketState.WAITING),
    Action.POSTPONE: _step(TicketState.WAITING, to=TicketState.WAITING),
    Action.CLASSIFY: _step(TicketState.WAITING, to=TicketState.WAITING),
    Action.LEAVE: _step(TicketState.WAITING, TicketState.CALLED, TicketState.PARKED, to=TicketState.LEFT),
    Action.CANCEL: _step(*LIVE, to=TicketState.CANCELLED),
    Action.RESET: _step(*LIVE, to=TicketState.RESET),
}
