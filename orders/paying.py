"""How an order is paid: the ways that there are, and what each of them promises. Pure.

Online payment will be a third way. What it needs is here already: until when money may come (`pay_by`), that paying is
shut before stock is let go, and that money which comes all the same is a state (`late`) and no error: a way that
`may_come_late` has it recorded, the others are refused, since the person with the money stands there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from orders.states import PAYMENT_STEPS, PaymentAction, PaymentState


@dataclass(frozen=True, slots=True)
class Way:
    """`methods` are what the money is; `before_hand_over`: nothing is handed over before it is paid."""

    name: str
    methods: frozenset[str]
    before_hand_over: bool
    may_come_late: bool = False


AT_COUNTER: Final = Way("counter", frozenset({"cash", "card"}), before_hand_over=True)
ON_DELIVERY: Final = Way("delivery", frozenset({"cash", "card"}), before_hand_over=False)
WAYS: Final[Mapping[str, Way]] = {way.name: way for way in (AT_COUNTER, ON_DELIVERY)}


def arrival(way: Way, payment: PaymentState) -> PaymentAction | None:
    """What money is that comes now by this way; None: it may not come any more, or again."""
    if payment in PAYMENT_STEPS[PaymentAction.RECEIVE].sources:
        return PaymentAction.RECEIVE
    if way.may_come_late and payment in PAYMENT_STEPS[PaymentAction.COME_LATE].sources:
        return PaymentAction.COME_LATE
    return None
