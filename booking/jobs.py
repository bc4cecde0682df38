"""What the scheduler runs: find what is due, call a verb for it. Running a job twice is harmless."""

import logging
from typing import Final

from booking.service.days import settle_all
from booking.service.line import Line
from o2o.kernel.errors import UnavailableError

SETTLE_S: Final = 1.0  # With the 2 s that an entry must be old, an orphan is settled within about 3 s.

log = logging.getLogger(__name__)


async def settle(line: Line) -> None:
    """Do what is due in every hall, whether or not anybody asks about it."""
    try:
        await settle_all(line)
    except UnavailableError:
        log.warning("settling_put_off", extra={"hall": None})
