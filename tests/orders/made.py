"""Orders as rows, without the saga that places them."""

from collections.abc import Awaitable, Callable

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from orders.models import LineRecord, OrderRecord
from orders.service.moving import Deed, locked
from orders.states import Fulfilment, LineState, OrderState, PaymentState, StockState
from tests.serving import START

AT = to_ms(START)
DEED = Deed("staff:clerk1", AT)
Work = Callable[[BaseDBAsyncClient, OrderRecord, list[LineRecord]], Awaitable[None]]


async def an_order(*fulfilments: Fulfilment, order: str = "order-1", hall: str = "heping") -> OrderRecord:
    """An order that was placed, with a line of 2 × 129.00 for each way of fulfilment."""
    for number, fulfilment in enumerate(fulfilments, 1):
        await LineRecord.create(
            order_id=order,
            number=number,
            sku="case",
            name_zh="手机壳",
            name_en="Case",
            price=12900,
            quantity=2,
            fulfilment=fulfilment,
            place=hall if fulfilment is Fulfilment.PICKUP else "tianjin",
            state=LineState.ALLOCATED,
            allocation=f"hold-{number}",
            stock=StockState.ALLOCATED,
            stock_due=StockState.ALLOCATED,
            changed_at=AT,
        )
    return await OrderRecord.create(
        id=order,
        hall=hall,
        shown_in=hall,
        holder="holder",
        state=OrderState.PLACED,
        payment=PaymentState.OPEN,
        pay_at="counter" if Fulfilment.PICKUP in fulfilments else "delivery",
        goods=25800 * len(fulfilments),
        delivery_fee=0,
        language="en",
        placed_at=AT,
        changed_at=AT,
        version=1,
    )


async def doing(order: str, work: Work) -> None:
    """Something to the order, in a transaction."""

    async def run(client: BaseDBAsyncClient) -> None:
        await work(client, *await locked(client, order))

    await transaction(run)
