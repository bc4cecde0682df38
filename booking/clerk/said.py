"""What was done, as the page says it afterwards, and how it is undone."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from booking.clerk.rows import counter_name, service_names
from booking.schemas import TicketRow
from booking.states import TicketState
from booking.wording import class_name
from halls.hall import Hall
from o2o.kernel.i18n import Translator, _

NOBODY: Final = "nobody"
"""Said of a call that found nobody."""


class Said(NamedTuple):
    """The sentence, and the name of the act that undoes it."""

    words: str
    undo: str | None = None


class Deed(NamedTuple):
    """The ticket as the act left it, and how many would be called before it."""

    hall: Hall
    row: TicketRow
    ahead: int | None
    texts: Translator

    def say(self, message: str, **more: str) -> str:
        return self.texts(message, number=self.row.number, place=place_words(self.ahead or 0, self.texts), **more)


def said_of(act: str, deed: Deed | None, texts: Translator) -> Said | None:
    """What the page says of an act; nothing when it shows it anyhow."""
    if act == NOBODY:
        return Said(texts(_("Nobody waits just now.")))
    return SENTENCES[act](deed) if deed and act in SENTENCES else None


def place_words(ahead: int, texts: Translator) -> str:
    """Where in the line somebody is."""
    if ahead == 0:
        return texts(_("nobody before it"))
    return texts.ngettext("%(num)s before it", "%(num)s before it", ahead) % {"num": ahead}


def _absent(deed: Deed) -> Said:
    return Said(deed.say(_("%(number)s was not there.")), "requeue-first")


def _back(deed: Deed) -> Said:
    return Said(deed.say(_("%(number)s is back in the line, %(place)s.")))


def _sent(deed: Deed) -> Said:
    service = service_names(deed.hall, deed.texts).get(deed.row.service, deed.row.service)
    if deed.row.bound is None:
        return Said(deed.say(_("%(number)s waits for %(service)s now, %(place)s."), service=service))
    counter = counter_name(deed.hall, deed.row.bound)
    return Said(deed.say(_("%(number)s waits for counter %(counter)s alone now, %(place)s."), counter=counter))


def _served(deed: Deed) -> Said | None:
    """A visit of several services goes on."""
    return _sent(deed) if deed.row.state is TicketState.WAITING else None


def _parked(deed: Deed) -> Said:
    return Said(deed.say(_("%(number)s is parked and keeps its turn.")), "unpark")


def _later(deed: Deed) -> Said:
    return Said(deed.say(_("%(number)s lets others go first, %(place)s now.")))


def _ranked(deed: Deed) -> Said:
    if deed.row.class_ == deed.hall.rules.classes[0]:
        return Said(deed.say(_("%(number)s waits without priority, %(place)s.")))
    name = class_name(deed.row.class_, deed.texts)
    return Said(deed.say(_("%(number)s counts as “%(name)s” now, %(place)s."), name=name))


def _ended(deed: Deed) -> Said:
    return Said(deed.say(_("%(number)s has ended.")))


SENTENCES: Final[Mapping[str, Callable[[Deed], Said | None]]] = {
    "complete": _served,
    "no-show": _absent,
    "requeue-first": _back,
    "requeue-last": _back,
    "requeue-places": _back,
    "unpark": _back,
    "transfer": _sent,
    "park": _parked,
    "postpone": _later,
    "class": _ranked,
    "confirm": _ranked,
    "deny": _ranked,
    "cancel": _ended,
}
