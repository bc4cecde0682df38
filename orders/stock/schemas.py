"""Stock over HTTP: what comes in and goes out."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from halls.fields import Id
from halls.stock.schemas import Level, Movement, OnHand, Quantity, Reason, Serial
from halls.stock.states import MovementKind, PlaceKind
from o2o.kernel.clock import from_ms
from o2o.kernel.paging import PageQuery

Serials = Annotated[tuple[Serial, ...], Meta(max_length=500, description="One for each piece that has a number.")]


class Receipt(Struct, frozen=True, forbid_unknown_fields=True):
    """So many have come."""

    quantity: Quantity
    reason: Reason | None = None
    serials: Serials = ()


class Count(Struct, frozen=True, forbid_unknown_fields=True):
    """So many were counted. With `seen`, what was there by the books, it is refused when that is not so any more."""

    on_hand: OnHand
    reason: Reason
    seen: OnHand | None = None


class Damage(Struct, frozen=True, forbid_unknown_fields=True):
    """So many can't be sold any more."""

    quantity: Quantity
    reason: Reason
    serials: Serials = ()


class Transfer(Struct, frozen=True, forbid_unknown_fields=True):
    """So many go to another place."""

    to: Id
    quantity: Quantity
    reason: Reason
    serials: Serials = ()


class StockQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """`q` is in the SKU or the name."""

    q: Annotated[str, Meta(max_length=80)] | None = None


class ShownPlace(Struct, frozen=True):
    id: str
    name: str
    kind: PlaceKind
    province: str | None
    lat: float
    lon: float


class PlaceList(Struct, frozen=True):
    places: list[ShownPlace]
    next_cursor: str | None


class ShownLevel(Struct, frozen=True):
    """`available` = `on_hand` - `allocated` - `held`. A product that is not described any more has its SKU as name."""

    place: str
    sku: str
    name: str
    on_hand: int
    allocated: int
    held: int
    available: int


class LevelList(Struct, frozen=True):
    stock: list[ShownLevel]
    next_cursor: str | None


class ShownMovement(Struct, frozen=True):
    """By how much the place's stock changed, and what there was since; `other` is where it went or came from."""

    id: str
    kind: MovementKind
    quantity: int
    on_hand: int
    at: datetime
    actor: str
    reason: str | None
    other: str | None


class MovementList(Struct, frozen=True):
    movements: list[ShownMovement]
    next_cursor: str | None


def shown_level(level: Level, name: str) -> ShownLevel:
    kept = (level.on_hand, level.allocated, level.held, level.available)
    return ShownLevel(level.place, level.sku, name, *kept)


def shown_movement(one: Movement) -> ShownMovement:
    at = from_ms(one.at)
    return ShownMovement(one.id, one.kind, one.quantity, one.on_hand, at, one.actor, one.reason, one.other)
