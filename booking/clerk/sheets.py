"""What lies over the line while one thing is done: a ticket with all that can be done to it, a number to give."""

from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from booking import shown
from booking.ahead import people_ahead
from booking.clerk.acts import ActForm, typed
from booking.clerk.desk import Desk, ticket_of_staff
from booking.clerk.rows import class_names, counter_name, line_row, service_names
from booking.clerk.said import place_words
from booking.errors import ticket_not_found
from booking.goods import hold_words, skus_of
from booking.hall_wording import wait
from booking.queries import clerks_at
from booking.rights import token_of
from booking.schemas import TicketRow
from booking.service.carrying import hold_of, is_kept
from booking.state import BookingRequest
from booking.states import LIVE, STEPS, Channel, TicketState
from halls.hall import Hall
from o2o.kernel import words
from o2o.kernel.clock import to_ms
from o2o.kernel.i18n import Translator, _, translator_for
from qr.draw import inlined
from staff.telling import REASONS

TICKET: Final = "ticket"
NUMBER: Final = "number"
GIVEN: Final = "given"
OFFERED: Final = ("elder", "disabled", "child", "booked", "returned")
"""Why somebody goes before others; the name is what the record keeps."""
STATES: Final = {
    TicketState.WAITING: _("in the line, %(place)s"),
    TicketState.CALLED: _("called at %(time)s to counter %(counter)s"),
    TicketState.SERVING: _("at counter %(counter)s since %(time)s"),
    TicketState.PARKED: _("parked, its turn is kept"),
    TicketState.COMPLETED: _("served"),
    TicketState.NO_SHOW: _("not there when called at %(time)s"),
    TicketState.LEFT: _("left the line by themselves"),
    TicketState.CANCELLED: _("ended by the staff"),
    TicketState.RESET: _("its day is over"),
}

HELD: Final = {
    "active": _("Held for them: %(goods)s, until %(until)s."),
    "converted": _("Ordered: %(goods)s."),
    "gone": _("Not held any more: %(goods)s."),
}


class Wish(NamedTuple):
    """Which sheet, of which ticket (empty where it is about none), and which of its parts lies open."""

    kind: str
    ticket: str
    part: str


async def sheet(request: BookingRequest, desk: Desk, wish: Wish, filled: ActForm | None) -> dict[str, Any] | None:
    """The sheet that was asked for, with what was typed into its refused form; None when none was."""
    texts = translator_for(request)
    if wish.kind == NUMBER:
        return _number(desk.hall, texts, filled)
    if not wish.ticket:
        return None
    row = await ticket_of_staff(desk.staff, wish.ticket)
    if row.hall != desk.hall.id:
        raise ticket_not_found()
    given = wish.kind == GIVEN and row.channel is Channel.STAFF
    return await _given(request, desk.hall, row) if given else await _ticket(request, desk, row, wish.part, filled)


def _number(hall: Hall, texts: Translator, filled: ActForm | None) -> dict[str, Any]:
    """A number for somebody who stands there."""
    names = service_names(hall, texts)
    return {
        "kind": NUMBER,
        "ticket": "",
        "services": [
            {"id": one.id, "prefix": one.prefix, "name": names[one.id], "open": one.open} for one in hall.services
        ],
        "classes": class_names(hall, texts),
        "typed": typed(filled),
    }


async def _given(request: BookingRequest, hall: Hall, row: TicketRow) -> dict[str, Any]:
    """The number that was given, and the ticket's own link as a code, for whoever has a phone after all."""
    texts, state = translator_for(request), request.state
    ahead = await people_ahead(hall, row, to_ms(state["clock"]()))
    seen = shown.ticket(hall, row, ahead, await state["line"].pace_of(hall, row.service))
    link = f"{state['settings'].base_url}/t/{row.id}?k={token_of(state['signer'], row.id)}"
    return {
        "kind": GIVEN,
        "ticket": row.id,
        "number": row.number,
        "service_name": service_names(hall, texts).get(row.service, row.service),
        "place": place_words(ahead or 0, texts),
        "wait": wait(seen.estimate, ahead or 0, texts)
        if seen.estimate.known
        else texts(_("we can't tell yet how long")),
        "picture": await inlined(link),
    }


async def _ticket(
    request: BookingRequest, desk: Desk, row: TicketRow, part: str, filled: ActForm | None
) -> dict[str, Any]:
    """A ticket with all that can be done to it."""
    hall, texts, now = desk.hall, translator_for(request), to_ms(request.state["clock"]())
    at = await clerks_at([hall.id])
    names = await request.state["names_of_goods"](skus_of([row.goods]))
    return {
        "kind": TICKET,
        "ticket": row.id,
        "row": line_row(hall, row, now, texts, names),
        "held": await _held(request, hall, row, now),
        "standing": await _standing(hall, row, now, texts),
        "given": row.channel is Channel.STAFF and row.state in LIVE,
        "can": {action.value for action, step in STEPS.items() if row.state in step.sources},
        "part": part,
        "services": service_names(hall, texts),
        "service": row.service,
        "counters": {one.id: one.name for one in hall.counters if one.id in at},
        "classes": class_names(hall, texts),
        "class": row.class_,
        "reasons": {name: texts(REASONS[name]) for name in OFFERED},
        "places": hall.rules.requeue_places,
        "typed": typed(filled),
    }


async def _held(request: BookingRequest, hall: Hall, row: TicketRow, now: int) -> str:
    """How what the ticket carries stands; empty where it carries nothing."""
    hold, texts = await hold_of(row), translator_for(request)
    if hold is None:
        return ""
    said = await hold_words(hold, hall, request.state["names_of_goods"], texts)
    return texts(HELD[said["state"] if is_kept(hold, now) else "gone"], **said)


async def _standing(hall: Hall, row: TicketRow, now: int, texts: Translator) -> str:
    """Where the ticket is, in words."""
    moment = row.started_at if row.state is TicketState.SERVING else row.called_at
    ahead = await people_ahead(hall, row, now)
    return texts(
        STATES[row.state],
        place=place_words(ahead or 0, texts),
        counter=counter_name(hall, row.counter or ""),
        time=words.clock_time(moment, ZoneInfo(hall.time_zone)) if moment else "",
    )
