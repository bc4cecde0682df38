"""The life of a shipment, as a table. Pure.

It is what our people know of it. What the carrier says is data beside it (`carriers.Whereabouts`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from orders.states import Step


class ShipmentState(StrEnum):
    """`failed`: the carrier was there and nobody took it; it may go out again, or come back."""

    SHIPPED = "shipped"
    FAILED = "failed"
    DELIVERED = "delivered"
    RETURNED = "returned"


class ShipmentAction(StrEnum):
    DELIVER = "deliver"
    FAIL = "fail"
    RETURN = "return"


_S: Final = ShipmentState
UNDER_WAY: Final = frozenset({_S.SHIPPED, _S.FAILED})

SHIPMENT_STEPS: Final[Mapping[ShipmentAction, Step[ShipmentState]]] = {
    ShipmentAction.DELIVER: Step(UNDER_WAY, _S.DELIVERED),
    ShipmentAction.FAIL: Step(UNDER_WAY, _S.FAILED),
    ShipmentAction.RETURN: Step(UNDER_WAY | {_S.DELIVERED}, _S.RETURNED),
}
