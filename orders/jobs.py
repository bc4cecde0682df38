"""What time brings to orders."""

import logging
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from halls.stock.errors import OutOfStockError
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.erasing import Erasing
from o2o.kernel.errors import DomainError
from orders.models import OrderContactRecord
from orders.order_queries import not_collected, orders_behind, orders_over
from orders.service.cancelling import give_up_waiting
from orders.service.moving import Deed
from orders.service.placing import settle
from orders.service.stocking import follow
from orders.state import OrdersState

FOLLOW_STOCK_S: Final = 2.0
AT_ONCE: Final = 200
"""So many orders in a step."""
AGE: Final = timedelta(seconds=5)
"""Whoever made the change is at it themselves for so long."""
PUT_BACK_S: Final = 30.0

log = logging.getLogger(__name__)


class Following:
    """Has places do what a process that died left undone; an order whose units are gone by then is withdrawn.

    Each order has its turn, however many stay behind. What its place goes on refusing is said once.
    """

    def __init__(self, state: OrdersState) -> None:
        self._state = state
        self._left: deque[str] = deque()
        self._refused: set[str] = set()
        self._refused_before: set[str] = set()

    async def step(self) -> None:
        now = self._state["clock"]()
        if not self._left:
            self._left.extend(await orders_behind(to_ms(now - AGE)))
            self._refused_before, self._refused = self._refused, set()
        for _order in range(min(AT_ONCE, len(self._left))):
            await self._settle(self._left.popleft(), now)

    async def _settle(self, order: str, now: datetime) -> None:
        """One order's trouble is no other's."""
        deed = Deed("clock", to_ms(now))
        try:
            await settle(self._state, order, deed)
            await follow(self._state["stock"], order, deed)
        except OutOfStockError:
            return
        except DomainError:
            self._refused.add(order)
            if order not in self._refused_before:
                log.warning("order_left_for_later", extra={"order": order}, exc_info=True)


def erasing(days: int, clock: Clock) -> Erasing:
    """Forgets whom an order was for once it has been over for so long. The order stays."""
    return Erasing(OrderContactRecord, orders_over, days, clock)


async def put_back(state: OrdersState) -> None:
    """Put back on the shelf what was not collected in its time."""
    for order in await not_collected(to_ms(state["clock"]())):
        try:
            await give_up_waiting(state, order)
        except DomainError:
            log.warning("order_left_for_later", extra={"order": order}, exc_info=True)
