"""The way every verb on an order goes: once, in one transaction with its answer; then the places do what is due."""

import logging
from collections.abc import Awaitable, Callable

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import DomainError, UnavailableError
from o2o.kernel.idempotency import Answer, answered, once
from orders.models import LineRecord, OrderRecord
from orders.order_queries import shown_order
from orders.service.moving import Deed, locked
from orders.service.stocking import follow
from orders.state import OrdersState

log = logging.getLogger(__name__)

Work = Callable[[BaseDBAsyncClient, OrderRecord, list[LineRecord], Deed], Awaitable[None]]
"""What is to be done to a locked order and its lines."""


async def change(state: OrdersState, order: str, attempt: Attempt, work: Work, *, reason: str | None = None) -> Answer:
    """Do `work` once; the answer is the order as that left it. Raises OrderNotFoundError, and what `work` raises."""
    deed = Deed(attempt.actor, attempt.received, reason)

    async def run(client: BaseDBAsyncClient) -> object:
        row, lines = await locked(client, order)
        await work(client, row, lines, deed)
        return await shown_order(order, client)

    answer = await once(attempt.operation, state["clock"], run)
    await _follow(state, order, deed)
    return answer


async def repeated(state: OrdersState, order: str, attempt: Attempt) -> Answer | None:
    """What was answered before, if it was, once the places have done what a process that died left undone."""
    answer = await answered(attempt.operation, state["clock"])
    if answer is not None:
        await _follow(state, order, Deed(attempt.actor, attempt.received))
    return answer


async def _follow(state: OrdersState, order: str, deed: Deed) -> None:
    try:
        await follow(state["stock"], order, deed)
    except UnavailableError:
        raise  # The same key finds out.
    except DomainError as refusal:
        # It is done, and no refusal: what the place did not take, the job tries again.
        log.warning("order_left_for_later", extra={"order": order, "error": refusal.code})
