"""Lines and their rules as pages say them; a ticket's own page is beside."""

from typing import Final

from halls.schemas import Rules
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
