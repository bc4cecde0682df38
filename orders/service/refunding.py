"""Giving money back, and taking goods back: of the whole order, of some lines, or of some units of a line."""

from collections.abc import Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.idempotency import Answer
from orders.models import LineRecord, OrderRecord
from orders.order_errors import NothingToDoError, RefundTooLargeError, wrong_order_state
from orders.order_schemas import Refund, RefundedLine
from orders.service.moving import Deed, close_if_done, move_line, move_order, touch
from orders.service.paying import Till, give_back, way_back
from orders.service.telling import tell_refunded
from orders.service.verbs import change
from orders.state import OrdersState
from orders.states import IN_HAND, LineAction, LineState, OrderAction, OrderState, PaymentState, StockState


async def refund(state: OrdersState, order: str, wish: Refund, attempt: Attempt, place: str) -> Answer:
    """Give back at `place`, or a counter, what these units cost; the delivery fee goes with the order's last unit.

    Goods that come back saleable are stock again. What is on its way is refunded without them: they are booked in when
    the parcel is back. What has not left yet goes back with its money, whole lines only. Raises OrderNotFoundError,
    WrongStateError, RefundTooLargeError, NothingToDoError, InvalidError.
    """

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        if row.payment not in {PaymentState.PAID, PaymentState.LATE}:
            raise wrong_order_state(OrderState(row.state))
        wished = wish.lines or _all(lines)
        if not wished:
            raise NothingToDoError(_("All of it has been refunded."))
        amount = 0
        for index, one in enumerate(wished):
            amount += await _refund_line(client, lines, one, deed, at=f"lines[{index}]")
        if all(line.refunded == line.quantity for line in lines):
            amount += row.delivery_fee
        way = await way_back(client, row.id, wish.method)
        till = Till(row.hall if wish.counter else place, wish.counter, way, attempt.operation.id)
        await give_back(client, row, amount, till, deed)
        await conclude(client, row, lines, deed)
        by_number = {line.number: line for line in lines}
        some = [(by_number[one.line], one.quantity) for one in wished]
        await tell_refunded(client, state, row, (some, amount), deed)

    return await change(state, order, attempt, work, reason=wish.reason)


def _all(lines: Sequence[LineRecord]) -> tuple[RefundedLine, ...]:
    return tuple(
        RefundedLine(line.number, line.quantity - line.refunded) for line in lines if line.refunded < line.quantity
    )


async def _refund_line(
    client: BaseDBAsyncClient, lines: Sequence[LineRecord], one: RefundedLine, deed: Deed, *, at: str
) -> int:
    """What the units cost, in fen. A refusal names the member at fault of the wish, which is `at` there."""
    line = next((line for line in lines if line.number == one.line), None)
    if line is None:
        raise InvalidError(_("The order has no line %(line)s."), field=f"{at}.line", line=one.line)
    left = line.quantity - line.refunded
    if one.quantity > left:
        raise RefundTooLargeError(one.line, left, field=f"{at}.quantity")
    if line.state in IN_HAND:
        await _take_back(client, line, one, deed)
    elif line.state not in {LineState.SHIPPED, LineState.RETURNED}:
        if one.quantity != line.quantity:
            message = _("What was not handed over yet is refunded as a whole line.")
            raise InvalidError(message, field=f"{at}.quantity")
        await move_line(client, line, LineAction.RETURN, deed)
    line.refunded += one.quantity
    await line.save(using_db=client, update_fields=["refunded", "back", "stock_due", "accounted"])
    return int(line.price) * one.quantity


async def _take_back(client: BaseDBAsyncClient, line: LineRecord, one: RefundedLine, deed: Deed) -> None:
    """A whole line that comes back in one goes the way of returns; units of it are received again, one by one."""
    whole = one.quantity == line.out == line.quantity
    line.accounted = line.quantity - line.out + one.quantity
    if one.goods == "saleable" and not whole:
        line.back += one.quantity
    if one.goods != "kept" and line.out == 0:
        await move_line(client, line, LineAction.RETURN, deed)
        if one.goods == "damaged" or not whole:
            line.stock_due = StockState.HANDED_OVER


async def conclude(client: BaseDBAsyncClient, row: OrderRecord, lines: Sequence[LineRecord], deed: Deed) -> None:
    """What is left of an order after something came back, or was paid back: nothing, or nothing that is under way."""
    if row.state == OrderState.PAID and all(line.state == LineState.RETURNED for line in lines):
        row.pickup_until = None
        await move_order(client, row, OrderAction.CANCEL, deed)
        return
    await touch(client, row, deed)
    await close_if_done(client, row, lines, deed)
