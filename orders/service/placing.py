"""Placing an order: a saga over places and SQL with one key, which may be begun again at any point.

    hold each line at a place -> one transaction: the order, its answer under the key -> allocate each hold -> answer

The transaction decides. Before it there are only holds, which end by themselves. After it the order is there whatever
happens: whoever repeats the request gets the same order and allocates what is not allocated yet, and so does a job.
A hold that ended in between is taken anew; if that can't be, the order is withdrawn and the key is free again.
"""

import logging
from collections.abc import Sequence

import msgspec

from halls.stock.errors import HoldEndedError, HoldNotFoundError, OutOfStockError
from o2o.kernel import idempotency
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import from_ms
from o2o.kernel.errors import ConflictError, DomainError
from o2o.kernel.ids import timely_id
from orders.delivery.quoting import fee_for
from orders.models import LineRecord, OrderRecord
from orders.money import fen_of, money
from orders.order_errors import PriceChangedError, WithdrawnError, out_of_stock
from orders.order_schemas import Order, PlaceOrder
from orders.service.holding import held_before, hold_at
from orders.service.moving import Deed
from orders.service.planning import Part, Plan, Sold, plan
from orders.service.promising import Promise, promise
from orders.service.splitting import let_split_go, split_up
from orders.service.stocking import attempt_of, follow_line
from orders.service.withdrawing import withdraw
from orders.service.writing import Bill, Taken, write
from orders.shares import Shares
from orders.sourcing import as_possible
from orders.state import OrdersState
from orders.states import Fulfilment, StockState

log = logging.getLogger(__name__)


async def place(
    state: OrdersState,
    wish: PlaceOrder,
    attempt: Attempt,
    accepted: tuple[Shares, ...] | None = None,
    sold: Sold | None = None,
) -> Order:
    """Place the order, or give again what was placed under this attempt's operation.

    With `accepted` each line comes in just that way; `sold` is what a counter knows of it. Raises HallNotFoundError,
    ProductNotFoundError, InvalidError, OutOfStockError (with what is `possible` instead), TooManyHoldsError,
    LimitPerPersonError, PriceChangedError, WindowNotOfferedError.
    """
    if sold is None:
        await state["latecomers"].turn_away(wish, attempt)
    try:
        return await _place(state, wish, attempt, accepted, sold)
    except WithdrawnError:  # Nobody was answered: it is judged anew, by what there is now.
        return await _place(state, wish, attempt, accepted, sold)


async def _place(
    state: OrdersState, wish: PlaceOrder, attempt: Attempt, accepted: tuple[Shares, ...] | None, sold: Sold | None
) -> Order:
    try:
        planned = await plan(state, wish, accepted, sold)
        if wish.split:
            planned = await split_up(state, planned, attempt, accepted)
        order = await _write_down(state, wish, planned, attempt)
    except DomainError as refusal:
        # Who repeats what was done before is answered as then, also when it could not be done any more.
        stored = await state["answers"].get(attempt.operation)
        if stored is None:
            if wish.split and isinstance(refusal, ConflictError):
                await let_split_go(attempt)
            raise
        order = msgspec.json.decode(stored.body, type=Order)
    await settle(state, order.id, Deed(attempt.actor, attempt.received))
    return order


async def _write_down(state: OrdersState, wish: PlaceOrder, planned: Plan, attempt: Attempt) -> Order:
    """Take what the plan wants and write the order, or let all of it go."""
    taken = await _take(state, planned, attempt)
    try:
        bill = await _bill(state, wish, planned, taken, attempt.received)
        told = await idempotency.once(attempt.operation, state["clock"], lambda c: write(c, state, bill, attempt), 201)
    except DomainError:
        await _let_go(state, [one for one in taken if one.hold != planned.hold], attempt)
        raise
    order = msgspec.json.decode(told.body, type=Order)
    if order.id != bill.order:
        await _let_go_but(state, order.id, taken, attempt)
    return order


async def settle(state: OrdersState, order: str, deed: Deed) -> None:
    """Allocate what the order's lines hold; what becomes of it afterwards is not looked at.

    Raises WithdrawnError when it is not there any more.
    """
    try:
        await _allocate(state, order, deed)
    except OutOfStockError as gone:
        log.warning("order_withdrawn", extra={"order": order})
        await withdraw(state, order, deed)
        raise WithdrawnError(gone.message, **gone.details) from gone


