"""The lives of an order, its lines and its payment, written out a second time by hand."""

from itertools import product

import pytest

from orders.states import (
    ENDED,
    LINE_STEPS,
    ORDER_STEPS,
    PAYMENT_STEPS,
    Fulfilment,
    LineAction,
    LineState,
    OrderAction,
    OrderState,
    PaymentAction,
    PaymentState,
    is_done,
    stock_after,
)

ORDER = {
    ("pay", "placed"): "paid",
    ("close", "paid"): "closed",
    ("cancel", "placed"): "cancelled",
    ("cancel", "paid"): "cancelled",
}
LINE = {
    ("pickup", "prepare", "allocated"): "ready",
    ("pickup", "collect", "ready"): "collected",
    ("pickup", "return", "allocated"): "returned",
    ("pickup", "return", "ready"): "returned",
    ("pickup", "return", "collected"): "returned",
    ("delivery", "pick", "allocated"): "picked",
    ("delivery", "ship", "picked"): "shipped",
    ("delivery", "deliver", "shipped"): "delivered",
    ("delivery", "return", "allocated"): "returned",
    ("delivery", "return", "picked"): "returned",
    ("delivery", "return", "shipped"): "returned",
    ("delivery", "return", "delivered"): "returned",
}
PAYMENT = {
    ("receive", "open"): "paid",
    ("shut", "open"): "shut",
    ("come_late", "shut"): "late",
}


@pytest.mark.parametrize(("action", "state"), list(product(OrderAction, OrderState)))
def test_an_order_moves_just_as_written_here(action: OrderAction, state: OrderState) -> None:
    step = ORDER_STEPS[action]

    assert (step.target if state in step.sources else None) == ORDER.get((action, state))


@pytest.mark.parametrize(("fulfilment", "action", "state"), list(product(Fulfilment, LineAction, LineState)))
def test_a_line_moves_just_as_written_here(fulfilment: Fulfilment, action: LineAction, state: LineState) -> None:
    step = LINE_STEPS[fulfilment].get(action)

    assert (step.target if step and state in step.sources else None) == LINE.get((fulfilment, action, state))


@pytest.mark.parametrize(("action", "state"), list(product(PaymentAction, PaymentState)))
def test_a_payment_moves_just_as_written_here(action: PaymentAction, state: PaymentState) -> None:
    step = PAYMENT_STEPS[action]

    assert (step.target if state in step.sources else None) == PAYMENT.get((action, state))


def test_every_order_line_and_payment_begins_in_one_way() -> None:
    assert ORDER_STEPS[OrderAction.PLACE].target == "placed"
    assert {steps[LineAction.ALLOCATE].target for steps in LINE_STEPS.values()} == {"allocated"}
    assert PAYMENT_STEPS[PaymentAction.ASK].target == "open"


def test_what_has_ended_only_comes_back() -> None:
    assert {action for (_by, action, state) in LINE if state in ENDED} == {"return"}
    assert not [move for move in ORDER if move[1] in {"closed", "cancelled"}]


@pytest.mark.parametrize(
    ("state", "before", "stock"),
    [
        ("allocated", None, "allocated"),
        ("ready", None, "allocated"),
        ("picked", None, "allocated"),
        ("collected", None, "handed_over"),
        ("shipped", None, "handed_over"),
        ("delivered", None, "handed_over"),
        ("returned", "allocated", "released"),
        ("returned", "ready", "released"),
        ("returned", "picked", "released"),
        ("returned", "collected", "taken_back"),
        ("returned", "shipped", "taken_back"),
        ("returned", "delivered", "taken_back"),
    ],
)
def test_stock_follows_the_line(state: str, before: str | None, stock: str) -> None:
    assert stock_after(LineState(state), LineState(before) if before else None) == stock


def test_an_order_is_done_when_nothing_is_under_way() -> None:
    assert is_done([LineState.COLLECTED, LineState.DELIVERED, LineState.RETURNED])
    assert not is_done([LineState.COLLECTED, LineState.SHIPPED])
