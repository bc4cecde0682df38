"""An order and its lines as rows: all that one transaction writes when it is placed."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from orders.contacts import OrderContact, new_pickup_code, pickup_hash, write_contact
from orders.models import LineRecord, OrderRecord
from orders.order_queries import COUNTER, DELIVERY, shown
from orders.order_schemas import Order
from orders.service.limiting import check_limits
from orders.service.moving import PLACED, Change, Deed, note
from orders.service.planning import Part, Plan
from orders.service.promising import Promise
from orders.service.telling import tell_placed
from orders.state import OrdersState
from orders.states import Fulfilment, LineState, OrderState, PaymentState, StockState

HOUR_MS: Final = 3_600_000


class Taken(NamedTuple):
    """How a line comes and from where; `hold` is None for what has no stock."""

    part: Part
    fulfilment: Fulfilment
    place: str
    hold: str | None

    @property
    def is_sent(self) -> bool:
        return self.fulfilment is Fulfilment.DELIVERY and self.hold is not None


class Bill(NamedTuple):
    """What is to be written, under the id that the `order` gets if nobody has written it before."""

    order: str
    planned: Plan
    taken: Sequence[Taken]
    delivery_fee: int
    promised: Promise


async def write(client: BaseDBAsyncClient, state: OrdersState, bill: Bill, attempt: Attempt) -> Order:
    """The order as it was written, with its pick-up code, which is never read again. Raises LimitPerPersonError."""
    order, planned, taken, fee, promised = bill
    await check_limits(client, planned)
    picked_up = any(one.fulfilment is Fulfilment.PICKUP for one in taken)
    code = new_pickup_code() if picked_up else None
    until = attempt.received + planned.hall.rules.pickup_hours * HOUR_MS
    row = await OrderRecord.create(
        using_db=client,
        id=order,
        hall=planned.hall.id,
        **planned.origin._asdict(),
        holder=planned.holder,
        state=OrderState.PLACED,
        payment=PaymentState.OPEN,
        pay_at=COUNTER if picked_up else DELIVERY,
        goods=planned.goods,
        delivery_fee=fee,
        pickup_hash=pickup_hash(state["signer"], planned.hall.id, code) if code else None,
        pickup_until=until if picked_up else None,
        language=planned.language,
        placed_at=attempt.received,
        changed_at=attempt.received,
        version=1,
    )
    lines = [_line(order, one, attempt.received, promised) for one in taken]
    await LineRecord.bulk_create(lines, using_db=client)
    contact = OrderContact(planned.phone, planned.address, code)
    await write_contact(client, state["signer"], order, contact)
    await tell_placed(client, state, row, lines, planned.phone)
    placed = Change(PLACED, None, OrderState.PLACED, data={"operation": attempt.operation.id})
    await note(client, order, placed, Deed(attempt.actor, attempt.received))
    return shown(row, lines, (0, 0))


def _line(order: str, one: Taken, at: int, promised: Promise) -> LineRecord:
    product = one.part.product
    window = promised.get(one.place) if one.is_sent else None
    return LineRecord(
        order_id=order,
        number=one.part.number,
        sku=product.sku,
        name_zh=product.names.in_language("zh-CN"),
        name_en=product.names.in_language("en"),
        price=product.price,
        quantity=one.part.quantity,
        fulfilment=one.fulfilment,
        place=one.place,
        state=LineState.ALLOCATED,
        allocation=one.hold,
        stock=StockState.HELD if one.hold else StockState.ALLOCATED,
        stock_due=StockState.ALLOCATED,
        window_start=to_ms(window.start) if window else None,
        window_end=to_ms(window.end) if window else None,
        changed_at=at,
    )
