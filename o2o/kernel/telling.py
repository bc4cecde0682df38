"""Telling each of a batch what came of theirs, once it is committed."""

import logging
from collections.abc import Sequence

import msgspec

from o2o.kernel.asking import Ask, fail, tell, unknown
from o2o.kernel.journal import Decision, Entry
from o2o.kernel.ledger import stored_event

log = logging.getLogger(__name__)


async def tell_outcomes(tag: str, batch: Sequence[Ask], decision: Decision) -> None:
    """The decision's outcomes are those of the batch's commands, in their order."""
    asked = [ask for ask in batch if ask.command]
    by_op = {entry.op: entry for entry, _ in decision.entries}
    for ask, outcome in zip(asked, decision.outcomes, strict=True):
        if outcome.refused is not None:
            tell(ask, outcome.refused)
        elif outcome.failed is not None:
            log.error("script_failed", extra={"tag": tag, "error": outcome.failed})
            fail([ask], unknown())
        elif ask.command and (entry := by_op.get(ask.command.op)):
            tell(ask, entry)
        elif ask.command and not await told_stored(ask, ask.command.op):
            fail([ask], unknown())
    for ask in batch:
        if ask.command is None:
            tell(ask, None)


async def told_stored(ask: Ask, op: str) -> bool:
    """Tell what SQL has of an operation that the journal has no more; False when SQL has not got it either."""
    stored = await stored_event(op)
    if stored is not None:
        tell(ask, msgspec.json.decode(stored, type=Entry))
    return stored is not None
