"""What money is that comes, by the way of paying and whether it may still come."""

import pytest

from orders.paying import AT_COUNTER, ON_DELIVERY, Way, arrival
from orders.states import PaymentState

ONLINE = Way("online", frozenset({"wallet"}), before_hand_over=True, may_come_late=True)


@pytest.mark.parametrize("way", [AT_COUNTER, ON_DELIVERY])
@pytest.mark.parametrize(("payment", "is_now"), [("open", "receive"), ("paid", None), ("shut", None), ("late", None)])
def test_who_stands_there_with_money_is_refused_once_paying_is_shut(way: Way, payment: str, is_now: str | None) -> None:
    assert arrival(way, PaymentState(payment)) == is_now


@pytest.mark.parametrize(
    ("payment", "is_now"), [("open", "receive"), ("paid", None), ("shut", "come_late"), ("late", None)]
)
def test_money_that_may_come_late_is_a_state_and_no_error(payment: str, is_now: str | None) -> None:
    assert arrival(ONLINE, PaymentState(payment)) == is_now
