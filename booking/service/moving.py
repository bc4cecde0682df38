"""What becomes of a ticket on its way: sent elsewhere, parked, later, of another class, ended by staff."""

from booking.queries import ticket_row
from booking.schemas import Because, Classify, Postpone, Transfer
from booking.service.checks import check_class, check_services
from booking.service.line import Change, Line, as_data
from booking.states import Action
from halls.hall import Hall
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _


class Moving:
    def __init__(self, line: Line) -> None:
        self._line = line

    async def transfer(self, ticket: str, wish: Transfer, attempt: Attempt) -> Change:
        """Send a waiting, called or served person to another service, to one counter, or to another position.

        Raises NotFoundError, InvalidError, WrongStateError, CounterClosedError, AlreadyWaitingError.
        """
        args = {
            "service": wish.service,
            "counter": wish.counter,
            "position": wish.position,
            "remaining": None if wish.then is None else ",".join(wish.then),
            "reason": wish.reason,
        }
        return await self._line.act(ticket, Action.TRANSFER, args, attempt, lambda hall: _check(hall, wish))

    async def park(self, ticket: str, wish: Because, attempt: Attempt) -> Change:
        """Take a waiting or served person out of the line for a while; the turn is kept. Raises WrongStateError."""
        return await self._line.act(ticket, Action.PARK, {"reason": wish.reason}, attempt)

    async def unpark(self, ticket: str, wish: Because, attempt: Attempt) -> Change:
        """Put a parked person back where their turn is. Raises WrongStateError."""
        return await self._line.act(ticket, Action.UNPARK, {"reason": wish.reason}, attempt)

    async def postpone(self, ticket: str, wish: Postpone, attempt: Attempt) -> Change:
        """Let the next people behind go first. Raises WrongStateError."""
        hall, row = await self._line.hall_of(ticket), await ticket_row(ticket)
        pace = await self._line.pace_of(hall, row.service) if row else None
        args = {"places": wish.places, "pace": as_data(pace)}
        return await self._line.act(ticket, Action.POSTPONE, args, attempt)

    async def classify(self, ticket: str, wish: Classify, attempt: Attempt) -> Change:
        """Confirm the class that a person claims, or give another. Raises InvalidError, WrongStateError."""
        args = {"class": wish.class_, "reason": wish.reason}
        return await self._line.act(ticket, Action.CLASSIFY, args, attempt, lambda hall: check_class(hall, wish.class_))

    async def cancel(self, ticket: str, wish: Because, attempt: Attempt) -> Change:
        """End a ticket that has not come to an end. Raises WrongStateError."""
        return await self._line.act(ticket, Action.CANCEL, {"reason": wish.reason}, attempt)


def _check(hall: Hall, wish: Transfer) -> None:
    """Raises InvalidError."""
    if wish.counter and hall.counter(wish.counter) is None:
        raise InvalidError(_("This hall has no counter %(counter)s."), field="counter", counter=wish.counter)
    for field, services in (("service", [wish.service] if wish.service else []), ("then", wish.then or ())):
        check_services(hall, services, field=field)
