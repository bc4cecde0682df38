"""A place's stock as Redis has it, beside what SQL has. Nothing here changes anything."""

from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

import msgspec
from redis.asyncio import Redis

from halls.models import StockLevel
from halls.stock.queries import highest_version, levels_at
from halls.stock.schemas import Level
from halls.stock.store import place_key
from o2o.kernel.audit import place_tag
from o2o.kernel.database import connection
from o2o.kernel.models import Fence
from o2o.kernel.redis import identities, masters
from o2o.kernel.trips import values

LOOKS: Final = 3

Counts = dict[str, tuple[int, int, int]]
"""on_hand, allocated and held by product."""


class Loaded(NamedTuple):
    """What Redis holds of a place. `current`: its epoch began on the server that Redis is now."""

    epoch: int
    version: int
    current: bool
    counts: Counts


class Difference(NamedTuple):
    """A place and a product that Redis and SQL count differently; None: one has no such row."""

    place: str
    sku: str
    in_redis: tuple[int, int, int] | None
    in_sql: tuple[int, int, int] | None


async def places_with_stock() -> list[str]:
    return [str(place) for place in await StockLevel.all().distinct().order_by("place").values_list("place", flat=True)]


async def read_loaded(client: Redis, places: Sequence[str]) -> dict[str, Loaded]:
    """Each of these places that Redis has. Raises RedisError."""
    if not places:
        return {}
    servers = await identities(client, [place_key(place, "meta") for place in places])
    asked = [(("HGETALL", place_key(place, "meta")), ("HVALS", place_key(place, "levels"))) for place in places]
    answers = await values(client, [*chain.from_iterable(asked)])
    found = zip(places, servers, answers[::2], answers[1::2], strict=True)
    return {place: _loaded(meta, levels, server) for place, server, meta, levels in found if meta}


async def differences(client: Redis, place: str) -> list[Difference]:
    """What Redis and SQL count differently, looked at when nothing moved meanwhile; a busy place is well.

    One that is not loaded, or of an ended epoch, does not differ: who asks next has it loaded. Raises RedisError.
    """
    for _look in range(LOOKS):
        before = (await read_loaded(client, [place])).get(place)
        if before is None or not before.current:
            return []
        fence = await Fence.get_or_none(tag=place_tag(place))
        version = await highest_version(connection(), place)
        in_sql = {level.sku: _counts(level) for level in await levels_at(place)}
        after = (await read_loaded(client, [place])).get(place)
        if fence is None or before.epoch < fence.epoch:
            return []
        if after == before and before.version <= version:
            skus = sorted(before.counts.keys() | in_sql.keys())
            compared = [Difference(place, sku, before.counts.get(sku), in_sql.get(sku)) for sku in skus]
            return [one for one in compared if one.in_redis != one.in_sql]
    return []


async def highest_epoch(client: Redis) -> int:
    """Of any place that Redis knows; 0 when there is none. Raises RedisError."""
    highest = 0
    for server in await masters(client):
        async for key in server.scan_iter(match=place_key("*", "meta"), count=1000):
            highest = max(highest, int(await server.hget(key, "epoch") or 0))
    return highest


def _loaded(meta: dict[bytes, bytes], levels: Sequence[bytes], server: str) -> Loaded:
    rows = [msgspec.json.decode(raw, type=Level) for raw in levels]
    current = meta[b"server"].decode() == server
    return Loaded(int(meta[b"epoch"]), int(meta[b"version"]), current, {row.sku: _counts(row) for row in rows})


def _counts(level: Level) -> tuple[int, int, int]:
    return level.on_hand, level.allocated, level.held
