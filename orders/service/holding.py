"""Holding a part of an order at a place, under one id for whoever repeats the order."""

from halls.stock.errors import OutOfStockError
from halls.stock.queries import allocation_row, hold_row
from halls.stock.schemas import Hold
from halls.stock.states import AllocationState, HoldState
from o2o.kernel.attempts import Attempt
from o2o.kernel.models import Event
from orders.latecomers import hold_step
from orders.service.planning import Part, Plan
from orders.state import OrdersState
from orders.states import Fulfilment


async def hold_at(state: OrdersState, planned: Plan, part: Part, place: str, attempt: Attempt) -> str | None:
    """The hold, an earlier try's where it stands; None: there is not enough. Raises TooManyHoldsError."""
    tried, hall, beside = _step(planned, part, place, attempt), planned.hall.id, part.number - 1
    try:
        while True:
            wanted = (place, part.product.sku, part.quantity, tried)
            hold = await state["stock"].hold(*wanted, holder=planned.holder, hall=hall, beside=beside)
            if hold.created_at >= attempt.received or not await _is_over(hold):
                return hold.id
            tried = tried.step(hold.id)  # An earlier try held it, and let it go when something else was refused.
    except OutOfStockError:
        return None


async def held_before(state: OrdersState, planned: Plan, part: Part, attempt: Attempt) -> tuple[str, str] | None:
    """The warehouse where an earlier try at the same order holds this part still, and the hold.

    It is named no more when the last were taken from it. Asked only when all ways are in vain and something may be
    sent, so that an order that is not repeated pays nothing for it.
    """
    if planned.address is None or not part.product.kind.has_stock:
        return None
    named = await state["sourcing"].warehouses(part.product, planned.hall)
    others = [place for place in named if (Fulfilment.DELIVERY, place) not in part.ways]
    steps = {_step(planned, part, place, attempt).operation.id: place for place in others}
    found = await Event.filter(op__in=list(steps)).values_list("op", flat=True) if steps else []
    for op in found:
        place = steps[str(op)]
        hold = await hold_at(state, planned, part, place, attempt)
        row = await hold_row(hold) if hold else None
        if row and row.state is HoldState.ACTIVE:
            return place, row.id
    return None


async def _is_over(hold: Hold) -> bool:
    """Whether nothing is kept by it any more, and no order has what it kept."""
    row, allocation = await hold_row(hold.id), await allocation_row(hold.id)
    if allocation is not None:
        return allocation.state is AllocationState.RELEASED
    return row is not None and row.state is not HoldState.ACTIVE


def _step(planned: Plan, part: Part, place: str, attempt: Attempt) -> Attempt:
    return attempt.step(hold_step(part.number, place, planned.mark))
