"""An order that turned out to have no stock: cancelled before anybody was answered, so that its key is free again."""

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel import idempotency
from o2o.kernel.attempts import Attempt
from o2o.kernel.database import transaction
from o2o.kernel.http import Operation
from orders.models import OrderEventRecord
from orders.service.moving import PLACED, Deed, locked, move_line, move_order, move_payment
from orders.service.splitting import forget_split
from orders.service.stocking import follow
from orders.service.telling import take_back_placed
from orders.state import OrdersState
from orders.states import LineAction, LineState, OrderAction, OrderState, PaymentAction, StockState

REASON = "out of stock"


async def withdraw(state: OrdersState, order: str, deed: Deed) -> None:
    """Cancel it whole, let go what it has, and free its key, whoever finds it out. Repeating changes nothing."""

    async def work(client: BaseDBAsyncClient) -> None:
        row, lines = await locked(client, order)
        if row.state != OrderState.PLACED or any(line.state != LineState.ALLOCATED for line in lines):
            return
        if all(line.stock != StockState.HELD for line in lines):
            return  # Who came again a moment ago has got all of it, and was told so.
        because = deed._replace(reason=REASON)
        move_payment(row, PaymentAction.SHUT)
        for line in lines:
            await move_line(client, line, LineAction.RETURN, because)
        row.pickup_until = None
        await move_order(client, row, OrderAction.CANCEL, because)
        await take_back_placed(client, state, row, lines, because)
        if attempt := await _placed_by(client, order):
            await idempotency.forget(client, attempt.operation)
            await forget_split(client, attempt)

    await transaction(work)
    await follow(state["stock"], order, deed)


async def _placed_by(client: BaseDBAsyncClient, order: str) -> Attempt | None:
    """None: the release before, which did not say so, placed it."""
    placed = await OrderEventRecord.filter(order_id=order, name=PLACED).using_db(client).first()
    if placed is None or placed.data is None:
        return None
    return Attempt(Operation(msgspec.json.decode(placed.data)["operation"], ""), placed.actor, placed.at)
