"""A line from several places, for whoever agrees to it: which gives how many is decided once for an attempt.

What a place has is less as soon as something is held there, also by ourselves. So the split is written down before
anything is held: whoever repeats the request finds it there, and with it the same holds.
"""

import secrets
from collections.abc import Sequence

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel import idempotency
from o2o.kernel.attempts import Attempt
from o2o.kernel.database import transaction
from orders.order_errors import out_of_stock
from orders.service.planning import Part, Plan
from orders.shares import Shares, shares_of
from orders.sourcing import Allotment, Source, allot, as_possible
from orders.state import OrdersState
from orders.states import Fulfilment


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """So many of one line from one place."""

    line: int
    quantity: int
    fulfilment: Fulfilment
    place: str


class Split(msgspec.Struct, frozen=True):
    """`mark` names the holds made for this split and no other."""

    mark: str
    pieces: tuple[Piece, ...]


async def split_up(
    state: OrdersState, planned: Plan, attempt: Attempt, accepted: Sequence[Shares] | None = None
) -> Plan:
    """The plan with a part for each place that gives something.

    With `accepted` it must come to just that, line by line: it was shown. Raises OutOfStockError.
    """
    step = attempt.step("split").operation
    stored = await idempotency.answered(step, state["clock"])
    if stored is None:
        decided = await _decide(state, planned, accepted)

        async def write(_client: BaseDBAsyncClient) -> Split:
            return decided

        stored = await idempotency.once(step, state["clock"], write)
    split = msgspec.json.decode(stored.body, type=Split)
    lines = {part.number: part for part in planned.parts}
    parts = [
        Part(number, lines[one.line].product, one.quantity, ((one.fulfilment, one.place),))
        for number, one in enumerate(split.pieces, 1)
    ]
    return planned._replace(parts=tuple(parts), mark=split.mark)


async def forget_split(client: BaseDBAsyncClient, attempt: Attempt) -> None:
    """It did not come to an order: the next attempt is judged by what there is then."""
    await idempotency.forget(client, attempt.step("split").operation)


async def let_split_go(attempt: Attempt) -> None:
    await transaction(lambda client: forget_split(client, attempt))


async def _decide(state: OrdersState, planned: Plan, accepted: Sequence[Shares] | None) -> Split:
    province = planned.address.province_id if planned.address else None
    stocked = [part for part in planned.parts if part.product.kind.has_stock]
    found = await state["sourcing"].sources_of([part.product for part in stocked], planned.hall, province=province)
    sources = dict(zip((part.number for part in stocked), found, strict=True))
    pieces: list[Piece] = []
    for number, part in enumerate(planned.parts):
        if part.number not in sources:
            pieces.append(Piece(part.number, part.quantity, *part.ways[0]))
            continue
        allotted = _allotted(part, sources[part.number])
        if not allotted or (accepted and shares_of(allotted) != accepted[number]):
            name = part.product.names.in_language(planned.language)
            raise out_of_stock(part.product.sku, name, as_possible(sources[part.number]))
        pieces += [_piece(part, one) for one in allotted]
    return Split(secrets.token_urlsafe(8), tuple(pieces))


def _allotted(part: Part, sources: Sequence[Source]) -> list[Allotment]:
    """By the part's own ways, in their order."""
    there = {one.place.id: one for one in sources}
    return allot([there[place] for _way, place in part.ways if place in there], part.quantity, split=True)


def _piece(part: Part, one: Allotment) -> Piece:
    return Piece(part.number, one.quantity, Fulfilment(one.source.fulfilment), one.source.place.id)
