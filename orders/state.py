"""What orders add to the application's state."""

from starlette.requests import Request

from booking.state import BookingState
from o2o.kernel.idempotency import Answers
from orders.delivery.carriers import Follower
from orders.latecomers import Latecomers
from orders.products import Products
from orders.rules import Rules
from orders.sourcing import Sourcing


class OrdersState(BookingState):
    answers: Answers
    products: Products
    latecomers: Latecomers
    rules: Rules
    sourcing: Sourcing
    follower: Follower


OrdersRequest = Request[OrdersState]
