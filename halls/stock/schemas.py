"""Rows of stock as Redis, the journal and SQL share them, and as programs outside get them. Times are ms since 1970."""

from typing import Annotated, Final

import msgspec

from halls.fields import TEXT_PATTERN
from halls.stock.states import MOST, UNITS_PER_HOLD, AllocationState, HoldState, MovementKind

SKU_PATTERN: Final = r"^[a-z0-9-]{2,40}$(?!\n)"

Sku = Annotated[str, msgspec.Meta(pattern=SKU_PATTERN, description="Small letters, digits and -, 2 to 40.")]
Serial = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9./-]{1,40}$(?!\n)")]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
Held = Annotated[int, msgspec.Meta(ge=1, le=UNITS_PER_HOLD)]
OnHand = Annotated[int, msgspec.Meta(ge=0, le=MOST)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=TEXT_PATTERN)]


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a product a place has: `0 ≤ held + allocated ≤ on_hand`, always."""

    place: str
    sku: str
    on_hand: int = 0
    allocated: int = 0
    held: int = 0
    version: int = 0

    @property
    def available(self) -> int:
        return self.on_hand - self.allocated - self.held


class Hold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Some of a product kept for somebody until `expires_at`. `hall` is where they were, `ticket` what carries it."""

    id: str
    place: str
    sku: str
    quantity: int
    state: HoldState
    holder: str
    hall: str | None = None
    ticket: str | None = None
    created_at: int
    expires_at: int
    ended_at: int | None = None
    why: str | None = None


class Allocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an order's line has been promised, under its hold's id."""

    id: str
    place: str
    sku: str
    quantity: int
    state: AllocationState
    line: str
    created_at: int
    ended_at: int | None = None
    why: str | None = None


class Movement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of what a place has; `quantity` is by how much, `on_hand` what there is since.

    `subject` is the allocation that was handed over or came back, `pair` the movement that sent what arrived here.
    """

    id: str
    place: str
    sku: str
    kind: MovementKind
    quantity: int
    on_hand: int
    at: int
    actor: str
    reason: str | None = None
    subject: str | None = None
    other: str | None = None
    pair: str | None = None
    epoch: int
    version: int
