"""Who sits where: the clerk, their hall, and the counter that the page is about."""

from typing import NamedTuple

from booking.errors import ticket_not_found
from booking.queries import counter_of, ticket_row
from booking.schemas import TicketRow
from booking.state import BookingRequest
from halls.hall import Counter, Hall
from halls.service import Directory
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.states import Role


class Desk(NamedTuple):
    staff: Staff
    hall: Hall
    counter: Counter


async def desk_at(directory: Directory, staff: Staff, counter_id: str) -> Desk:
    """The desk at this counter. Raises NoRightError, and NotFoundError for a counter that no hall has."""
    hall, counter = await directory.counter(counter_id)
    if not staff.may(Role.CLERK, hall.id):
        raise NoRightError
    return Desk(staff, hall, counter)


async def desk_with(request: BookingRequest, staff: Staff, ticket: TicketRow) -> Desk | None:
    """Where the clerk looks after this ticket: at the counter that they have open in its hall, or usually sit at."""
    hall = await request.state["directory"].get(ticket.hall)
    usual = staff.counter() or ""
    counter = hall.counter(await counter_of(hall.id, staff.principal) or usual) or hall.counter(usual)
    return Desk(staff, hall, counter) if counter else None


async def ticket_of_staff(staff: Staff, ticket: str) -> TicketRow:
    """A ticket of a hall where they are clerks; to staff of other halls there is no such ticket."""
    row = await ticket_row(ticket)
    if row is None or not staff.may(Role.CLERK, row.hall):
        raise ticket_not_found()
    return row
