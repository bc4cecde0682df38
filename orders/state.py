"""What orders add to the application's state."""

from starlette.requests import Request

from booking.state import BookingState
from orders.delivery.carriers import Follower
from orders.rules import Rules
from orders.sourcing import Sourcing


class OrdersState(BookingState):
    rules: Rules
    sourcing: Sourcing
    follower: Follower


OrdersRequest = Request[OrdersState]
