"""Picking up: it is put by, its customer told, and it is handed over to whoever shows the code, in that hall only."""

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.i18n import _
from o2o.kernel.idempotency import Answer
from o2o.kernel.limits import Limit
from orders.contacts import pickup_hash, typed
from orders.models import LineRecord, OrderRecord
from orders.order_errors import NothingToDoError, PickupCodeError, wrong_line_state
from orders.order_queries import order_row
from orders.order_schemas import HandOver, Pay
from orders.service.moving import Change, Deed, close_if_done, move_line, note, touch
from orders.service.paying import check_paid, receive, till_of
from orders.service.pieces import take_pieces
from orders.service.placing import settle
from orders.service.telling import tell_ready
from orders.service.verbs import change, repeated
from orders.service.writing import HOUR_MS
from orders.state import OrdersState
from orders.states import Fulfilment, LineAction, LineState, OrderState

ATTEMPTS = Limit(
    10,
    3600,
    _("For this order %(limit)s codes were tried within the hour. Try again in %(minutes)s min."),
)
"""So many codes may be tried at one order; and by each clerk at all of them:"""
ATTEMPTS_OF_ONE = Limit(60, 600, _("You have tried %(limit)s codes within ten minutes. Try again in %(minutes)s min."))


async def prepare(state: OrdersState, order: str, attempt: Attempt) -> Answer:
    """It lies ready: its customer is told, and it is kept for the hall's time from now on.

    Raises OrderNotFoundError, WrongStateError, NothingToDoError.
    """
    hall = await state["directory"].get((await order_row(order)).hall)

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        waiting = [line for line in _to_collect(lines) if line.state == LineState.ALLOCATED]
        if not waiting:
            raise _nothing(lines)
        for line in waiting:
            await move_line(client, line, LineAction.PREPARE, deed)
        row.pickup_until = deed.at + hall.rules.pickup_hours * HOUR_MS
        row.notices += 1
        await touch(client, row, deed)
        await tell_ready(client, state, row, _to_collect(lines), deed)

    await settle(state, order, Deed(attempt.actor, attempt.received))
    return await change(state, order, attempt, work)


async def remind(state: OrdersState, order: str, attempt: Attempt) -> Answer:
    """Tell once more that it lies ready. Raises OrderNotFoundError, NothingToDoError."""

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        ready = [line for line in _to_collect(lines) if line.state == LineState.READY]
        if not ready:
            raise _nothing(lines)
        row.notices += 1
        await touch(client, row, deed)
        await note(client, row.id, Change("order.reminded"), deed)
        await tell_ready(client, state, row, ready, deed)

    return await change(state, order, attempt, work)


async def hand_over(state: OrdersState, order: str, wish: HandOver, attempt: Attempt) -> Answer:
    """Give it to whoever shows the code, when it is paid: once, whoever else tries at the same moment.

    Who asks must be of the order's hall: that is for the caller to see to. Raises OrderNotFoundError, PickupCodeError,
    TooManyError, WrongStateError, InvalidError (serials).
    """
    if done := await repeated(state, order, attempt):
        return done
    await check_code(state, order, wish.pickup_code, attempt)
    return await give(state, order, wish, attempt)


async def check_code(state: OrdersState, order: str, code: str, attempt: Attempt) -> None:
    """Raises OrderNotFoundError, PickupCodeError, TooManyError."""
    row, limits = await order_row(order), state["limits"]
    await limits.check(f"pickup:by:{attempt.actor}", *ATTEMPTS_OF_ONE)
    await limits.check_operation(f"pickup:of:{order}", attempt.operation, ATTEMPTS)
    right = state["signer"].verify_token("pickup", f"{row.hall}:{typed(code)}", row.pickup_hash or "")
    if row.pickup_hash is None or not right:
        raise PickupCodeError


async def give(state: OrdersState, order: str, wish: HandOver, attempt: Attempt, money: Pay | None = None) -> Answer:
    """As `hand_over`, once the code has been checked; `money` is what comes for it in the same act, if it is due."""
    await settle(state, order, Deed(attempt.actor, attempt.received))

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        mine = _to_collect(lines)
        if not mine:
            raise _nothing(lines)
        if money and row.state == OrderState.PLACED:
            await receive(client, row, lines, till_of(row, lines, money, attempt), deed)
        check_paid(row)
        await take_pieces(client, mine, wish.serials, needed=True)
        for line in mine:
            if line.state == LineState.ALLOCATED:  # Its customer came before it was put by.
                await move_line(client, line, LineAction.PREPARE, deed)
            await move_line(client, line, LineAction.COLLECT, deed)
        row.pickup_until = None
        await touch(client, row, deed)
        await close_if_done(client, row, lines, deed)

    return await change(state, order, attempt, work)


async def order_of_code(state: OrdersState, hall: str, code: str, actor: str) -> OrderRecord:
    """The order that a pick-up code, however typed or scanned, collects in this hall. Raises PickupCodeError."""
    await state["limits"].check(f"pickup:by:{actor}", *ATTEMPTS_OF_ONE)
    row = await OrderRecord.get_or_none(pickup_hash=pickup_hash(state["signer"], hall, typed(code)))
    if row is None:
        raise PickupCodeError
    return row


def _to_collect(lines: list[LineRecord]) -> list[LineRecord]:
    kept = {LineState.ALLOCATED, LineState.READY}
    return [line for line in lines if line.fulfilment == Fulfilment.PICKUP and line.state in kept]


def _nothing(lines: list[LineRecord]) -> Exception:
    picked_up = [line for line in lines if line.fulfilment == Fulfilment.PICKUP]
    if picked_up:
        return wrong_line_state(LineState(picked_up[0].state))
    return NothingToDoError(_("Nothing of this order is picked up in a hall."))
