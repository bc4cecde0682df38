"""A number that carries a hold on stock: which hold, whether it may, and what becomes of it."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from itertools import islice
from typing import Final, NamedTuple

from booking.goods import Goods
from booking.queries import ended_with_holds, states_of, ticket_row
from booking.schemas import TicketRow
from booking.states import LIVE, TicketState
from halls.stock.errors import HoldEndedError, HoldNotFoundError, OutOfStockError, TooManyHoldsError
from halls.stock.queries import carried_by, carried_until, hold_row, last_hold
from halls.stock.schemas import Hold
from halls.stock.service import Stockroom
from halls.stock.states import CARRIED_CAP_MS, HoldState
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import UnavailableError
from o2o.kernel.http import Operation
from o2o.kernel.signing import Signer, digest

PURPOSE: Final = "hold"
"""Of the tokens that holds are owned by."""
CLOCK: Final = "clock"
LETS_GO: Final = frozenset({TicketState.NO_SHOW, TicketState.LEFT, TicketState.CANCELLED, TicketState.RESET})
"""Ends after which nobody comes for it. One who was served may still be paying: that hold ends by itself."""
SOON_MS: Final = 3 * 60_000
"""So long before it ends the hold of somebody who still waits is made longer."""
MOMENT_MS: Final = 10_000
"""A ticket's end is in SQL so long after it was decided. What comes later is found before the hold ends."""
AT_ONCE: Final = 64

log = logging.getLogger(__name__)


class Carried(NamedTuple):
    """A hold that somebody brings, and the code of why a number can't carry it (None: it can)."""

    hold: Hold
    refused: str | None

    def as_args(self) -> dict[str, str | None]:
        """What the script that issues the number is told. How the hold stands is said of one that has ended."""
        goods, state = str(Goods(self.hold.sku, self.hold.quantity)), None
        if self.refused == HoldEndedError.code:
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


async def hold_of(ticket: TicketRow) -> Hold | None:
    """What the ticket carries, as it stands now: also what was held anew for whoever was put back."""
    return await last_hold(ticket.id, ticket.hold) if ticket.hold else None


async def let_go(stock: Stockroom, now: int) -> None:
    """Let go of what tickets carried that came to nothing a moment ago.

    Each step here has an id of its own: who does it again, or beside another process, does it once.
    """
    ended = await ended_with_holds(LETS_GO, now - MOMENT_MS)
    await _each((hold, _let_go(stock, hold, ended[hold.ticket or ""], now)) for hold in await carried_by(ended))


async def keep(stock: Stockroom, now: int) -> None:
    """Of what ends soon, keep what those who still wait carry; let go of what `let_go` has missed."""
    carried = {hold.ticket: hold for hold in await carried_until(now + SOON_MS) if hold.ticket}
    states = await states_of(carried)
    await _each((carried[ticket], _keep(stock, carried[ticket], state, now)) for ticket, state in states.items())


async def restore(stock: Stockroom, ticket: TicketRow, attempt: Attempt) -> None:
    """Whoever was not there and is put back gets what their number carried, if it is still to be had.

    If it is not, the pages of ticket and clerk say that it is not held any more.
    """
    hold = await hold_of(ticket)
    if hold and hold.state is HoldState.RELEASED and hold.why == _why(TicketState.NO_SHOW):
        await _hold_again(stock, hold, attempt.actor, attempt.received)


async def _each(works: Iterable[tuple[Hold, Awaitable[None]]]) -> None:
    """Do what each hold needs, so many at a time: they are in one commit."""
    left = iter(works)
    while some := list(islice(left, AT_ONCE)):
        await asyncio.gather(*(_apart(*work) for work in some))


async def _apart(hold: Hold, work: Awaitable[None]) -> None:
    """One place's trouble is no other's."""
    try:
        await work
    except UnavailableError:
        log.warning("following_put_off", extra={"place": hold.place})


async def _keep(stock: Stockroom, hold: Hold, state: TicketState, now: int) -> None:
    if state in LETS_GO:
        await _let_go(stock, hold, state, now)
    elif state in LIVE and hold.expires_at < hold.created_at + CARRIED_CAP_MS:
        with suppress(HoldEndedError, HoldNotFoundError):
            await stock.extend(hold.id, _step(f"{hold.id}:{hold.expires_at}", CLOCK, now))


async def _let_go(stock: Stockroom, hold: Hold, state: TicketState, now: int) -> None:
    with suppress(HoldEndedError, HoldNotFoundError):
        await stock.release(hold.id, _step(f"{hold.id}:{state}", CLOCK, now), why=_why(state))
        # Whoever put them back meanwhile may have looked before the release, and seen nothing to restore.
        await _hold_again(stock, hold, CLOCK, now)


async def _hold_again(stock: Stockroom, ended: Hold, actor: str, now: int) -> None:
    """For a ticket that is live, by an id made of what was let go: of two who restore it one does."""
    ticket = ended.ticket or ""
    if (await states_of([ticket])).get(ticket) not in LIVE:
        return
    place, sku, quantity, step = ended.place, ended.sku, ended.quantity, _step(f"{ended.id}:again", actor, now)
    with suppress(OutOfStockError, TooManyHoldsError, HoldEndedError):
        again = await stock.hold(place, sku, quantity, step, holder=ended.holder, hall=ended.hall)
        await stock.extend(again.id, _step(f"{again.id}:carry", actor, now), ticket=ticket)


def _why(state: TicketState) -> str:
    return f"ticket.{state}"


def _step(name: str, actor: str, now: int) -> Attempt:
    return Attempt(Operation(digest(f"carried:{name}".encode()), ""), actor, now)


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
