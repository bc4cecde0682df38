"""What the line refuses with. The codes are the contract's."""

from typing import Any, Final

import msgspec

from booking.states import TicketState
from halls.stock.errors import HoldEndedError
from o2o.kernel.errors import ConflictError, NotFoundError
from o2o.kernel.i18n import _


class HallClosedError(ConflictError):
    code = "hall_closed"


class HallFullError(ConflictError):
    code = "hall_full"


class HallPausedError(ConflictError):
    """`words` is what the hall's manager says of it, by language."""

    code = "hall_paused"


class ServiceClosedError(ConflictError):
    code = "service_closed"


class AlreadyWaitingError(ConflictError):
    code = "already_waiting"


class CounterClosedError(ConflictError):
    code = "counter_closed"


class CounterOccupiedError(ConflictError):
    code = "counter_occupied"


class CounterBusyError(ConflictError):
    code = "counter_busy"


class WrongStateError(ConflictError):
    code = "wrong_state"


class PutBackTooLateError(ConflictError):
    code = "put_back_too_late"


class ServiceInUseError(ConflictError):
    code = "service_in_use"


class ClassInUseError(ConflictError):
    code = "class_in_use"


class CounterInUseError(ConflictError):
    code = "counter_in_use"


class HoldCarriedError(ConflictError):
    code = "hold_carried"


class HoldElsewhereError(ConflictError):
    code = "hold_elsewhere"


class TicketNotFoundError(NotFoundError):
    """The same for a wrong token and an unknown id."""


def ticket_not_found() -> TicketNotFoundError:
    return TicketNotFoundError(
        _("There is no such ticket, or it is not yours. To open it on another phone, press Share on its page.")
    )


def refused(code: str, details: dict[str, Any]) -> ConflictError:
    """The error for a script's refusal."""
    if code == WrongStateError.code:
        return WrongStateError(IN_STATE[TicketState(details["state"])], **details)
    if code == HoldEndedError.code:
        return HoldEndedError(details["state"])
    error, message = REFUSALS[code]
    if said := details.get("words"):
        details = details | {"words": msgspec.json.decode(said)}
    return error(message, **details)


FULL: Final = _("The hall is full just now. Come back when people have left, or choose another.")
REFUSALS: dict[str, tuple[type[ConflictError], str]] = {
    "hall_full": (HallFullError, FULL),
    "hall_paused": (HallPausedError, _("The hall has paused. Please wait for its staff to go on.")),
    "service_closed": (ServiceClosedError, _("This service is closed just now. Choose another, or come back later.")),
    "already_waiting": (
        AlreadyWaitingError,
        _("This phone number already has a ticket for this service here. Use that one, or leave the number out."),
    ),
    "counter_closed": (CounterClosedError, _("The counter is closed. Open it first, or choose another.")),
    "counter_occupied": (
        CounterOccupiedError,
        _("Somebody else has this counter open. Take it over, or choose another."),
    ),
    "counter_busy": (CounterBusyError, _("The counter still has a ticket. Finish it first.")),
    "hold_carried": (
        HoldCarriedError,
        _("Another number carries what is held for you. Use that one, or take a number without it."),
    ),
    "hold_elsewhere": (
        HoldElsewhereError,
        _("What is held for you is in another place. Take a number there, or take one here without it."),
    ),
    "put_back_too_late": (PutBackTooLateError, _("It is too late to put this ticket back. Please take a new number.")),
}

IN_STATE: dict[TicketState, str] = {
    TicketState.WAITING: _("That can't be done while the ticket waits in line."),
    TicketState.CALLED: _("That can't be done: the ticket has been called."),
    TicketState.SERVING: _("That can't be done: the ticket is being served."),
    TicketState.PARKED: _("That can't be done: the ticket is parked."),
    TicketState.COMPLETED: _("That can't be done: the ticket has been served."),
    TicketState.NO_SHOW: _("That can't be done: nobody came when the ticket was called."),
    TicketState.LEFT: _("That can't be done: the ticket was given up."),
    TicketState.CANCELLED: _("That can't be done: the staff have ended the ticket."),
    TicketState.RESET: _("That can't be done: the ticket's day is over."),
}
