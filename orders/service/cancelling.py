"""Ending an order before anything of it has left: by its owner, by staff, or because nobody came to collect it."""

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from o2o.kernel.idempotency import Answer
from orders.models import LineRecord, OrderRecord
from orders.order_errors import wrong_line_state, wrong_order_state
from orders.order_queries import money_of
from orders.order_schemas import Cancel
from orders.service.moving import Change, Deed, locked, move_line, move_order, move_payment, note, touch
from orders.service.paying import Till, give_back, place_of_money, way_back
from orders.service.stocking import follow
from orders.service.telling import tell_cancelled, tell_not_collected
from orders.service.verbs import change
from orders.state import OrdersState
from orders.states import LEFT, Fulfilment, LineAction, LineState, OrderAction, OrderState, PaymentAction, PaymentState

KEPT = frozenset({LineState.ALLOCATED, LineState.READY})
"""Nobody has done anything yet that must be undone by hand."""
NOT_COLLECTED = "not collected"


async def cancel(state: OrdersState, order: str, wish: Cancel, attempt: Attempt, *, staff: bool) -> Answer:
    """End the order; its units are for others again. What was paid, staff give back in the same act.

    An owner can while it is unpaid and nothing of it was packed. Raises OrderNotFoundError, WrongStateError.
    """

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        _check(row, lines, staff=staff)
        paid, refunded = await money_of(client, row.id)
        if paid > refunded:
            way = await way_back(client, row.id, wish.method)
            place = place_of_money(row, lines, wish.counter)
            till = Till(place, wish.counter, way, attempt.operation.id)
            await give_back(client, row, paid - refunded, till, deed)
            await _all_refunded(client, lines)
        await end(client, row, lines, deed)
        await tell_cancelled(client, state, row, lines, deed)

    return await change(state, order, attempt, work, reason=wish.reason)


async def _all_refunded(client: BaseDBAsyncClient, lines: list[LineRecord]) -> None:
    for line in lines:
        line.refunded = line.quantity
        await line.save(using_db=client, update_fields=["refunded"])


async def end(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
    """Paying is shut first: no money may come for what is let go."""
    if row.payment == PaymentState.OPEN:
        move_payment(row, PaymentAction.SHUT)
    for line in lines:
        if line.state != LineState.RETURNED:
            await move_line(client, line, LineAction.RETURN, deed)
    row.pickup_until = None
    await move_order(client, row, OrderAction.CANCEL, deed)


async def give_up_waiting(state: OrdersState, order: str) -> None:
    """Put back on the shelf what nobody came for. An order that is not paid ends with it: nothing of it has left."""
    now = to_ms(state["clock"]())
    deed = Deed("clock", now, NOT_COLLECTED)

    async def work(client: BaseDBAsyncClient) -> None:
        row, lines = await locked(client, order)
        if row.pickup_until is None or row.pickup_until > now:
            return  # Somebody came, or it was kept longer, a moment ago.
        waiting = [line for line in lines if line.fulfilment == Fulfilment.PICKUP and line.state in KEPT]
        if waiting:
            await _put_back(client, row, lines, waiting, deed)
            await tell_not_collected(client, state, row, waiting, deed)
        else:
            row.pickup_until = None
            await touch(client, row, deed)

    await transaction(work)
    await follow(state["stock"], order, deed)


async def _put_back(
    client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], waiting: list[LineRecord], deed: Deed
) -> None:
    if row.state == OrderState.PLACED and not any(line.state in LEFT for line in lines):
        await end(client, row, lines, deed)
        return
    for line in waiting:
        await move_line(client, line, LineAction.RETURN, deed)
    row.pickup_until = None
    await touch(client, row, deed)
    await note(client, row.id, Change("order.not_collected"), deed)


def _check(row: OrderRecord, lines: list[LineRecord], *, staff: bool) -> None:
    state = OrderState(row.state)
    if state not in {OrderState.PLACED, OrderState.PAID} or (state is OrderState.PAID and not staff):
        raise wrong_order_state(state)
    for line in lines:
        now = LineState(line.state)
        if now in LEFT or (now not in KEPT and now is not LineState.RETURNED and not staff):
            raise wrong_line_state(now)
