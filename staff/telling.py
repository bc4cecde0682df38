"""What was done, in words: the kinds of events and deeds, and who did them."""

from collections.abc import Iterable, Mapping
from typing import Final

from o2o.kernel.audit import PROGRAM
from o2o.kernel.i18n import Translator, _
from staff.models import ApiKey
from staff.queries import names_of

SORTS: Final[Mapping[str, str]] = {
    "ticket": _("Tickets"),
    "counter": _("Counters"),
    "hall": _("The hall"),
    "person": _("People"),
    "session": _("Signing in"),
    "key": _("Programs"),
    "screen": _("Screens"),
    "code": _("Codes"),
    "message": _("Messages"),
    "warehouse": _("Warehouses"),
    "product": _("Products"),
    "sourcing": _("Where products come from"),
    "delivery": _("Delivery"),
}
KINDS: Final[Mapping[str, str]] = {
    "ticket.issued": _("Number taken"),
    "ticket.booked": _("Time booked"),
    "ticket.arrived": _("Arrived"),
    "ticket.called": _("Called"),
    "ticket.recalled": _("Called again"),
    "ticket.serving": _("Service begun"),
    "ticket.completed": _("Served"),
    "ticket.no_show": _("Not there when called"),
    "ticket.requeued": _("Put back into the line"),
    "ticket.transferred": _("Moved to another line"),
    "ticket.parked": _("Parked"),
    "ticket.unparked": _("Back in the line"),
    "ticket.postponed": _("Let others go first"),
    "ticket.classified": _("Class changed"),
    "ticket.left": _("Left the line"),
    "ticket.cancelled": _("Cancelled by staff"),
    "ticket.expired": _("Booking lapsed"),
    "ticket.reset": _("Ended with the day"),
    "ticket.rated": _("Rated"),
    "counter.opened": _("Counter opened"),
    "counter.closed": _("Counter closed"),
    "hall.changed": _("Told to everybody who watches"),
    "hall.paused": _("Hall paused"),
    "hall.resumed": _("Hall goes on"),
    "hall.made": _("Hall set up"),
    "hall.edited": _("Hall changed"),
    "warehouse.made": _("Warehouse set up"),
    "warehouse.edited": _("Warehouse changed"),
    "delivery.rate_set": _("Delivery fee set"),
    "delivery.rate_removed": _("Delivery fee taken away"),
    "person.added": _("Person added"),
    "person.roles_given": _("Roles changed"),
    "person.password_set": _("New password given"),
    "person.pin_set": _("PIN set"),
    "person.pin_removed": _("PIN taken away"),
    "person.disabled": _("Shut out"),
    "person.enabled": _("Let in again"),
    "session.begun": _("Signed in"),
    "session.refused": _("Sign-in refused"),
    "session.ended": _("Session ended"),
    "key.made": _("Key made"),
    "key.revoked": _("Key revoked"),
    "screen.paired": _("Screen paired"),
    "screen.renamed": _("Screen renamed"),
    "screen.revoked": _("Screen taken off"),
    "code.made": _("Codes made"),
    "code.moved": _("Code moved to another place"),
    "code.revoked": _("Code revoked"),
    "code.replaced": _("Code replaced"),
    "message.resent": _("Message sent again"),
    "product.made": _("Product added"),
    "sourcing.edited": _("Sources of products changed"),
    "product.edited": _("Product changed"),
}
REASONS: Final[Mapping[str, str]] = {
    "elder": _("elderly"),
    "disabled": _("disabled"),
    "child": _("with a small child"),
    "booked": _("has an appointment"),
    "returned": _("was here before"),
    "longest_wait": _("had waited too long"),
    "priority": _("priority"),
    "share": _("it was the others' turn"),
    "chosen": _("chosen by the clerk"),
    "next_service": _("the next service of the visit"),
    "counter_closed": _("the counter closed"),
    "taken_over": _("taken over"),
    "first": _("first of all"),
    "last": _("last of all"),
    "age": _("by arrival"),
    "places": _("some places back"),
}
"""Why something was done in a line, where the record has a name for it and not words of somebody's own."""
ENDINGS: Final[Mapping[str, str]] = {
    "signed out": _("signed out"),
    "signed in anew": _("signed in anew"),
    "ended": _("by somebody else"),
    "wrong PINs": _("after wrong PINs"),
}
"""Why a session ended."""
_PLACES: Final = "places:"
_WHO: Final[Mapping[str, str]] = {
    "anonymous": _("somebody"),
    "clock": _("the clock"),
    PROGRAM: _("a command of the service"),
}
_CUSTOMER: Final = "customer:"
_KEY: Final = "key:"


def why(reason: str, texts: Translator) -> str:
    """A recorded reason as people say it."""
    if reason.startswith(_PLACES):
        return texts(_("places: %(places)s"), places=reason.removeprefix(_PLACES))
    return texts(REASONS[reason]) if reason in REASONS else reason


async def who(actors: Iterable[str], texts: Translator) -> dict[str, str]:
    """The actors as people say them: names of people and programs, and what the others are."""
    known = set(actors)
    keys = [actor.removeprefix(_KEY) for actor in known if actor.startswith(_KEY)]
    programs = await ApiKey.filter(id__in=keys).values_list("id", "name") if keys else ()
    told = await names_of(actor for actor in known if actor.startswith("staff:"))
    told |= {f"{_KEY}{key}": texts(_("the program %(name)s"), name=name) for key, name in programs}
    told |= {actor: texts(word) for actor, word in _WHO.items()}
    told |= {actor: texts(_("the customer")) for actor in known if actor.startswith(_CUSTOMER)}
    return {actor: told.get(actor, actor) for actor in known}
