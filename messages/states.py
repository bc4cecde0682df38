"""What people are told about, what each text needs to know for it, and how far a message has come. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    ORDER_PLACED = "order_placed"
    READY = "ready"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    NOT_COLLECTED = "not_collected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    BACK_IN_STOCK = "back_in_stock"


class State(StrEnum):
    """`kept`: no channel leads to this contact, so the outbox shows what would have been said."""

    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"


NEEDS: Final[Mapping[Purpose, frozenset[str]]] = {
    Purpose.ORDER_PLACED: frozenset({"items", "total"}),
    Purpose.READY: frozenset({"items", "place", "until"}),
    Purpose.SHIPPED: frozenset({"items", "carrier", "tracking"}),
    Purpose.OUT_FOR_DELIVERY: frozenset({"items", "carrier"}),
    Purpose.DELIVERED: frozenset({"items"}),
    Purpose.DELIVERY_FAILED: frozenset({"items", "carrier"}),
    Purpose.NOT_COLLECTED: frozenset({"items", "place"}),
    Purpose.CANCELLED: frozenset({"items"}),
    Purpose.REFUNDED: frozenset({"items", "amount"}),
    Purpose.BACK_IN_STOCK: frozenset({"product"}),
}
"""The params that a message of each purpose must bring; all are texts in the message's own language."""
