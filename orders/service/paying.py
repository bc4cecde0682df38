"""Money for an order: received, and given back. Each movement is an event that nothing changes any more."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import IdempotencyKeyReusedError, InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.idempotency import Answer
from orders.models import LineRecord, MoneyEventRecord, OrderRecord
from orders.money import fen_of, money, price
from orders.order_errors import wrong_order_state
from orders.order_queries import COUNTER, money_of
from orders.order_schemas import Pay
from orders.paying import WAYS, arrival
from orders.service.moving import Change, Deed, close_if_done, move_order, move_payment, note, touch
from orders.service.placing import settle
from orders.service.verbs import change
from orders.state import OrdersState
from orders.states import OrderAction, OrderState, PaymentAction, PaymentState

PAYMENT = "payment"
REFUND = "refund"


class Till(NamedTuple):
    """Where money is: the place, the counter if one was said, how (`cash`, `card`), and the operation it belongs to."""

    place: str
    counter: str | None
    method: str
    op: str


async def pay(state: OrdersState, order: str, wish: Pay, attempt: Attempt) -> Answer:
    """Receive what the order costs, once its goods are sure to be there.

    Raises OrderNotFoundError, WrongStateError, InvalidError (another amount), OutOfStockError.
    """

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        total = row.goods + row.delivery_fee
        if wish.amount is not None and fen_of(wish.amount) != total:
            costs = msgspec.to_builtins(money(total))
            raise InvalidError(_("The order costs %(price)s."), field="amount", price=price(total), total=costs)
        await receive(client, row, lines, till_of(row, lines, wish, attempt), deed)

    await settle(state, order, Deed(attempt.actor, attempt.received))
    return await change(state, order, attempt, work)


def till_of(row: OrderRecord, lines: Sequence[LineRecord], wish: Pay, attempt: Attempt) -> Till:
    """Where the money that comes by this attempt is."""
    return Till(place_of_money(row, lines, wish.counter), wish.counter, wish.method, attempt.operation.id)


async def receive(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], till: Till, deed: Deed) -> None:
    """The whole sum of a `locked` order has come. What has been handed over already is closed by it.

    Raises WrongStateError when it may not come any more.
    """
    action, total = arrival(WAYS[row.pay_at], PaymentState(row.payment)), row.goods + row.delivery_fee
    if action is None:
        raise wrong_order_state(OrderState(row.state))
    move_payment(row, action)
    if total:
        await _record(client, row, (PAYMENT, total), till, deed)
    if action is PaymentAction.COME_LATE:  # A person decides what becomes of it.
        await touch(client, row, deed)
        await note(client, row.id, Change("order.paid_late"), deed)
        return
    await move_order(client, row, OrderAction.PAY, deed, {"method": till.method, "amount": total})
    await close_if_done(client, row, lines, deed)


def check_paid(row: OrderRecord) -> None:
    """What is paid at the counter leaves only then, over it or in a parcel. Raises WrongStateError."""
    if WAYS[row.pay_at].before_hand_over and row.state == OrderState.PLACED:
        raise wrong_order_state(OrderState.PLACED)


async def give_back(client: BaseDBAsyncClient, row: OrderRecord, amount: int, till: Till, deed: Deed) -> None:
    """Pay back so much (fen) of a `locked` order; never more than came."""
    paid, refunded = await money_of(client, row.id)
    if amount > paid - refunded:
        raise wrong_order_state(OrderState(row.state))
    if amount:
        await _record(client, row, (REFUND, -amount), till, deed)
    await note(client, row.id, Change("order.refunded", data={"method": till.method, "amount": amount}), deed)


async def way_back(client: BaseDBAsyncClient, order: str, said: str | None) -> str:
    """How money of the order goes back: as somebody said, or else as it came."""
    if said:
        return said
    came = await MoneyEventRecord.filter(order_id=order, kind=PAYMENT).using_db(client).order_by("-at").first()
    return came.method if came else "cash"


def place_of_money(row: OrderRecord, lines: Sequence[LineRecord], counter: str | None = None) -> str:
    """At a counter it is the hall's; what a courier takes is where the first line came from, for all of the order."""
    return row.hall if counter or row.pay_at == COUNTER else lines[0].place


async def _record(client: BaseDBAsyncClient, row: OrderRecord, moved: tuple[str, int], till: Till, deed: Deed) -> None:
    """Once for each operation, also when its answer has been forgotten. Raises IdempotencyKeyReusedError."""
    if await MoneyEventRecord.filter(op=till.op).using_db(client).exists():
        raise IdempotencyKeyReusedError(_("This Idempotency-Key was used for another request."))
    await MoneyEventRecord.create(
        using_db=client,
        op=till.op,
        order_id=row.id,
        at=deed.at,
        kind=moved[0],
        method=till.method,
        amount=moved[1],
        hall=till.place,
        counter=till.counter,
        actor=deed.actor,
        reason=deed.reason,
    )
