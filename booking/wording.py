"""Tickets and lines as pages say them: from what is shown to programs to words for the reader."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from booking.hall_wording import wait
from booking.picture import BoardTicket
from booking.schemas import Ticket
from halls.schemas import Hall, Rules
from o2o.kernel import words
from o2o.kernel.i18n import Translator, _

HALFWAY: Final = 4
"""With so many people ahead a waiting ticket is shown half-way to its turn. The page's script counts the same."""
TURN: Final = 50
"""The lengths of the bars on pages are out of 100."""
PROGRESS: Final = {"called": TURN, "serving": TURN, "completed": 100}
CLASSES: Final = {"standard": _("no priority"), "priority": _("priority")}
"""The classes that every hall begins with; those that it adds are called what they are named."""


def class_name(class_: str, texts: Translator) -> str:
    """A class as a badge says it."""
    return texts(CLASSES[class_]) if class_ in CLASSES else class_


def fairness_words(rules: Rules, texts: Translator) -> str:
    """Who is called before whom, as everybody who waits is told."""
    if len(rules.classes) == 1:
        return texts(_("Everybody is called in the order of coming."))
    calls = rules.priority_calls
    share = texts.ngettext(
        "While people with priority wait, %(num)s of every %(all)s calls is theirs.",
        "While people with priority wait, %(num)s of every %(all)s calls are theirs.",
        calls,
    )
    longest = texts(_("Whoever has waited %(minutes)s min goes first."), minutes=rules.longest_wait_minutes)
    return texts(_("%(share)s %(longest)s"), share=share % {"num": calls, "all": calls + 1}, longest=longest)


def ticket_pass(hall: Hall, ticket: Ticket, texts: Translator) -> dict[str, Any]:
    """A ticket as its page draws it. `phase` is the state, and while waiting how near the turn is."""
    ahead = ticket.people_ahead or 0
    phase = ("next", "one")[ahead] if ticket.state == "waiting" and ahead <= 1 else str(ticket.state)
    counter, service = hall.counter(ticket.counter or ""), hall.service(ticket.service)
    return {
        "id": ticket.id,
        "number": ticket.number or "",
        "phase": phase,
        "ahead": ahead,
        "wait": wait(ticket.estimate, ahead, texts)
        if ticket.estimate.known
        else texts(_("we can't tell yet how long")),
        "counter": counter.name if counter else ticket.counter or "",
        "service_name": service.names.in_language(texts.language) if service else ticket.service,
        "called_at": ticket.called_at[11:16] if ticket.called_at else "",
        "created_at": ticket.created_at[11:16],
        "calls": ticket.calls,
        "progress": PROGRESS.get(phase, TURN * HALFWAY // (HALFWAY + ahead + 1) if ticket.state == "waiting" else 0),
    }


def line_row(hall: Hall, row: BoardTicket, now: int, texts: Translator) -> dict[str, Any]:
    """A ticket as a row of the clerk's page, and as the present customer on it."""
    zone, service = ZoneInfo(hall.time_zone), hall.service(row.service)
    until = row.called_at or now
    return {
        "id": row.id,
        "number": row.number or "",
        "service_name": service.names.in_language(texts.language) if service else row.service,
        "waited": words.duration(max(0, until - row.created_at) / 1000, texts),
        "called_at": words.clock_time(row.called_at, zone) if row.called_at else "",
        "started_at": words.clock_time(row.started_at, zone) if row.started_at else "",
        "calls": row.calls,
        "late": until - row.created_at > hall.late_ms,
    }


BLANK_ROW: Final = dict.fromkeys(
    ("id", "number", "service_name", "waited", "called_at", "started_at", "calls", "late"), ""
)
"""The row that scripts clone and fill."""
