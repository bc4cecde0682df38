"""Why a socket is closed: the one table, shown to the pages too.

4000 to 4499 mean come back (with jitter), 4500 to 4999 don't.
"""

from enum import IntEnum

from o2o.kernel.errors import DomainError, ForbiddenError, NotFoundError, TooManyError, UnauthorizedError
from staff.errors import LockedError
from websocket.pairing_errors import TakenOffError


class Close(IntEnum):
    GOING_AWAY = 4000
    NOT_NOW = 4001
    BAD_FRAME = 4400
    SLOW_READER = 4408
    LOCKED = 4423
    TOO_MANY = 4429
    NO_RIGHT = 4501
    REVOKED = 4503
    NOT_FOUND = 4504

    @property
    def reason(self) -> str:
        """What the close frame says: `slow reader`."""
        return self.name.lower().replace("_", " ")


FIRST_FINAL = 4500


def close_for(error: DomainError) -> Close:
    """Name the close code of a refusal; what a later attempt may change means come back."""
    match error:
        case LockedError():
            return Close.LOCKED
        case TakenOffError():
            return Close.REVOKED
        case UnauthorizedError() | ForbiddenError():
            return Close.NO_RIGHT
        case NotFoundError():
            return Close.NOT_FOUND
        case TooManyError():
            return Close.TOO_MANY
        case _:
            return Close.NOT_NOW


def close_codes() -> dict[str, int]:
    """List the table for pages: `{"slow_reader": 4408, …, "first_final": 4500}`."""
    return {close.name.lower(): close.value for close in Close} | {"first_final": FIRST_FINAL}
