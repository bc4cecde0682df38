"""What each kind of stream shows of a hall: its state for a snapshot, and what its events carry besides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import to_builtins

from booking import shown
from booking.estimates import Pace
from booking.goods import Goods
from booking.order import Order
from booking.picture import BoardCounter, BoardTicket, Picture, is_looked_after
from booking.schemas import Ticket, TicketRow
from halls.hall import Hall
from halls.schemas import Names
from websocket.frames import pause_data, ticket_data

Seen = tuple[Hall, BoardTicket | TicketRow, int | None, Pace | None]
"""A ticket, its hall, how many are before it, and how fast they are called."""

NEXT_SHOWN: Final = 5
ORDER_SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class About:
    """What SQL says of a hall: its configuration, how to join it, whether it is open, how fast it calls."""

    hall: Hall
    open: bool
    join_url: str
    qr: str
    paces: Mapping[str, Pace | None] = field(compare=False, default_factory=dict)
    now: int = field(compare=False, default=0)
    """When this was so, ms since 1970."""

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


def board(about: About, picture: Picture, order: Order[BoardTicket]) -> dict[str, Any]:
    """Show what changes with nearly every event and can't be told from the event alone."""
    waiting = picture.waiting
    return {
        "waiting": {service.id: waiting.get(service.id, 0) for service in about.hall.services},
        "next": [
            _named(service.id, service.names, key="service")
            | {"numbers": [row.number for row in order.line({service.id}, NEXT_SHOWN)]}
            for service in about.hall.services
        ],
        "head_count": picture.head_count,
        "pause": pause_data(picture.pause, about.zone),
    }


def hall_state(about: About, picture: Picture, order: Order[BoardTicket]) -> dict[str, Any]:
    return {
        "hall": about.card(),
        "calling": [ticket_data(row, about.zone) for row in picture.calling],
        "calls": [ticket_data(row, about.zone) for row in picture.calls],
        **board(about, picture, order),
        "capacity": about.hall.capacity,
        "open": about.open,
    }


def calling_order(order: Order[BoardTicket], counter_id: str) -> list[str]:
    """Whom the counter would call next, one after the other: the first of its line, by id."""
    return [row.id for row in order.of_counter(counter_id)[:ORDER_SHOWN]]


def counter_state(about: About, picture: Picture, order: Order[BoardTicket], place: tuple[str, int]) -> dict[str, Any]:
    """Show a counter to its clerk: the present customer, and everybody whom it may call, in the order of calling.

    `place` is the counter's id, and how many it has served today.
    """
    counter_id, served = place
    configured = about.hall.counter(counter_id)
    services = configured.services if configured else ()
    row = picture.counters.get(counter_id) or BoardCounter(id=counter_id)
    seen = picture.tickets.get(row.ticket) if row.ticket else None
    current = seen and carrying(seen, about.zone) | to_builtins(ticket(about, picture, order, seen))

    def ours(rows: Iterable[BoardTicket]) -> list[dict[str, Any]]:
        return [carrying(row, about.zone) for row in rows if is_looked_after(row, counter_id, services)]

    return {
        "hall": about.card(),
        "counter": {
            "id": counter_id,
            "name": configured.name if configured else counter_id,
            "open": row.open,
            "clerk": row.clerk,
        },
        "current": current,
        "line": [carrying(ticket, about.zone) for ticket in order.of_counter(counter_id)],
        "order": calling_order(order, counter_id),
        "parked": ours(picture.parked),
        "absent": ours(picture.absent),
        "today": {"served": served},
        "services": [_named(s.id, s.names) | {"prefix": s.prefix} for s in about.hall.services if s.id in services],
        "open": about.open,
        "pause": pause_data(picture.pause, about.zone),
    }


def carrying(row: BoardTicket, zone: ZoneInfo) -> dict[str, Any]:
    """Show a ticket with what it carries, which is its clerks' business and nobody else's."""
    return ticket_data(row, zone) | {"goods": goods(row)}


def goods(row: BoardTicket) -> dict[str, Any] | None:
    return Goods.of(row.goods)._asdict() if row.goods else None


def ticket(
    about: About,
    picture: Picture,
    order: Order[BoardTicket],
    row: BoardTicket | TicketRow,
    ahead: int | None = None,
) -> Ticket:
    """Show a ticket to its owner; as `seen_of`."""
    return shown.ticket(*seen_of(about, picture, order, row, ahead))


def seen_of(
    about: About,
    picture: Picture,
    order: Order[BoardTicket],
    row: BoardTicket | TicketRow,
    ahead: int | None = None,
) -> Seen:
    """All that is shown of a ticket to its owner. `ahead` is for one that is committed and not yet in the picture."""
    seen = picture.tickets.get(row.id, row)
    before = order.ahead.get(row.id) if row.id in picture.tickets else ahead
    return about.hall, seen, before, about.paces.get(row.service)


def _named(id_: str, names: Names, key: str = "id") -> dict[str, Any]:
    return {key: id_, "name": names.zh, "names": names}
