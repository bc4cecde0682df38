"""What stock refuses with. The codes are the contract's where it names one."""

from typing import Any, Final

from o2o.kernel.clock import from_ms, rfc3339
from o2o.kernel.errors import ConflictError, DomainError, InvalidError, NotFoundError, TooManyError
from o2o.kernel.i18n import _


class PlaceNotFoundError(NotFoundError):
    code = "place_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such place."))


class OutOfStockError(ConflictError):
    """`available` is how many could be had."""

    code = "out_of_stock"


class TooManyHoldsError(TooManyError):
    """`until` (RFC 3339) is when the first of them ends."""

    code = "too_many_holds"


class LimitPerPersonError(ConflictError):
    """One person can have `limit` of it."""

    code = "limit_per_person"


class HoldNotFoundError(NotFoundError):
    code = "hold_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such hold, or it is not yours."))


class HoldEndedError(ConflictError):
    """`state` says how: `converted`, `released` or `expired`."""

    code = "hold_ended"

    def __init__(self, state: str) -> None:
        super().__init__(
            _("What was kept for you is not kept any more. Please look whether it is still there."), state=state
        )


class AllocationNotFoundError(NotFoundError):
    code = "allocation_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such allocation."))


class AllocationEndedError(ConflictError):
    """`state` is the one that it is in."""

    code = "allocation_ended"

    def __init__(self, state: str) -> None:
        super().__init__(_("That can't be done any more with what was allocated."), state=state)


class StockCommittedError(ConflictError):
    """So many are held or allocated that fewer can't be there; `committed` says how many."""

    code = "stock_committed"


class SerialUnknownError(ConflictError):
    """`serial` is not here."""

    code = "serial_unknown"


class SerialTakenError(ConflictError):
    """`serial` is in stock already, here or elsewhere."""

    code = "serial_taken"


class SerialsMismatchError(InvalidError):
    code = "serials_mismatch"

    def __init__(self) -> None:
        super().__init__(_("Give one serial number for each piece."), field="serials")


def refused(code: str, details: dict[str, Any], now: int) -> DomainError:
    """The error for a script's refusal; `now` in ms."""
    if code == TooManyHoldsError.code:
        wait_s = max(1, -(-(details["until"] - now) // 1000))
        said = {"until": rfc3339(from_ms(details["until"])), "minutes": -(-wait_s // 60), "limit": details["limit"]}
        return TooManyHoldsError(TOO_MANY, retry_after=wait_s, **said)
    error, message = REFUSALS[code]
    return error(message, **details)


TOO_MANY: Final = _(
    "You are keeping %(limit)s here already, and nobody keeps more. The first is let go in %(minutes)s minutes."
)
REFUSALS: Final[dict[str, tuple[type[ConflictError], str]]] = {
    "out_of_stock": (OutOfStockError, _("There are not so many left here: %(available)s.")),
    "limit_per_person": (LimitPerPersonError, _("One person can have %(limit)s of these at most.")),
    "stock_committed": (
        StockCommittedError,
        _("%(committed)s of them are kept for somebody or sold. Let those go first, or count again."),
    ),
    "serial_unknown": (SerialUnknownError, _("The piece with serial number %(serial)s is not here.")),
    "serial_taken": (SerialTakenError, _("Serial number %(serial)s is in stock already.")),
}
