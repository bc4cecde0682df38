"""Telling each of a batch what came of theirs, once it is committed."""

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Final

import msgspec

from o2o.kernel.asking import Ask, fail, tell, unknown
from o2o.kernel.journal import Decision, Entry
from o2o.kernel.ledger import stored_event

WATCHED_S: Final = 3600.0

log = logging.getLogger(__name__)


async def tell_outcomes(tag: str, batch: Sequence[Ask], decision: Decision) -> bool:
    """The decision's outcomes are those of the batch's commands, in their order.

    False: Redis must be loaded anew. A script that broke off may have written half; or SQL has lost what Redis knows
    as committed, as one that took over from another may have.
    """
    sound = True
    asked = [ask for ask in batch if ask.command]
    by_op = {entry.op: entry for entry, _ in decision.entries}
    for ask, outcome in zip(asked, decision.outcomes, strict=True):
        if outcome.refused is not None:
            tell(ask, outcome.refused)
        elif outcome.failed is not None:
            log.error("script_failed", extra={"tag": tag, "error": outcome.failed})
            fail([ask], unknown())
            sound = False
        elif ask.command and (entry := by_op.get(ask.command.op)):
            tell(ask, entry)
        elif ask.command and not await told_stored(ask, ask.command.op):
            log.error("lost_by_sql", extra={"tag": tag, "op": ask.command.op})
            fail([ask], unknown())
            sound = False
    for ask in batch:
        if ask.command is None:
            tell(ask, None)
    return sound


class Outlived:
    """Operations that SQL has and Redis had forgotten, as it does after a day.

    One that is repeated is decided anew, refused by SQL, and its epoch ends. After one such, all that is asked of the
    tag is looked up in SQL first for a while, so that whoever sends old keys has it loaded anew once.
    """

    def __init__(self) -> None:
        self._until = float("-inf")

    async def told(self, ask: Ask) -> bool:
        """Tell what SQL has of a command that it refused; False when it has not got it."""
        if ask.command is None or not await told_stored(ask, ask.command.op):
            return False
        self._until = monotonic() + WATCHED_S
        return True

    async def told_again(self, ask: Ask) -> bool:
        """Tell without deciding anything what SQL has, where it is looked up first."""
        return ask.command is not None and monotonic() < self._until and await told_stored(ask, ask.command.op)


async def told_stored(ask: Ask, op: str) -> bool:
    """Tell what SQL has of an operation that the journal has no more; False when SQL has not got it either."""
    stored = await stored_event(op)
    if stored is not None:
        tell(ask, msgspec.json.decode(stored, type=Entry))
    return stored is not None
