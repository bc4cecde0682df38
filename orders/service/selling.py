"""Selling at a counter: placed, then paid and handed over at once. A repeat goes on where an attempt broke off."""

from typing import NamedTuple

from halls.stock.errors import HoldEndedError, HoldNotFoundError, SerialsMismatchError
from halls.stock.queries import hold_row
from halls.stock.states import HoldState
from o2o.kernel import idempotency
from o2o.kernel.attempts import Attempt
from orders.money import Money
from orders.order_schemas import HandOver, Method, Pay, PlaceOrder, WishedLine
from orders.products import products_by_sku
from orders.service.collecting import give
from orders.service.pieces import check_free
from orders.service.placing import place
from orders.service.planning import Sold
from orders.shares import Share
from orders.state import OrdersState
from orders.states import Fulfilment


class Sale(NamedTuple):
    """One product over the counter. `hold` is what the customer's number has held; else it is taken from the shelf.

    `total` is what the clerk was told that it costs.
    """

    hall: str
    counter: str
    line: WishedLine
    total: Money | None
    method: Method
    serials: tuple[str, ...]
    hold: str | None
    phone: str | None
    language: str


async def sell(state: OrdersState, sale: Sale, attempt: Attempt) -> str:
    """Sell it; gives the order that it became.

    Raises as `place`, and HoldNotFoundError, HoldEndedError, SerialsMismatchError, SerialUnknownError. An attempt that
    breaks off leaves no more than an order that nobody pays or collects, and that ends by itself.
    """
    placing = attempt.step("place")
    if await idempotency.answered(placing.operation, state["clock"]) is None:
        await _check(sale, attempt.received)
    wish = PlaceOrder(
        hall=sale.hall,
        lines=(sale.line,),
        fulfilment="pickup",
        phone=sale.phone or "",
        expected_total=sale.total,
        language="zh-CN" if sale.language == "zh-CN" else "en",
    )
    sold = Sold(f"sale:{placing.operation.id}", sale.hold)
    order = await place(state, wish, placing, ((Share(Fulfilment.PICKUP, sale.line.quantity),),), sold)
    handed = HandOver("", {"1": sale.serials} if sale.serials else {})  # Nobody else has seen its code.
    await give(state, order.id, handed, attempt.step("hand over"), Pay(sale.method, sale.counter))
    return order.id


async def _check(sale: Sale, now: int) -> None:
    """What a place would refuse must not be found out when the money is in the till."""
    if sale.hold:
        hold = await hold_row(sale.hold)
        if hold is None or (hold.place, hold.sku, hold.quantity) != (sale.hall, sale.line.sku, sale.line.quantity):
            raise HoldNotFoundError
        if hold.state is not HoldState.ACTIVE or hold.expires_at <= now:
            raise HoldEndedError(hold.state if hold.state is not HoldState.ACTIVE else HoldState.EXPIRED)
    product = (await products_by_sku([sale.line.sku])).get(sale.line.sku)
    if product and product.serialised and len(set(sale.serials)) != sale.line.quantity:
        raise SerialsMismatchError
    await check_free(sale.hall, sale.line.sku, sale.serials)
