"""What time and configuration do to the line: the reset of yesterday's tickets, orphans, a hall's new revision."""

import logging
import secrets
from typing import Final

from booking.service.line import Line
from booking.states import Action
from booking.store import UNSETTLED_MS, Due
from halls.hall import Hall
from halls.service import changed_at
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import UnavailableError
from o2o.kernel.http import Operation
from o2o.kernel.journal import Refusal
from o2o.kernel.ledger import stored_event
from o2o.kernel.signing import digest

CHUNK: Final = 500  # One script holds Redis for a few milliseconds.

log = logging.getLogger(__name__)


async def reset_yesterday(line: Line, hall: Hall) -> None:
    """End the live tickets of days gone by, chunk by chunk."""
    while not isinstance(await line.submit(hall, Action.RESET, {"most": CHUNK}, _by_the_clock(line)), Refusal):
        log.info("tickets_reset", extra={"hall": hall.id})


async def settle_due(line: Line) -> None:
    """Settle what dead processes left, rebuild what Redis lost, end days gone by; one hall's trouble is no other's.

    Where something has happened, and in some halls in turn.
    """
    for hall, due in await line.due():
        if due.nothing:
            line.rounds.settled(hall)
        else:
            await _settle(line, hall, due)
    line.rounds.looked()


async def _settle(line: Line, hall: Hall, due: Due) -> None:
    try:
        if due.unsettled:
            await line.desk(hall).sweep()
        if due.yesterday:
            await reset_yesterday(line, hall)
        if due.revised and await changed_at(hall.id) < to_ms(line.clock()) - UNSETTLED_MS:
            await tell_of_revision(line, hall)  # Whoever changed it would have told it long before.
    except UnavailableError:
        log.warning("settling_put_off", extra={"hall": hall.id})


async def tell_of_revision(line: Line, hall: Hall, part: str = "whole", actor: str = "clock") -> None:
    """Let everybody who watches the hall know that its configuration has changed; and who changed which part of it.

    Once a revision: after a day Redis has forgotten that it was told, and SQL would refuse it a second time.
    """
    operation = Operation(digest(f"configure\n{hall.id}\n{hall.rev}".encode()), "")
    if await stored_event(operation.id) is not None:
        return
    attempt = Attempt(operation, actor, to_ms(line.clock()))
    await line.submit(hall, "configure", {"rev": hall.rev, "part": part}, attempt)


def _by_the_clock(line: Line) -> Attempt:
    return Attempt(Operation(secrets.token_urlsafe(16), ""), "clock", to_ms(line.clock()))
