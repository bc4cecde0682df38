"""A ticket as its own page says it: from what is shown to programs to words for the reader."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from booking.hall_wording import closing_warning, wait
from booking.schemas import Ticket
from halls.hall import Hall
from halls.pause import Paused
from o2o.kernel.i18n import Translator, _

HALFWAY: Final = 4
"""With so many people ahead a waiting ticket is shown half-way to its turn. The page's script counts the same."""
TURN: Final = 50
"""The lengths of the bars on pages are out of 100."""
PROGRESS: Final = {"called": TURN, "serving": TURN, "completed": 100}
PAUSED: Final = _("The hall has paused")
MEANINGS: Final = {
    True: _("Nobody is called for now. Your place is kept."),
    False: _("No new numbers are given for now. Yours stays good."),
}
"""What a pause means for who has a number: whether calling is stopped, or giving numbers alone."""
THEN: Final = " → "


class Moment(NamedTuple):
    """What the hall adds to a ticket at one moment."""

    now: datetime
    pause: Paused | None


def ticket_pass(hall: Hall, ticket: Ticket, moment: Moment, texts: Translator) -> dict[str, Any]:
    """A ticket as its page draws it. `phase` is the state, and while waiting how near the turn is."""
    ahead = ticket.people_ahead or 0
    warning = closing_warning(ticket.estimate, hall, moment.now, texts)
    phase = ("next", "one")[ahead] if ticket.state == "waiting" and ahead <= 1 else str(ticket.state)
    return {
        "id": ticket.id,
        "number": ticket.number or "",
        "phase": phase,
        "ahead": ahead,
        "wait": _wait(ticket, ahead, moment.pause, texts),
        "counter": _counter(hall, ticket.counter),
        "service": ticket.service,
        "service_name": _service(hall, ticket.service, texts),
        "called_at": ticket.called_at[11:16] if ticket.called_at else "",
        "created_at": ticket.created_at[11:16],
        "calls": ticket.calls,
        "progress": PROGRESS.get(phase, TURN * HALFWAY // (HALFWAY + ahead + 1) if ticket.state == "waiting" else 0),
        "for_counter": _counter(hall, ticket.for_counter),
        "then": THEN.join(_service(hall, service, texts) for service in ticket.then),
        "warning": warning or "",
        "facts": _facts(hall, ticket, warning),
        "pause": _pause(moment.pause, texts),
    }


def _facts(hall: Hall, ticket: Ticket, warning: str | None) -> set[str]:
    """What else is so, as the page's script finds it too (`static/js/lib/ticket.js`)."""
    facts = {
        "bound": ticket.for_counter is not None,
        "then": bool(ticket.then),
        "claimed": ticket.claimed_class is not None,
        "confirmed": ticket.class_ != hall.rules.classes[0],
        "closing": warning is not None,
    }
    return {name for name, so in facts.items() if so}


def _pause(pause: Paused | None, texts: Translator) -> dict[str, str]:
    """The manager's own words, else ours, and what they mean for who has a number; empty while nothing is stopped."""
    if pause is None:
        return {"said": "", "meaning": ""}
    said = pause.message.in_language(texts.language) if pause.message else texts(PAUSED)
    return {"said": said, "meaning": texts(MEANINGS[pause.calling])}


def _wait(ticket: Ticket, ahead: int, pause: Paused | None, texts: Translator) -> str:
    if pause and pause.calling:
        return texts(_("calling pauses just now"))
    return wait(ticket.estimate, ahead, texts) if ticket.estimate.known else texts(_("we can't tell yet how long"))


def _counter(hall: Hall, counter: str | None) -> str:
    found = hall.counter(counter or "")
    return found.name if found else counter or ""


def _service(hall: Hall, service: str, texts: Translator) -> str:
    found = hall.service(service)
    return found.names.in_language(texts.language) if found else service
