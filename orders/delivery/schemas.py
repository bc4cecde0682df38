"""What comes in and goes out of deliveries."""

from typing import Annotated

from msgspec import Meta, Struct

from halls.fields import TEXT_PATTERN, Id
from orders.delivery.carriers import Code, Tracking, Whereabouts
from orders.delivery.states import ShipmentState
from orders.order_schemas import Serials

Reason = Annotated[str, Meta(min_length=1, max_length=80, pattern=TEXT_PATTERN)]
ShipmentId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,22}$(?!\n)")]


class Pick(Struct, frozen=True, forbid_unknown_fields=True):
    """What lies picked, to be sent: of one `place`, which need not be said when there is only one.

    `serials` by line: they may be said now, or when it leaves.
    """

    place: Id | None = None
    serials: Serials = {}


class Ship(Struct, frozen=True, forbid_unknown_fields=True):
    """What leaves one `place` in one parcel; what was not picked yet is picked by it.

    `serials` by line, of pieces that have numbers of their own, unless they were said when it was picked.
    """

    carrier: Code
    tracking: Tracking
    place: Id | None = None
    serials: Serials = {}


class Deliver(Struct, frozen=True, forbid_unknown_fields=True):
    """It arrived. `shipment` need not be said when only one is under way.

    With a SIM card in it whoever took it must have shown who they are: `identity_checked`.
    """

    shipment: ShipmentId | None = None
    identity_checked: bool = False


class Fail(Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody took it, or it came back, and why."""

    reason: Reason
    shipment: ShipmentId | None = None


class ShownTracking(Struct, frozen=True):
    """`source` is who said it: `kuaidi100`, or `staff`."""

    at: str
    source: str
    text: str


class ShownShipment(Struct, frozen=True, kw_only=True):
    """A parcel. `whereabouts` is what its carrier says, which moves no line; `tracking_events` are newest first."""

    id: str
    order: str
    place: str
    lines: list[int]
    carrier: str
    tracking: str
    state: ShipmentState
    whereabouts: Whereabouts | None
    real_name: bool
    identity_checked: bool
    shipped_at: str
    tracking_events: list[ShownTracking]


class ShipmentList(Struct, frozen=True):
    shipments: list[ShownShipment]
