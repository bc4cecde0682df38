"""Tickets as rows of the clerk's page, and as the present customer on it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from booking.goods import goods_words
from booking.picture import BoardTicket
from booking.schemas import TicketRow
from booking.states import TicketState
from booking.wording import class_name
from halls.hall import Hall
from halls.schemas import Names
from o2o.kernel import words
from o2o.kernel.i18n import Translator, _

MINUTE_MS: Final = 60_000
UNNAMED: Final[Mapping[str, Names]] = MappingProxyType({})
BLANK: Final = dict.fromkeys(
    (
        "id",
        "state",
        "number",
        "service",
        "service_name",
        "waited",
        "called_at",
        "started_at",
        "calls",
        "late",
        "class_name",
        "claimed_name",
        "bound",
        "then",
        "goods",
        "can_return",
    ),
    "",
)
"""The row that scripts clone and fill."""


def line_row(
    hall: Hall, row: BoardTicket | TicketRow, now: int, texts: Translator, names: Mapping[str, Names] = UNNAMED
) -> dict[str, Any]:
    """What a row says. What does not hold of a ticket is empty; `can_return`: the hall's rule lets it be put back.

    `names` are those of the goods that tickets carry, by SKU.
    """
    zone, waits = ZoneInfo(hall.time_zone), row.state in {TicketState.WAITING, TicketState.PARKED}
    # Who was sent on, put back or parked still waits.
    until = now if waits or row.called_at is None else row.called_at
    named = service_names(hall, texts)
    return {
        "id": row.id,
        "state": str(row.state),
        "number": row.number,
        "service": row.service,
        "service_name": named.get(row.service, row.service),
        "waited": words.duration(max(0, until - row.created_at) / 1000, texts),
        "called_at": words.clock_time(row.called_at, zone) if row.called_at else "",
        "started_at": words.clock_time(row.started_at, zone) if row.started_at else "",
        "calls": row.calls,
        "late": until - row.created_at > hall.late_ms,
        "class_name": class_name(row.class_, texts) if row.class_ != hall.rules.classes[0] else "",
        "claimed_name": class_name(row.claimed, texts) if row.claimed else "",
        "bound": texts(_("for counter %(counter)s"), counter=counter_name(hall, row.bound)) if row.bound else "",
        "then": _then(row.remaining, named, texts),
        "goods": goods_words(row.goods, names, texts),
        "can_return": now - (row.ended_at or 0) <= hall.rules.put_back_minutes * MINUTE_MS,
    }


def service_names(hall: Hall, texts: Translator) -> Mapping[str, str]:
    return {service.id: service.names.in_language(texts.language) for service in hall.services}


def class_names(hall: Hall, texts: Translator) -> Mapping[str, str]:
    return {one: class_name(one, texts) for one in hall.rules.classes}


def counter_name(hall: Hall, counter_id: str) -> str:
    counter = hall.counter(counter_id)
    return counter.name if counter else counter_id


def _then(remaining: str | None, named: Mapping[str, str], texts: Translator) -> str:
    if not remaining:
        return ""
    services = texts(_(", ")).join(named.get(one, one) for one in remaining.split(","))
    return texts(_("then %(services)s"), services=services)
