"""Who waits at a desk for an answer."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from o2o.kernel.errors import DomainError, IdempotencyKeyReusedError, UnavailableError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Command, Entry, Refusal

ANSWER_S: Final = 10.0
"""In all: attempts and batches before it have limits of their own, one after the other."""

REUSED: Final = IdempotencyKeyReusedError.code
"""With what a script refuses another request under the id of one that it answered with "nothing to do"."""

log = logging.getLogger(__name__)


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


def answered(command: Command, answer: Entry | Refusal | None) -> Entry | Refusal:
    """The answer to this very request. Raises IdempotencyKeyReusedError where its operation was another's."""
    if answer is None:
        message = "a command was answered like a sweep"
        raise AssertionError(message)
    if answer.code == REUSED if isinstance(answer, Refusal) else answer.body != command.body:
        raise IdempotencyKeyReusedError(_("This Idempotency-Key was used for another request."))
    return answer


@contextmanager
def answering(batch: Sequence[Ask], tag: str) -> Iterator[None]:
    """Nobody of the batch is left waiting, whatever goes wrong."""
    try:
        yield
    except DomainError as error:
        fail(batch, error)
    except Exception:
        log.exception("desk_failed", extra={"tag": tag})
        fail(batch, unknown())


def limited(ask: Ask) -> asyncio.TimerHandle:
    """From now on it is answered within ANSWER_S. What was begun goes on, and settles what a repeat is told."""
    return asyncio.get_running_loop().call_later(ANSWER_S, _give_up, ask)


def _give_up(ask: Ask) -> None:
    log.warning("desk_too_slow", extra={"verb": ask.command.verb if ask.command else None})
    fail([ask], unknown())
