"""What the scheduler runs: find what is due, call a verb for it. Running a job twice is harmless."""

import logging
from collections.abc import Awaitable
from typing import Final

from booking.models import Contact
from booking.queries import tickets_over
from booking.service.carrying import keep, let_go
from booking.service.days import settle_due
from booking.service.line import Line
from halls.stock.service import Stockroom
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.erasing import Erasing
from o2o.kernel.errors import UnavailableError

FOLLOW_S: Final = 1.0
KEEP_S: Final = 10.0
SETTLE_S: Final = 1.0  # With the 2 s that an entry must be old, an orphan is settled within about 3 s.

log = logging.getLogger(__name__)


async def settle(line: Line) -> None:
    """Do what is due, whether or not anybody asks about it."""
    try:
        await settle_due(line)
    except UnavailableError:
        log.warning("settling_put_off", extra={"hall": None})


async def follow_tickets(stock: Stockroom, clock: Clock) -> None:
    """Let go of the holds of those who did not come."""
    await _put_off_if_away(let_go(stock, to_ms(clock())))


async def keep_carried(stock: Stockroom, clock: Clock) -> None:
    """Keep the holds of those who still wait."""
    await _put_off_if_away(keep(stock, to_ms(clock())))


def erasing(days: int, clock: Clock) -> Erasing:
    """Forgets who had a ticket once it has been over for so long. The ticket stays."""
    return Erasing(Contact, tickets_over, days, clock)


async def _put_off_if_away(work: Awaitable[None]) -> None:
    try:
        await work
    except UnavailableError:
        log.warning("following_put_off", extra={"place": None})
