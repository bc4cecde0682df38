"""A hall as Redis has it, beside what SQL has: for whoever looks after the service. Nothing here changes anything."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from redis.asyncio import Redis

from booking.models import TicketRecord
from booking.queries import highest_version
from booking.states import HEADS
from booking.store import hall_key
from o2o.kernel.database import connection
from o2o.kernel.journal import waits_since
from o2o.kernel.models import Fence
from o2o.kernel.redis import identities
from o2o.kernel.trips import first_of, values


class Loaded(NamedTuple):
    """What Redis holds of a hall. `current`: its epoch began on the server that Redis is now."""

    epoch: int
    version: int
    committed: int
    day: str
    head_count: int
    current: bool
    numbers: dict[str, int]
    """The last number of each prefix on `day`."""
    waits_since: int | None
    """When the oldest entry that is not announced yet was decided, ms since 1970."""


class Kept(NamedTuple):
    """What SQL holds of a hall: the epoch in force, and the highest version of all."""

    epoch: int
    version: int


async def read_loaded(client: Redis, halls: Sequence[str]) -> dict[str, Loaded]:
    """Each of these halls that Redis has. Raises RedisError."""
    servers = await identities(client, [hall_key(hall, "meta") for hall in halls])
    asked = [(("HGETALL", hall_key(hall, "meta")), first_of(hall_key(hall, "journal"))) for hall in halls]
    answers = iter(await values(client, [*chain.from_iterable(asked)]))
    found = {}
    for hall, server, meta, first in zip(halls, servers, answers, answers, strict=True):
        if meta:
            numbers: Any = await client.hgetall(hall_key(hall, f"numbers:{meta[b'day'].decode()}"))
            found[hall] = _loaded(meta, first, numbers, server)
    return found


async def read_kept(halls: Sequence[str]) -> dict[str, Kept]:
    fences = dict(await Fence.all().values_list("tag", "epoch"))
    return {hall: await _kept(hall, fences.get(f"hall:{hall}", 0)) for hall in halls}


async def count_heads(hall: str, day: str) -> int:
    """How many people SQL has in the hall on that business day."""
    return await TicketRecord.filter(hall=hall, day=day, state__in=HEADS).count()


async def _kept(hall: str, epoch: int) -> Kept:
    return Kept(epoch, await highest_version(connection(), hall))


def _loaded(meta: dict[bytes, bytes], first: Sequence[Any], numbers: dict[bytes, bytes], server: str) -> Loaded:
    return Loaded(
        epoch=int(meta[b"epoch"]),
        version=int(meta[b"version"]),
        committed=int(meta[b"committed"]),
        day=meta[b"day"].decode(),
        head_count=int(meta[b"head_count"]),
        current=meta[b"server"].decode() == server,
        numbers={prefix.decode(): int(serial) for prefix, serial in numbers.items()},
        waits_since=waits_since(first),
    )
