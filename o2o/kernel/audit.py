"""The audit: who changed how the service is run. What happens in a line is the ledger's to record (events).

Nothing here may hold a secret, a phone number or a customer's name: managers read it, and nothing is ever taken out.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.models import Deed

PROGRAM: Final = "o2o"
"""The actor of what a command or the program itself does."""
EVERYWHERE: Final = "*"
"""The tag of what belongs to no hall, province or place."""


class Done(NamedTuple):
    """What was done (`person.added`), by whom (`staff:hq`, `key:…`, `o2o`), when (ms), to whom or what."""

    name: str
    actor: str
    at: int
    subject: str | None = None


class Difference(NamedTuple):
    """What was and what is since, only what differs; None: nothing to tell."""

    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


NOTHING: Final = Difference()


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """The members in which two documents differ."""
    return Difference(
        {name: value for name, value in before.items() if name not in after or after[name] != value} or None,
        {name: value for name, value in after.items() if name not in before or before[name] != value} or None,
    )


async def note(
    client: BaseDBAsyncClient,
    done: Done,
    tags: Iterable[str],
    difference: Difference = NOTHING,
) -> None:
    """Record the deed in the transaction that does it, once for each of the tags (halls, places) that it concerns."""
    before, after = map(_json, difference)
    for tag in sorted(set(tags)):
        await Deed.create(using_db=client, tag=tag, **done._asdict(), before=before, after=after)


def hall_tag(hall_id: str) -> str:
    """As fences and events name a hall."""
    return f"hall:{hall_id}"


def place_tag(place: str) -> str:
    """As fences, events and the audit name a place's stock."""
    return f"place:{place}"


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
