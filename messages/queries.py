"""Reads of the outbox."""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from tortoise.expressions import Q

from messages.models import Outgoing
from messages.states import State
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _

CURSOR: Final = re.compile(r"([0-9]{1,15})\.([A-Za-z0-9_-]{22})")


class Backlog(NamedTuple):
    """How many messages wait, were due long ago, wait for another attempt; of late, failed, and had no channel."""

    waiting: int
    late: int
    put_off: int
    failed: int
    kept: int


class Wanted(NamedTuple):
    """Of these halls, None: of all and of none; in this state, None: in any."""

    halls: Collection[str] | None = None
    state: State | None = None


async def outgoing(which: Wanted, cursor: str | None, most: int) -> list[Outgoing]:
    """Messages, latest first, behind the cursor. Raises InvalidError for a strange one."""
    wanted = Q() if which.halls is None else Q(hall__in=sorted(which.halls))
    if which.state:
        wanted &= Q(state=which.state.value)
    if cursor:
        found = CURSOR.fullmatch(cursor)
        if found is None:
            raise InvalidError(_("The list has changed. Read it from its beginning."), field="cursor")
        at, last = int(found[1]), found[2]
        wanted &= Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(id__lt=last))
    return await Outgoing.filter(wanted).order_by("-created_at", "-id").limit(most)


def cursor_of(row: Outgoing) -> str:
    return f"{row.created_at}.{row.id}"


async def message_row(message: str) -> Outgoing | None:
    return await Outgoing.get_or_none(id=message)


async def backlog(due_before: int, since: int) -> Backlog:
    """Late is what was due before that moment; lately is since the other. Both in ms."""
    waiting, lately = Outgoing.filter(state=State.WAITING.value), Outgoing.filter(created_at__gt=since)
    return Backlog(
        waiting=await waiting.count(),
        late=await waiting.filter(due_at__lt=due_before).count(),
        put_off=await waiting.filter(tries__gt=0).count(),
        failed=await lately.filter(state=State.FAILED.value).count(),
        kept=await lately.filter(state=State.KEPT.value).count(),
    )
