"""The life of an order, of each of its lines and of its payment, as tables. No I/O, no clock, no ORM in this module."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


class OrderState(StrEnum):
    PLACED = "placed"
    PAID = "paid"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class OrderAction(StrEnum):
    PLACE = "place"
    PAY = "pay"
    CLOSE = "close"
    CANCEL = "cancel"


class Fulfilment(StrEnum):
    PICKUP = "pickup"
    DELIVERY = "delivery"


class LineState(StrEnum):
    ALLOCATED = "allocated"
    READY = "ready"
    COLLECTED = "collected"
    PICKED = "picked"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"


class LineAction(StrEnum):
    ALLOCATE = "allocate"
    PREPARE = "prepare"
    COLLECT = "collect"
    PICK = "pick"
    SHIP = "ship"
    DELIVER = "deliver"
    RETURN = "return"


class PaymentState(StrEnum):
    """Whether money may still come. `late`: it came after that, and a person decides what becomes of it."""

    OPEN = "open"
    PAID = "paid"
    SHUT = "shut"
    LATE = "late"


class PaymentAction(StrEnum):
    ASK = "ask"
    RECEIVE = "receive"
    SHUT = "shut"
    COME_LATE = "come_late"


class StockState(StrEnum):
    """What becomes of a line's units at their place. Stock follows the line; it is one step behind at most."""

    HELD = "held"
    ALLOCATED = "allocated"
    HANDED_OVER = "handed_over"
    RELEASED = "released"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    sources: frozenset[S]
    target: S


def _step(*sources: S, to: S) -> Step[S]:
    return Step(frozenset(sources), to)


_O, _L, _P = OrderState, LineState, PaymentState

ORDER_STEPS: Final[Mapping[OrderAction, Step[OrderState]]] = {
    OrderAction.PLACE: _step(to=_O.PLACED),
    OrderAction.PAY: _step(_O.PLACED, to=_O.PAID),
    OrderAction.CLOSE: _step(_O.PAID, to=_O.CLOSED),
    OrderAction.CANCEL: _step(_O.PLACED, _O.PAID, to=_O.CANCELLED),
}

LINE_STEPS: Final[Mapping[Fulfilment, Mapping[LineAction, Step[LineState]]]] = {
    Fulfilment.PICKUP: {
        LineAction.ALLOCATE: _step(to=_L.ALLOCATED),
        LineAction.PREPARE: _step(_L.ALLOCATED, to=_L.READY),
        LineAction.COLLECT: _step(_L.READY, to=_L.COLLECTED),
        LineAction.RETURN: _step(_L.ALLOCATED, _L.READY, _L.COLLECTED, to=_L.RETURNED),
    },
    Fulfilment.DELIVERY: {
        LineAction.ALLOCATE: _step(to=_L.ALLOCATED),
        LineAction.PICK: _step(_L.ALLOCATED, to=_L.PICKED),
        LineAction.SHIP: _step(_L.PICKED, to=_L.SHIPPED),
        LineAction.DELIVER: _step(_L.SHIPPED, to=_L.DELIVERED),
        LineAction.RETURN: _step(_L.ALLOCATED, _L.PICKED, _L.SHIPPED, _L.DELIVERED, to=_L.RETURNED),
    },
}

PAYMENT_STEPS: Final[Mapping[PaymentAction, Step[PaymentState]]] = {
    PaymentAction.ASK: _step(to=_P.OPEN),
    PaymentAction.RECEIVE: _step(_P.OPEN, to=_P.PAID),
    PaymentAction.SHUT: _step(_P.OPEN, to=_P.SHUT),
    PaymentAction.COME_LATE: _step(_P.SHUT, to=_P.LATE),
}

IN_HAND: Final = frozenset({_L.COLLECTED, _L.DELIVERED})
"""The customer has it."""
LEFT: Final = IN_HAND | {_L.SHIPPED}
"""It is not at its place any more."""
ENDED: Final = IN_HAND | {_L.RETURNED}


def stock_after(state: LineState, before: LineState | None = None) -> StockState:
    """Where a line's units belong once it is in `state`; those of a returned line by where they were `before`."""
    if state is LineState.RETURNED:
        return StockState.TAKEN_BACK if before in LEFT else StockState.RELEASED
    return StockState.HANDED_OVER if state in LEFT else StockState.ALLOCATED


def is_done(lines: Iterable[LineState]) -> bool:
    """Whether nothing of the order is under way any more."""
    return all(state in ENDED for state in lines)
