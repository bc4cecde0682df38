"""Lines and their rules as pages say them; a ticket's own page is beside."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from booking.picture import BoardTicket
from halls.schemas import Hall, Rules
from o2o.kernel import words
from o2o.kernel.i18n import Translator, _

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
