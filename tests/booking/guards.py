"""Taking one guard away, for controls: a fault test that can't fail without its guard proves nothing."""

import hashlib
from copy import copy

from typing_extensions import override

from booking.store import DECIDE
from o2o.kernel.ledger import Ledger, Share
from o2o.kernel.models import Fence
from o2o.kernel.scripts import Script
from tests.altering import alter
from tests.booking.halls import Process


def altered(old: str, new: str) -> Script:
    """The deciding script with `new` in place of `old`, which must be there."""
    assert old in DECIDE._text
    script = copy(DECIDE)
    script._text = DECIDE._text.replace(old, new)
    script._sha = hashlib.sha1(script._text.encode()).hexdigest()
    return script


def use(script: Script, *processes: Process) -> None:
    for one in processes:
        one.line.store(one.hall)._script = script


NO_IDENTITY = ("meta.server ~= server or ", "")
NO_OPERATION_IDS = ("if redis.call('ZSCORE', OPS, command.op) then return { known = true } end", "")
NO_MEMORY_OF_REFUSALS = ("before.refusal.success or command.received <= before.at", "false")


async def without_unique_keys() -> None:
    """SQL as it would be if only the fence and the prefix guarded it: the last line of defence is down."""
    for table, key in (("events", "id"), ("tickets", "id")):
        await alter(
            f"CREATE TABLE bare AS SELECT * FROM {table}; DROP TABLE {table}; ALTER TABLE bare RENAME TO {table};"
            f"CREATE UNIQUE INDEX {table}_{key} ON {table} ({key});"
        )


class UnfencedLedger(Ledger):
    """Believes every epoch to be the one in force."""

    @override
    async def _write(self, group: list[Share], *, carried: bool) -> None:
        for share in group:
            share.epoch = (await Fence.get(tag=share.tag)).epoch
        await super()._write(group, carried=carried)
