"""Halls, tickets and counters as HTTP and the live streams show them."""

from zoneinfo import ZoneInfo

from msgspec import UNSET

from booking.estimates import UNKNOWN, Pace, estimate
from booking.goods import Goods
from booking.picture import BoardTicket
from booking.schemas import CounterRow, LiveCounter, Ticket, TicketHold, TicketRow
from booking.service.line import Change, ticket_of
from booking.states import TicketState
from halls.hall import Hall
from halls.stock.schemas import Hold
from halls.stock.states import HoldState
from o2o.kernel.clock import rfc3339


def ticket(hall: Hall, row: TicketRow | BoardTicket, ahead: int | None, pace: Pace | None) -> Ticket:
    """A ticket as its owner and the staff see it; `ahead` counts only while it waits."""
    zone = ZoneInfo(hall.time_zone)
    waits = row.state is TicketState.WAITING
    before = ahead if waits else None
    return Ticket(
        id=row.id,
        number=row.number,
        state=row.state,
        hall=hall.id,
        service=row.service,
        counter=row.counter,
        class_=row.class_,
        claimed_class=row.claimed,
        for_counter=row.bound,
        then=row.remaining.split(",") if row.remaining else [],
        position=before + 1 if before is not None else None,
        people_ahead=before,
        estimate=estimate(pace, before) if waits else UNKNOWN,
        called_at=rfc3339(row.called_at, zone) if row.called_at else None,
        created_at=rfc3339(row.created_at, zone),
        calls=row.calls,
        version=row.version,
        hold=_hold(row.goods) if row.goods else UNSET,
    )


def changed_ticket(hall: Hall, change: Change) -> Ticket:
    """The ticket as the change left it: a repeat of the request is answered the same."""
    return ticket(hall, ticket_of(change), change.ahead, change.pace)


def counter(hall: Hall, counter_id: str, row: CounterRow | None, served: TicketRow | None) -> LiveCounter:
    """A counter and the ticket that it has; one that was never opened has no row."""
    configured = hall.counter(counter_id)
    return LiveCounter(
        id=counter_id,
        name=configured.name if configured else counter_id,
        hall=hall.id,
        open=bool(row and row.open),
        clerk=row.clerk if row else None,
        ticket=ticket(hall, served, None, None) if served else None,
        since=rfc3339(row.since, ZoneInfo(hall.time_zone)) if row else None,
    )


def hold(hall: Hall, row: Hold, now: int) -> TicketHold:
    """What a ticket carries and how that stands at `now`: what nobody has let go yet has expired all the same."""
    over = row.state is HoldState.ACTIVE and row.expires_at <= now
    return TicketHold(
        sku=row.sku,
        quantity=row.quantity,
        state=HoldState.EXPIRED if over else row.state,
        expires_at=rfc3339(row.expires_at, ZoneInfo(hall.time_zone)),
    )


def _hold(text: str) -> TicketHold:
    goods = Goods.of(text)
    return TicketHold(sku=goods.sku, quantity=goods.quantity)