async def _allocate(state: OrdersState, order: str, deed: Deed) -> None:
    lines = LineRecord.filter(order_id=order, stock=StockState.HELD, allocation__isnull=False)
    for line in await lines.order_by("number"):
        while not await _is_still_held(state, line, deed):
            await _hold_again(state, line, deed)  # An earlier try's that has ended too is no end: another follows it.


async def _is_still_held(state: OrdersState, line: LineRecord, deed: Deed) -> bool:
    """Whether it was, and is allocated now."""
    try:
        await follow_line(state["stock"], line, deed)
    except (HoldEndedError, HoldNotFoundError):
        return False
    return True


async def _hold_again(state: OrdersState, line: LineRecord, deed: Deed) -> None:
    row = await OrderRecord.get(id=line.order_id)
    tried = attempt_of(f"{line.order_id}:{line.number}:again:{line.allocation}", deed)
    wanted, beside = (line.place, line.sku, line.quantity, tried), line.number - 1
    hold = await state["stock"].hold(*wanted, holder=row.holder, hall=row.hall, beside=beside)
    await LineRecord.filter(id=line.id, allocation=line.allocation).update(allocation=hold.id)
    line.allocation = hold.id


async def _take(state: OrdersState, planned: Plan, attempt: Attempt) -> list[Taken]:
    taken: list[Taken] = []
    for part in planned.parts:
        try:
            taken.append(await _take_part(state, planned, part, attempt))
        except DomainError:
            await _let_go(state, taken, attempt)
            raise
    return taken


async def _take_part(state: OrdersState, planned: Plan, part: Part, attempt: Attempt) -> Taken:
    for fulfilment, place in part.ways:
        if not part.product.kind.has_stock:
            return Taken(part, fulfilment, place, None)
        if planned.hold and fulfilment is Fulfilment.PICKUP:
            return Taken(part, fulfilment, place, planned.hold)
        if hold := await hold_at(state, planned, part, place, attempt):
            return Taken(part, fulfilment, place, hold)
    if kept := await held_before(state, planned, part, attempt):
        return Taken(part, Fulfilment.DELIVERY, *kept)
    name = part.product.names.in_language(planned.language)
    province = planned.address.province_id if planned.address else None
    instead = await state["sourcing"].sources(part.product, planned.hall, province=province)
    raise out_of_stock(part.product.sku, name, as_possible(instead))


async def _let_go(state: OrdersState, taken: Sequence[Taken], attempt: Attempt) -> None:
    """Others shall have it now and not in ten minutes. Failing here harms nobody: the holds end by themselves."""
    for one in taken:
        if one.hold is not None:
            try:
                await state["stock"].release(one.hold, attempt.step(f"release:{one.hold}"), why="not ordered")
            except DomainError:
                log.info("hold_not_released", extra={"hold": one.hold})


async def _let_go_but(state: OrdersState, order: str, taken: Sequence[Taken], attempt: Attempt) -> None:
    """What another attempt at the same order has not taken as well."""
    kept = {line.allocation for line in await LineRecord.filter(order_id=order)}
    await _let_go(state, [one for one in taken if one.hold not in kept], attempt)


async def _bill(state: OrdersState, wish: PlaceOrder, planned: Plan, taken: Sequence[Taken], at: int) -> Bill:
    """Raises PriceChangedError, WindowNotOfferedError."""
    sent = [one for one in taken if one.is_sent]
    fee = await delivery_fee(planned, [one.part for one in sent])
    total = planned.goods + fee
    if wish.expected_total is not None and fen_of(wish.expected_total) != total:
        raise PriceChangedError(msgspec.to_builtins(money(total)))
    promised: Promise = {}
    if sent and planned.address:
        places, province = [one.place for one in sent], planned.address.province_id
        promised = await promise(state, wish.window, places, province, from_ms(at))
    return Bill(timely_id(at), planned, taken, fee, promised)


async def delivery_fee(planned: Plan, sent: Sequence[Part]) -> int:
    """What the delivery of these lines costs. A plan, which is no thing, costs nothing to send."""
    if not sent or planned.address is None:
        return 0
    return await fee_for(planned.address.province_id, sum(part.product.price * part.quantity for part in sent))
