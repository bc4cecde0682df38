"""Stock follows the lines: what a line's state wants of its place is asked for there, one repeatable step at a time.

SQL decides about orders, the place's desk about stock. No transaction spans both, so a line says what it wants
(`stock_due`) in the transaction that moves it, and each step is known at the place under an id made of order, line and
step: who comes again, after a crash or at the same time, asks for the same and is answered the same.
"""

import logging
from typing import Final

from halls.stock.errors import HoldEndedError, HoldNotFoundError
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import DomainError, UnavailableError
from o2o.kernel.http import Operation
from o2o.kernel.signing import digest
from orders.models import LineRecord
from orders.service.moving import Deed
from orders.states import StockState

_S: Final = StockState
PATHS: Final = {
    _S.ALLOCATED: (_S.HELD, _S.ALLOCATED),
    _S.RELEASED: (_S.HELD, _S.ALLOCATED, _S.RELEASED),
    _S.HANDED_OVER: (_S.HELD, _S.ALLOCATED, _S.HANDED_OVER),
    _S.TAKEN_BACK: (_S.HELD, _S.ALLOCATED, _S.HANDED_OVER, _S.TAKEN_BACK),
}
"""From a hold to what is wanted of the units."""

log = logging.getLogger(__name__)


async def follow(stock: Stockroom, order: str, deed: Deed) -> None:
    """Have each line's place do what is due; what one refuses keeps no other line behind, and is raised at the end."""
    refused: DomainError | None = None
    for line in await LineRecord.filter(order_id=order, allocation__isnull=False).order_by("number"):
        try:
            await _follow_whole(stock, line, deed)
        except UnavailableError:
            raise
        except DomainError as refusal:
            refused = refused or refusal
    if refused:
        raise refused


async def _follow_whole(stock: Stockroom, line: LineRecord, deed: Deed) -> None:
    if line.stock != line.stock_due:
        await follow_line(stock, line, deed)
    for unit in range(line.back_done, line.back):
        await _receive_again(stock, line, unit, deed)


async def follow_line(stock: Stockroom, line: LineRecord, deed: Deed) -> None:
    """Raises HoldEndedError when its hold ended before it could be allocated, and what else its place refuses."""
    path = PATHS[StockState(line.stock_due)]
    for step in path[path.index(StockState(line.stock)) + 1 :]:
        try:
            await _take(stock, line, step, deed)
        except (HoldEndedError, HoldNotFoundError):
            if line.stock_due != StockState.RELEASED:
                raise
            log.info("hold_gone", extra={"order": line.order_id, "line": line.number})  # Its units are free already.
            await _know(line, StockState.RELEASED)
            return
        await _know(line, step)


async def _receive_again(stock: Stockroom, line: LineRecord, unit: int, deed: Deed) -> None:
    """One unit of a line that went to its customer: each has an operation of its own, whoever brings how many back."""
    tried = attempt_of(f"{line.order_id}:{line.number}:back:{unit}", deed)
    await stock.receive(line.place, line.sku, 1, tried, reason="returned")
    await LineRecord.filter(id=line.id, back_done=unit).update(back_done=unit + 1)


async def _know(line: LineRecord, step: StockState) -> None:
    await LineRecord.filter(id=line.id, stock=line.stock).update(stock=step)
    line.stock = step


async def _take(stock: Stockroom, line: LineRecord, step: StockState, deed: Deed) -> None:
    allocation = str(line.allocation)
    tried = attempt_of(f"{line.order_id}:{line.number}:{allocation}:{step}", deed)
    match step:
        case StockState.ALLOCATED:
            await stock.allocate(allocation, tried, line=f"{line.order_id}:{line.number}")
        case StockState.RELEASED:
            await stock.deallocate(allocation, tried, why="cancelled")
        case StockState.HANDED_OVER:
            await stock.hand_over(allocation, tried, serials=tuple(filter(None, (line.serials or "").split(","))))
        case StockState.TAKEN_BACK:
            await stock.take_back(allocation, tried, place=line.place, saleable=True, reason="returned")


def attempt_of(name: str, deed: Deed) -> Attempt:
    """An attempt at what this name stands for, under the same id whoever tries."""
    return Attempt(Operation(digest(f"orders\n{name}".encode()), digest(b"")), deed.actor, deed.at)
