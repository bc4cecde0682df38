"""The ticket that a clerk looks for, by the code that a customer shows: its number, and what it does now in words."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from booking.queries import ticket_row
from booking.states import TicketState
from halls.schemas import Hall
from o2o.kernel.i18n import Translator, _

STANDING: Final[Mapping[TicketState, str]] = {
    TicketState.WAITING: _("waits for: %(service)s"),
    TicketState.CALLED: _("is called to counter %(counter)s"),
    TicketState.SERVING: _("is at counter %(counter)s"),
    TicketState.PARKED: _("is parked: %(service)s"),
    TicketState.NO_SHOW: _("was called to counter %(counter)s and was not there"),
}
ENDED: Final = _("has ended: %(service)s")


class Sought(NamedTuple):
    """`id` is the ticket's; `said` follows the number."""

    id: str
    number: str
    said: str


async def seek(hall: Hall, ticket: str, texts: Translator) -> Sought | None:
    """The ticket as the hall's staff are told of it; None when it is not this hall's."""
    row = await ticket_row(ticket) if ticket else None
    if row is None or row.hall != hall.id:
        return None
    service, counter = hall.service(row.service), hall.counter(row.counter or "")
    said = texts(
        STANDING.get(row.state, ENDED),
        service=service.names.in_language(texts.language) if service else row.service,
        counter=counter.name if counter else row.counter or "",
    )
    return Sought(row.id, row.number, said)
