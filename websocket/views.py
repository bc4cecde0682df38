"""What each kind of stream shows of a hall: its state for a snapshot, and what its events carry besides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import to_builtins

from booking import shown
from booking.estimates import Pace
from booking.picture import BoardCounter, BoardTicket, Picture
from booking.schemas import Ticket, TicketRow
from halls.schemas import Hall, Names
from websocket.frames import ticket_data

NEXT_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class About:
    """What SQL says of a hall: its configuration, how to join it, whether it is open, how fast it calls."""

    hall: Hall
    open: bool
    join_url: str
    qr: str
    paces: Mapping[str, Pace | None] = field(compare=False, default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.hall.time_zone)

    def card(self) -> dict[str, Any]:
        """Show the hall itself, as the `hall` member of every state."""
        hall = self.hall
        return {
            "id": hall.id,
            "name": hall.names.zh,
            "names": hall.names,
            "time_zone": hall.time_zone,
            "join_url": self.join_url,
            "qr": self.qr,
            "speech": hall.rules.speech,
            "services": [_named(service.id, service.names) | {"prefix": service.prefix} for service in hall.services],
            "counters": [{"id": counter.id, "name": counter.name} for counter in hall.counters],
        }


def board(about: About, picture: Picture) -> dict[str, Any]:
    """Show what changes with nearly every event and can't be told from the event alone."""
    waiting = picture.waiting
    return {
        "waiting": {service.id: waiting.get(service.id, 0) for service in about.hall.services},
        "next": [
            _named(service.id, service.names, key="service")
            | {"numbers": [row.number for row in picture.line(service.id)[:NEXT_SHOWN]]}
            for service in about.hall.services
        ],
        "head_count": picture.head_count,
    }


def hall_state(about: About, picture: Picture) -> dict[str, Any]:
    return {
        "hall": about.card(),
        "calling": [ticket_data(row, about.zone) for row in picture.calling],
        "calls": [ticket_data(row, about.zone) for row in picture.calls],
        **board(about, picture),
        "capacity": about.hall.capacity,
        "open": about.open,
    }


def counter_state(about: About, picture: Picture, counter_id: str, served: int) -> dict[str, Any]:
    """Show a counter to its clerk: the present customer, and everybody whom it may call, in the order of calling."""
    configured = about.hall.counter(counter_id)
    services = configured.services if configured else ()
    row = picture.counters.get(counter_id) or BoardCounter(id=counter_id)
    current = picture.tickets.get(row.ticket) if row.ticket else None
    line = sorted((ticket for service in services for ticket in picture.line(service)), key=lambda t: (t.turn, t.id))
    return {
        "hall": about.card(),
        "counter": {
            "id": counter_id,
            "name": configured.name if configured else counter_id,
            "open": row.open,
            "clerk": row.clerk,
        },
        "current": ticket_data(current, about.zone) | to_builtins(ticket(about, picture, current)) if current else None,
        "line": [ticket_data(ticket, about.zone) for ticket in line],
        "absent": [ticket_data(ticket, about.zone) for ticket in picture.absent if ticket.service in services],
        "today": {"served": served},
        "services": [_named(s.id, s.names) | {"prefix": s.prefix} for s in about.hall.services if s.id in services],
        "open": about.open,
    }


def ticket(about: About, picture: Picture, row: BoardTicket | TicketRow, ahead: int | None = None) -> Ticket:
    """Show a ticket to its owner. `ahead` is for one that is committed and not yet in the picture."""
    seen = picture.tickets.get(row.id, row)
    before = picture.people_ahead(row.id) if row.id in picture.tickets else ahead
    return shown.ticket(about.hall, seen, before, about.paces.get(row.service))


def _named(id_: str, names: Names, key: str = "id") -> dict[str, Any]:
    return {key: id_, "name": names.zh, "names": names}
