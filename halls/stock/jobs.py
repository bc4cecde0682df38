"""What the scheduler runs: find where something is due, call a verb there. Running a job twice is harmless."""

import logging
import secrets
from collections.abc import Awaitable
from typing import Final

from halls.stock.inspection import places_with_stock
from halls.stock.queries import allocation_row, lost_on_the_way, places_with_due_holds, serials_of, serials_sent
from halls.stock.schemas import Movement
from halls.stock.service import Stockroom
from halls.stock.states import MovementKind
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.http import Operation

SETTLE_S: Final = 1.0
ARRIVE_S: Final = 5.0
COMPARE_S: Final = 10.0
COMPARED: Final = 20  # Places in a step: a thousand are compared in eight minutes.
LATE_MS: Final = 5_000  # Whoever sends something has it arrive within a moment, or died.
COMMITTED_MS: Final = 600_000  # By then SQL has what was sent, unless it was away.
WHOLE_MS: Final = 3_600_000
LOST_MS: Final = 7 * 86_400_000

log = logging.getLogger(__name__)


async def settle(stock: Stockroom) -> None:
    """Commit what dead processes left, load places that Redis lost, let go of holds whose time has come.

    Only places where something was done lately, and those with holds that have ended: one's trouble is no other's.
    """
    await _tried("*", _sweep(stock))
    for place in await places_with_due_holds(to_ms(stock.desks.clock())):
        await _tried(place, stock.desks.submit(place, "expire", {}, _by_the_clock(stock)))


class Transfers:
    """What was sent to another place and has not arrived, since whoever sent it broke off, arrives.

    A step looks at what was sent since the one before, from when on nothing was lost; once an hour, and at first, at a
    week: what SQL got long after it was sent is among that.
    """

    def __init__(self, stock: Stockroom) -> None:
        self._stock = stock
        self._since = 0
        self._whole_at = 0

    async def step(self) -> None:
        now = to_ms(self._stock.desks.clock())
        if now - self._whole_at >= WHOLE_MS:
            self._since, self._whole_at = now - LOST_MS, now
        lost = await lost_on_the_way(self._since, now - LATE_MS)
        for sent in lost:
            await _tried(sent.place, _arrive(self._stock, sent))
        if not lost:
            self._since = max(self._since, now - LATE_MS - COMMITTED_MS)


class Comparison:
    """Compares what Redis and SQL count, some places a step; what differs is loaded anew: SQL has what was answered."""

    def __init__(self, stock: Stockroom) -> None:
        self._stock = stock
        self._left: list[str] = []

    async def step(self) -> None:
        self._left = self._left or await places_with_stock()
        some, self._left = self._left[:COMPARED], self._left[COMPARED:]
        for place in some:
            await _tried(place, self._compare(place))

    async def _compare(self, place: str) -> None:
        if found := await self._stock.desks.differences(place):
            log.error("stock_differs", extra={"place": place, "skus": [one.sku for one in found]})
            await (await self._stock.desks.desk(place)).rebuild()


async def _sweep(stock: Stockroom) -> None:
    for place in await stock.desks.unsettled():
        await _tried(place, _sweep_place(stock, place))


async def _sweep_place(stock: Stockroom, place: str) -> None:
    await (await stock.desks.desk(place)).sweep()


async def _arrive(stock: Stockroom, sent: Movement) -> None:
    attempt = _by_the_clock(stock)
    if sent.kind is MovementKind.TRANSFERRED:
        await stock.arrive(sent, -sent.quantity, attempt, serials=await serials_sent(sent))
    elif allocation := await allocation_row(sent.subject or ""):
        pieces = await serials_of(allocation.id)
        await stock.arrive(sent, allocation.quantity, attempt, serials=pieces, subject=allocation.id)
    log.info("stock_arrived", extra={"place": sent.other})


async def _tried(place: str, work: Awaitable[object]) -> None:
    try:
        await work
    except DomainError as error:
        log.warning("stock_put_off", extra={"place": place, "error": error.code})


def _by_the_clock(stock: Stockroom) -> Attempt:
    return Attempt(Operation(secrets.token_urlsafe(16), ""), "clock", to_ms(stock.desks.clock()))
