"""A place's stock in Redis: its keys, and a typed method for each script."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from tortoise.backends.base.client import BaseDBAsyncClient

from halls.stock.loading import contents
from halls.stock.queries import PlaceSnapshot, read_snapshot
from halls.stock.states import CARRIED_CAP_MS, HOLD_CAP_MS, HOLD_MS, HOLDS_PER_HOLDER
from o2o.kernel.audit import place_tag
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.journal import Command, Decision, Entry, Known, Outcome, Stale, waits_since
from o2o.kernel.loading import load
from o2o.kernel.redis import RedisPair, identities
from o2o.kernel.scripts import Script, verbs_of
from o2o.kernel.together import Together
from o2o.kernel.trips import first_of, replies

LUA: Final = Path(__file__).parent / "lua"
PRELUDE: Final = Path(__file__).parents[2] / "o2o" / "kernel" / "lua" / "prelude.lua"
VERBS: Final = (
    "receive", "count", "take_out", "hold", "extend", "release", "allocate", "deallocate", "hand_over", "take_back",
    "expire", "turn_away",
)  # fmt: skip
DECIDE: Final = Script(PRELUDE, LUA / "stock.lua", *verbs_of(LUA, VERBS), LUA / "run.lua")
ANNOUNCE: Final = Script(LUA / "announce.lua")

KEYS: Final = (
    "meta", "ops", "refused", "refused_until", "journal", "levels", "holds", "due", "holders", "allocations", "serials",
    "turned",
)  # fmt: skip
BUSY: Final = "o2o:stock:busy"
"""Zset: each place by the ms at which somebody last did something there. What may have to be settled is there."""
NOTED_MS: Final = 1_000
UNSETTLED_MS: Final = 2_000  # A living process has committed and announced its entries long before.
FORGET_MS: Final = 30_000

_outcomes = msgspec.json.Decoder(list[Outcome])
_entry = msgspec.json.Decoder(Entry)


class PlaceStore:
    """The scripts of one place. When Redis is down every verb is refused: nothing is promised that nobody counts."""

    def __init__(self, place: str, redis: RedisPair, together: Together, clock: Clock) -> None:
        self._place = place
        self._redis = redis
        self._together = together
        self._clock = clock
        self._script = DECIDE
        self._noted_at = 0
        self.tag = place_tag(place)

    async def decide(self, known: Known, commands: Sequence[Command]) -> Decision | Stale:
        head = self._head(known)
        if commands:
            await self._note(head["now"])
        arguments = [_json(head), *(_json(command) for command in commands)]
        answer = await self._script(self._together, self._keys(), arguments)
        if answer[0] == b"STALE":
            return Stale(answer[1].decode())
        entries = [(_entry.decode(raw), raw) for raw in answer[4:]]
        return Decision(answer[1], answer[2].decode(), _outcomes.decode(answer[3]), entries)

    async def moved(self) -> bool:
        return await self._redis.seek(place_key(self._place, "meta"))

    async def announce(self, epoch: int, version: int) -> None:
        keys = [place_key(self._place, name) for name in ("meta", "journal")]
        await ANNOUNCE(self._together, keys, [epoch, version])

    async def read(self, client: BaseDBAsyncClient) -> PlaceSnapshot:
        return await read_snapshot(client, self._place, to_ms(self._clock()))

    async def load(self, epoch: int, server: str, snapshot: PlaceSnapshot) -> bool:
        found = ((place_key(self._place, one.key), one) for one in contents(epoch, server, snapshot))
        return await load(self._redis.mutate, self._keys(), {"epoch": epoch, "server": server}, found)

    def _head(self, known: Known) -> dict[str, Any]:
        return {
            "epoch": known.epoch,
            "committed": known.committed,
            "seen": known.seen,
            "now": to_ms(self._clock()),
            "place": self._place,
            "hold_ms": HOLD_MS,
            "hold_cap_ms": HOLD_CAP_MS,
            "carried_cap_ms": CARRIED_CAP_MS,
            "holds_per_holder": HOLDS_PER_HOLDER,
        }

    async def _note(self, now: int) -> None:
        """Before anything is decided, so that whoever settles looks here, whatever becomes of us."""
        if now - self._noted_at >= NOTED_MS:
            await self._redis.mutate.zadd(BUSY, {self._place: now}, gt=True)
            self._noted_at = now

    def _keys(self) -> list[str]:
        return [place_key(self._place, name) for name in KEYS]


def place_key(place: str, name: str) -> str:
    return f"{{place:{place}}}:{name}"


async def unsettled(redis: RedisPair, now: int) -> list[str]:
    """Where entries were neither committed nor announced for 2 s, or Redis is not the server that the epoch began on.

    Only places are looked at where something was done lately: all others were settled when they were looked at last.
    Raises RedisError.
    """
    noted: Any = await redis.read.zrange(BUSY, 0, -1, withscores=True)
    places = [place.decode() for place, _at in noted]
    waiting = await _waiting(redis.read, places, now)
    last = min((int(at) for place, at in noted if place.decode() in waiting), default=now)
    await redis.mutate.zremrangebyscore(BUSY, "-inf", min(now - FORGET_MS, last - 1))
    return sorted(waiting)


async def _waiting(client: Redis, places: Sequence[str], now: int) -> set[str]:
    if not places:
        return set()
    servers = await identities(client, [place_key(place, "meta") for place in places])
    asked = [(("HGET", place_key(place, "meta"), "server"), first_of(place_key(place, "journal"))) for place in places]
    answers = await replies(client, [*chain.from_iterable(asked)])
    pairs = zip(places, servers, answers[::2], answers[1::2], strict=True)
    return {place for place, server, begun_on, first in pairs if _is_unsettled(server, begun_on, first, now)}


def _is_unsettled(server: str, begun_on: Any, first: Any, now: int) -> bool:
    if isinstance(begun_on, Exception) or isinstance(first, Exception):
        return True  # Its node of a cluster is away; another may have taken over.
    if (begun_on or b"").decode() != server:
        return True
    since = waits_since(first)
    return since is not None and since < now - UNSETTLED_MS


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
