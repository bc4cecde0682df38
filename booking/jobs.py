"""What the scheduler runs: find what is due, call a verb for it. Running a job twice is harmless."""

import logging
from typing import Final

from booking.service.carrying import follow
from booking.service.days import settle_due
from booking.service.line import Line
from halls.stock.service import Stockroom
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.errors import UnavailableError

FOLLOW_S: Final = 1.0
SETTLE_S: Final = 1.0  # With the 2 s that an entry must be old, an orphan is settled within about 3 s.

log = logging.getLogger(__name__)


async def settle(line: Line) -> None:
    """Do what is due, whether or not anybody asks about it."""
    try:
        await settle_due(line)
    except UnavailableError:
        log.warning("settling_put_off", extra={"hall": None})


async def follow_tickets(stock: Stockroom, clock: Clock) -> None:
    """Let go of the holds of those who did not come, and keep those of who waits."""
    try:
        await follow(stock, to_ms(clock()))
    except UnavailableError:
        log.warning("following_put_off", extra={"place": None})
