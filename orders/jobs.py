"""What time brings to orders."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from halls.stock.errors import OutOfStockError
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from orders.order_queries import not_collected, orders_behind
from orders.service.cancelling import give_up_waiting
from orders.service.moving import Deed
from orders.service.placing import settle
from orders.state import OrdersState

FOLLOW_STOCK_S: Final = 2.0
AGE: Final = timedelta(seconds=5)
"""Whoever made the change is at it themselves for so long."""
PUT_BACK_S: Final = 30.0

log = logging.getLogger(__name__)


async def follow_stock(state: OrdersState) -> None:
    """Have places do what a process that died left undone; an order whose units are gone by then is withdrawn."""
    now = state["clock"]()

    async def work(order: str) -> None:
        try:
            await settle(state, order, Deed("clock", to_ms(now)))
        except OutOfStockError:
            return

    await _each(await orders_behind(to_ms(now - AGE)), work)


async def put_back(state: OrdersState) -> None:
    """Put back on the shelf what was not collected in its time."""
    await _each(await not_collected(to_ms(state["clock"]())), lambda order: give_up_waiting(state, order))


async def _each(orders: list[str], work: Callable[[str], Awaitable[None]]) -> None:
    """One order's trouble is no other's."""
    for order in orders:
        try:
            await work(order)
        except DomainError:
            log.warning("order_left_for_later", extra={"order": order}, exc_info=True)
