"""An order that turned out to have no stock: cancelled before anybody was answered, so that its key is free again."""

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel import idempotency
from o2o.kernel.attempts import Attempt
from o2o.kernel.database import transaction
from orders.service.moving import Deed, locked, move_line, move_order, move_payment
from orders.service.splitting import forget_split
from orders.service.stocking import follow
from orders.service.telling import take_back_placed
from orders.state import OrdersState
from orders.states import LineAction, LineState, OrderAction, OrderState, PaymentAction

REASON = "out of stock"


async def withdraw(state: OrdersState, order: str, deed: Deed, attempt: Attempt | None) -> None:
    """Cancel it whole, and let go what it has. Repeating changes nothing."""

    async def work(client: BaseDBAsyncClient) -> None:
        row, lines = await locked(client, order)
        if row.state != OrderState.PLACED or any(line.state != LineState.ALLOCATED for line in lines):
            return
        because = deed._replace(reason=REASON)
        move_payment(row, PaymentAction.SHUT)
        for line in lines:
            await move_line(client, line, LineAction.RETURN, because)
        row.pickup_until = None
        await move_order(client, row, OrderAction.CANCEL, because)
        await take_back_placed(client, state, row, lines, because)
        if attempt is not None:
            await idempotency.forget(client, attempt.operation)
            await forget_split(client, attempt)

    await transaction(work)
    await follow(state["stock"], order, deed)
