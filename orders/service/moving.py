"""How an order and its lines change: in the caller's transaction, by the tables of states.py, each change recorded."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from orders.models import LineRecord, OrderEventRecord, OrderRecord
from orders.order_errors import OrderNotFoundError, wrong_line_state, wrong_order_state
from orders.states import (
    IN_HAND,
    LINE_STEPS,
    ORDER_STEPS,
    PAYMENT_STEPS,
    Fulfilment,
    LineAction,
    LineState,
    OrderAction,
    OrderState,
    PaymentAction,
    PaymentState,
    is_done,
    stock_after,
)


class Deed(NamedTuple):
    """Who does it (`customer:…`, `staff:clerk1`, `clock`), when (ms), and why, if they say."""

    actor: str
    at: int
    reason: str | None = None


class Change(NamedTuple):
    """What changed, as order_events have it. No phone number, name or address may be in `data`."""

    name: str
    source: str | None = None
    target: str | None = None
    line: int | None = None
    data: Mapping[str, Any] | None = None


PLACED = "order.placed"
"""The event of a new order; its data has the operation that placed it."""
EVENTS = {
    LineAction.PREPARE: "line.ready",
    LineAction.COLLECT: "line.collected",
    LineAction.PICK: "line.picked",
    LineAction.SHIP: "line.shipped",
    LineAction.DELIVER: "line.delivered",
    LineAction.RETURN: "line.returned",
}
"""What order_events call each move of a line."""
ORDER_EVENTS = {
    OrderAction.PAY: "order.paid",
    OrderAction.CLOSE: "order.closed",
    OrderAction.CANCEL: "order.cancelled",
}


async def locked(client: BaseDBAsyncClient, order: str) -> tuple[OrderRecord, list[LineRecord]]:
    """The order and its lines; nobody else changes them before the transaction ends. Raises OrderNotFoundError."""
    row = await OrderRecord.select_for_update(using_db=client).get_or_none(id=order)
    if row is None:
        raise OrderNotFoundError
    return row, await LineRecord.filter(order_id=order).using_db(client).order_by("number")


async def move_line(
    client: BaseDBAsyncClient, line: LineRecord, action: LineAction, deed: Deed, data: Mapping[str, Any] | None = None
) -> None:
    """Move one line of a `locked` order. What its place is to do about it is due from then on (`stocking.follow`).

    Raises WrongStateError, also for an action of the other way of fulfilment.
    """
    before, step = LineState(line.state), LINE_STEPS[Fulfilment(line.fulfilment)].get(action)
    if step is None or before not in step.sources:
        raise wrong_line_state(before)
    line.state, line.changed_at = step.target, deed.at
    line.stock_due = stock_after(step.target, before)
    if line.allocation is None:
        line.stock = line.stock_due
    await line.save(using_db=client, update_fields=["state", "stock", "stock_due", "changed_at"])
    change = Change(EVENTS[action], before, step.target, line.number, data)
    await note(client, line.order_id, change, deed)


async def move_order(
    client: BaseDBAsyncClient,
    order: OrderRecord,
    action: OrderAction,
    deed: Deed,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Move a `locked` order. Raises WrongStateError."""
    before, step = OrderState(order.state), ORDER_STEPS[action]
    if before not in step.sources:
        raise wrong_order_state(before)
    order.state = step.target
    await touch(client, order, deed)
    await note(client, order.id, Change(ORDER_EVENTS[action], before, step.target, data=data), deed)


def move_payment(order: OrderRecord, action: PaymentAction) -> None:
    """Change a `locked` order's payment; whoever calls saves it. Raises WrongStateError."""
    step = PAYMENT_STEPS[action]
    if PaymentState(order.payment) not in step.sources:
        raise wrong_order_state(OrderState(order.state))
    order.payment = step.target


async def close_if_done(client: BaseDBAsyncClient, order: OrderRecord, lines: Sequence[LineRecord], deed: Deed) -> None:
    """Close an order that is paid and of which nothing is under way; the customer has something of it."""
    states = [LineState(line.state) for line in lines]
    if order.state == OrderState.PAID and is_done(states) and any(state in IN_HAND for state in states):
        await move_order(client, order, OrderAction.CLOSE, deed)


async def touch(client: BaseDBAsyncClient, order: OrderRecord, deed: Deed) -> None:
    """Save what was set; a change, whatever it is, raises the version."""
    order.version += 1
    order.changed_at = deed.at
    await order.save(using_db=client)


async def note(client: BaseDBAsyncClient, order: str, change: Change, deed: Deed) -> None:
    """Record what was done to the order."""
    await OrderEventRecord.create(
        using_db=client,
        order_id=order,
        at=deed.at,
        name=change.name,
        actor=deed.actor,
        line=change.line,
        source=change.source,
        target=change.target,
        reason=deed.reason,
        data=msgspec.json.encode(change.data).decode() if change.data else None,
    )
