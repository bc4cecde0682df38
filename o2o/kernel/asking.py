"""Who waits at a desk for an answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from o2o.kernel.errors import UnavailableError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Command, Entry, Refusal


@dataclass(slots=True)
class Ask:
    command: Command | None  # None asks only that what others left be committed and announced.
    answer: asyncio.Future[Entry | Refusal | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


def tell(ask: Ask, answer: Entry | Refusal | None) -> None:
    if not ask.answer.done():
        ask.answer.set_result(answer)


def fail(asks: Sequence[Ask], error: Exception) -> None:
    for ask in asks:
        if not ask.answer.done():
            ask.answer.set_exception(error)


def unknown() -> UnavailableError:
    """The outcome is not known: never "not done"."""
    return UnavailableError(
        _("The service could not finish this just now. Please try again in a moment: it counts only once."),
        retry_after=1,
    )
