"""The lives of holds, allocations and serial numbers, and the kinds of movements. Pure."""

from enum import StrEnum
from typing import Final


class PlaceKind(StrEnum):
    HALL = "hall"
    WAREHOUSE = "warehouse"


class HoldState(StrEnum):
    """`active` → `converted` (an order has it) | `released` | `expired`."""

    ACTIVE = "active"
    CONVERTED = "converted"
    RELEASED = "released"
    EXPIRED = "expired"


class AllocationState(StrEnum):
    """`allocated` → `released` (cancelled) | `handed_over` (it left the place) → `returned`."""

    ALLOCATED = "allocated"
    RELEASED = "released"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"


class SerialState(StrEnum):
    """Of one piece: `here`, or `gone` (sold, damaged, or on its way to another place)."""

    HERE = "here"
    GONE = "gone"


class MovementKind(StrEnum):
    """Why what a place has changed; each movement says by how much, by whom and for what reason."""

    RECEIVED = "received"
    SOLD = "sold"
    COUNTED = "counted"
    DAMAGED = "damaged"
    TRANSFERRED = "transferred"
    RETURNED = "returned"


HOLD_MS: Final = 10 * 60_000
"""For so long a hold is kept for whoever does nothing more about it."""
HOLD_CAP_MS: Final = 60 * 60_000
"""However active somebody is, a hold ends so long after it began."""
CARRIED_CAP_MS: Final = 4 * 60 * 60_000
"""One that a ticket carries lasts while its person waits, and this long at most."""
HOLDS_PER_HOLDER: Final = 10
"""So many holds one person may have at a place at once."""
UNITS_PER_HOLD: Final = 50
MOST: Final = 1_000_000
"""More of one product no place has."""
