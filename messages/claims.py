"""Who sends which message: a claim of the row for a while, by an UPDATE that only one can make."""

from typing import Any, Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import F, Q

from messages.models import Outgoing
from messages.states import State
from o2o.kernel.database import transaction
from o2o.kernel.ids import timely_id

LEASE_MS: Final = 120_000
"""Longer than any channel takes for a letter."""
MOST_TRIES: Final = 12
"""More than are ever made in order: a message that brings its sender down each time ends too."""
STALE_MS: Final = 86_400_000
"""Due for a day, and nobody was there to send it: what it says may not be so any more."""
TOO_LATE: Final = "nobody sent it for a day, and now it is too late"
TOO_OFTEN: Final = "each attempt broke off"


class Claim(NamedTuple):
    row: Outgoing
    lease: str


async def claim(now: int, most: int) -> list[Claim]:
    """Claim what is due, oldest first; each is this caller's for `LEASE_MS`, and one more try is counted for it."""
    due = await _due(now).order_by("due_at", "id").limit(most)
    hopeless = [row.id for row in due if row.due_at <= now - STALE_MS or row.tries >= MOST_TRIES]
    if hopeless:
        gone = {"state": State.FAILED.value, "failed_at": now, "lease": None, "leased_until": None}
        await _due(now).filter(id__in=hopeless, due_at__lte=now - STALE_MS).update(**gone, last_error=TOO_LATE)
        await _due(now).filter(id__in=hopeless).update(**gone, last_error=TOO_OFTEN)
        return await claim(now, most)
    return await transaction(lambda client: _claimed(client, [row.id for row in due], now)) if due else []


async def settle(one: Claim, values: dict[str, Any]) -> bool:
    """Write what came of it, and end the claim. False when it had run out and somebody else has the message."""
    mine = Outgoing.filter(id=one.row.id, lease=one.lease)
    return bool(await mine.update(**values, lease=None, leased_until=None))


async def _claimed(client: BaseDBAsyncClient, due: list[str], now: int) -> list[Claim]:
    lease = timely_id(now)
    # One by one and in one order: whoever claims the same waits for us, and then finds them claimed.
    for message in sorted(due):
        mine = _due(now).filter(id=message).using_db(client)
        await mine.update(lease=lease, leased_until=now + LEASE_MS, tries=F("tries") + 1)
    rows = await Outgoing.filter(id__in=due, lease=lease).using_db(client).order_by("due_at", "id")
    return [Claim(row, lease) for row in rows]


def _due(now: int) -> Any:
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    return Outgoing.filter(free, state=State.WAITING.value, due_at__lte=now)
