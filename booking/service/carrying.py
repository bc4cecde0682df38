"""A number that carries a hold on stock: which hold, whether it may, and what becomes of it."""

from contextlib import suppress
from typing import Final, NamedTuple

from booking.goods import Goods
from booking.queries import states_of, ticket_row
from booking.schemas import TicketRow
from booking.states import LIVE, TicketState
from halls.stock.errors import HoldEndedError, HoldNotFoundError
from halls.stock.queries import carried_holds, hold_row
from halls.stock.schemas import Hold
from halls.stock.service import Stockroom
from halls.stock.states import HOLD_CAP_MS, HoldState
from o2o.kernel.attempts import Attempt
from o2o.kernel.http import Operation
from o2o.kernel.signing import Signer, digest

PURPOSE: Final = "hold"
"""Of the tokens that holds are owned by."""
CLOCK: Final = "clock"
LETS_GO: Final = frozenset({TicketState.NO_SHOW, TicketState.LEFT, TicketState.CANCELLED, TicketState.RESET})
"""Ends after which nobody comes for it. One who was served may still be paying: that hold ends by itself."""
SOON_MS: Final = 3 * 60_000
"""So long before it ends the hold of somebody who still waits is made longer."""


class Carried(NamedTuple):
    """A hold that somebody brings, and the code of why a number can't carry it (None: it can)."""

    hold: Hold
    refused: str | None

    def as_args(self) -> dict[str, str | None]:
        """What the script that issues the number is told."""
        goods = str(Goods(self.hold.sku, self.hold.quantity))
        state = HoldState.EXPIRED if self.hold.state is HoldState.ACTIVE else self.hold.state
        return {"hold": self.hold.id, "goods": goods, "hold_refused": self.refused, "hold_state": state}


async def find_hold(signer: Signer, shown: str, hall: str, now: int) -> Carried:
    """The hold that is `shown` as `<id>.<token>` for a number of the hall. Raises HoldNotFoundError.

    Why it can't be carried is not raised but told to the script: a repeat of what was done is answered as then.
    """
    hold_id, _dot, token = shown.partition(".")
    owned = signer.verify_token(PURPOSE, hold_id, token)
    hold = await hold_row(hold_id) if owned else None
    if hold is None:
        raise HoldNotFoundError
    return Carried(hold, await _why_not(hold, hall, now))


async def keep_for(stock: Stockroom, hold: Hold, ticket: TicketRow, attempt: Attempt) -> None:
    """Let the ticket have the hold, which lasts longer by it. One that has ended meanwhile has, as its page says."""
    if hold.state is HoldState.ACTIVE:
        with suppress(HoldEndedError):
            await stock.extend(hold.id, attempt.step("carry"), ticket=ticket.id)


async def follow(stock: Stockroom, now: int) -> None:
    """Let go of what tickets carried that came to nothing, and keep what those who still wait carry.

    Each step has an id of its own: who does it again, or beside another process, does it once.
    """
    carried = {hold.ticket: hold for hold in await carried_holds() if hold.ticket}
    for ticket, state in (await states_of(carried)).items():
        hold = carried[ticket]
        with suppress(HoldEndedError, HoldNotFoundError):
            if state in LETS_GO:
                await stock.release(hold.id, _by_clock(f"{hold.id}:{state}", now), why=f"ticket.{state}")
            elif state in LIVE and hold.expires_at - now < SOON_MS and hold.expires_at < hold.created_at + HOLD_CAP_MS:
                await stock.extend(hold.id, _by_clock(f"{hold.id}:{hold.expires_at}", now))


def _by_clock(step: str, now: int) -> Attempt:
    return Attempt(Operation(digest(f"carried:{step}".encode()), ""), CLOCK, now)


def is_kept(hold: Hold, now: int) -> bool:
    """Whether it is there for whoever comes with the number: held until later, or ordered."""
    return hold.state is HoldState.CONVERTED or (hold.state is HoldState.ACTIVE and hold.expires_at > now)


async def _why_not(hold: Hold, hall: str, now: int) -> str | None:
    if hold.place != hall:
        return "hold_elsewhere"
    if not is_kept(hold, now):
        return HoldEndedError.code
    carrier = await ticket_row(hold.ticket) if hold.ticket else None
    return "hold_carried" if carrier and carrier.state in LIVE else None
