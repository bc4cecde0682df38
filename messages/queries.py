"""Reads of the outbox."""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from tortoise.expressions import Q
from tortoise.functions import Count, Min

from messages.models import Outgoing
from messages.states import State
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _

CURSOR: Final = re.compile(r"([0-9]{1,15})\.([A-Za-z0-9_-]{22})")


class Backlog(NamedTuple):
    """`oldest` is when the one that waits longest was due, in ms; `failed` and `kept` are those of late."""

    waiting: int
    oldest: int | None
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


async def backlog(now: int, since: int) -> Backlog:
    """What is due at `now` and waits, and what came to no good end among the messages put after `since`."""
    due = Outgoing.filter(state=State.WAITING.value, due_at__lte=now)
    ((waiting, oldest),) = await due.annotate(n=Count("id"), oldest=Min("due_at")).values_list("n", "oldest")
    late = Outgoing.filter(created_at__gt=since)
    failed, kept = [await late.filter(state=state.value).count() for state in (State.FAILED, State.KEPT)]
    return Backlog(waiting, oldest, failed, kept)
