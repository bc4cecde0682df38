"""A hall in Redis: its keys, and a typed method for each script."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from redis.asyncio import Redis
from tortoise.backends.base.client import BaseDBAsyncClient

from booking.loading import BOARD, contents
from booking.order import MINUTE_MS, day_number
from booking.picture import CHANNEL, Change, Picture, Shown
from booking.profiles import profiles_of
from booking.queries import HallSnapshot, read_snapshot
from booking.states import HEADS, LIVE, STEPS
from booking.summary import Summary, read_summary
from halls.hall import Hall
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.errors import UnavailableError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Command, Decision, Entry, Known, Outcome, Stale, waits_since
from o2o.kernel.loading import load
from o2o.kernel.redis import RedisPair, identities
from o2o.kernel.scripts import Script, table_of, verbs_of
from o2o.kernel.together import Together
from o2o.kernel.trips import first_of, replies, values

TRIES: Final = 5  # Each try has learnt a newer revision or day from the script.
UNSETTLED_MS: Final = 2_000  # A living process has committed and announced its entries long before.

LUA: Final = Path(__file__).parent / "lua"
PRELUDE: Final = Path(__file__).parent.parent / "o2o" / "kernel" / "lua" / "prelude.lua"
VERBS: Final = (
    "issue", "call", "recall", "start", "complete", "no_show", "requeue", "transfer", "park", "unpark", "postpone",
    "classify", "leave", "cancel", "reset", "open_counter", "close_counter", "pause", "configure",
)  # fmt: skip

# The transition table and who counts as a head, for the scripts: they need not take them apart with each batch.
STATES: Final = f"""
local SOURCES = {table_of({action: f",{','.join(sorted(step.sources))}," for action, step in STEPS.items()})}
local TARGETS = {table_of({action: step.target for action, step in STEPS.items()})}
local HEADS = {{ {", ".join(f"{state} = 1" for state in sorted(HEADS))} }}
"""

DECIDE: Final = Script(PRELUDE, STATES, LUA / "hall.lua", LUA / "order.lua", *verbs_of(LUA, VERBS), LUA / "run.lua")
ANNOUNCE: Final = Script(LUA / "announce.lua")
PICTURE: Final = Script(LUA / "picture.lua")

COUNTED: Final = msgspec.json.encode({"live": sorted(LIVE), "heads": sorted(HEADS)})

_outcomes = msgspec.json.Decoder(list[Outcome])
_entry = msgspec.json.Decoder(Entry)
_change = msgspec.json.Decoder(Change)


class _Told(NamedTuple):
    """What goes along with every batch of a day and a revision of a hall: keys, and the end of the head."""

    hall: Hall
    day: str
    keys: list[str]
    lasting: bytes


class HallStore:
    """The scripts of one hall. `hall()` gives its configuration as this process knows it, `refresh()` reads it anew."""

    def __init__(
        self,
        hall: Callable[[], Hall],
        refresh: Callable[[], Awaitable[object]],
        redis: RedisPair,
        together: Together,
        clock: Clock,
    ) -> None:
        self._hall = hall
        self._refresh = refresh
        self._redis = redis
        self._together = together
        self._clock = clock
        self._day = ""
        self._last_told: _Told | None = None
        self._script = DECIDE
        self._announcing = [self._key(name) for name in ("meta", "journal", *BOARD)]
        self.tag = f"hall:{hall().id}"

    async def decide(self, known: Known, commands: Sequence[Command]) -> Decision | Stale:
        """Run the batch. A newer revision of the hall, or a later day, is taken over and the batch asked again."""
        for _try in range(TRIES):
            told = self._told()
            now = self._clock()
            head = b'{"epoch":%d,"committed":%d,"seen":%d,"now":%d,"open":%b,%b' % (
                known.epoch, known.committed, known.seen, to_ms(now), _json(told.hall.is_open(now)), told.lasting
            )  # fmt: skip
            self._together.touch(self.tag)
            answer = await self._script(self._together, told.keys, [head, *map(_json, commands)])
            kind = answer[0].decode()
            if kind == "STALE":
                return Stale(answer[1].decode())
            if kind == "OK":
                entries = [(_entry.decode(raw), raw) for raw in answer[4:]]
                return Decision(answer[1], answer[2].decode(), _outcomes.decode(answer[3]), entries)
            if kind == "REV":
                await self._refresh()
            else:
                self._day = answer[1].decode()
        raise UnavailableError(_("The hall is being changed just now. Try again in a moment."), retry_after=1)

    async def moved(self) -> bool:
        return await self._redis.seek(self._key("meta"))

    async def announce(self, epoch: int, version: int) -> None:
        await ANNOUNCE(self._together, self._announcing, [epoch, version, CHANNEL, self._hall().id, COUNTED])

    async def read(self, client: BaseDBAsyncClient) -> HallSnapshot:
        await self._refresh()  # A service that we have not heard of has a line to load too.
        return await read_snapshot(client, self._hall().id, self._business_day(), to_ms(self._clock()))

    async def load(self, epoch: int, server: str, snapshot: HallSnapshot) -> bool:
        head = _told_of(self._hall(), snapshot.day) | {"epoch": epoch, "server": server, "version": snapshot.version}
        head["now"] = to_ms(self._clock())
        keys = [self._key(name) for name in (*_names(snapshot.day), *BOARD, *_lines(head))]
        notice = _json({"hall": self._hall().id, "epoch": epoch, "loaded": snapshot.version}).decode()
        told = {"epoch": epoch, "server": server, "channel": CHANNEL, "notice": notice}
        found = ((self._key(content.key), content) for content in contents(head, snapshot))
        return await load(self._redis.mutate, keys, told, found)

    async def picture(self) -> Picture | None:
        """The committed state at one instant; None while the hall is not loaded."""
        keys = [self._key(name) for name in ("board", "summary", "calls")]
        answer = await PICTURE(self._redis.read, keys, [])
        if answer is None:
            return None
        summary, board, calls = answer
        return Picture.of_board(self._hall().id, _mapping(summary), _mapping(board), calls)

    async def feed_since(self, version: int) -> list[Change]:
        """Announced events after `version`, oldest first; the feed keeps about a thousand."""
        items: Any = await self._redis.read.xrange(self._key("feed"), min=f"({version}-0")
        return [_change.decode(fields[b"event"]) for _id, fields in items]

    def _told(self) -> _Told:
        """Made anew for another day, and for another revision of the hall."""
        hall, day = self._hall(), self._business_day()
        told = self._last_told
        if told is None or told.hall is not hall or told.day != day:
            head = _told_of(hall, day)
            keys = [self._key(name) for name in (*_names(day), *_lines(head))]
            self._last_told = told = _Told(hall, day, keys, _json(head).removeprefix(b"{"))
        return told

    def _business_day(self) -> str:
        """The hall's day by our clock, never before the one that the line is in already."""
        self._day = max(self._day, self._hall().business_day(self._clock()).isoformat())
        return self._day

    def _key(self, name: str) -> str:
        return hall_key(self._hall().id, name)


def hall_key(hall: str, name: str) -> str:
    return f"{{hall:{hall}}}:{name}"


def _names(day: str) -> tuple[str, ...]:
    """The keys that every script of the line has first."""
    names = ("meta", "ops", "refused", "refused_until", "journal", "tickets", "live", "counters", "shares")
    return (*names, f"numbers:{day}", f"holders:{day}")


def _lines(head: Mapping[str, Any]) -> list[str]:
    """The keys of the day's lines, in the same order as the head's places and classes."""
    return [f"line:{head['day']}:{place}:{name}" for place in head["places"] for name in head["classes"]]


def _told_of(hall: Hall, day: str) -> dict[str, Any]:
    """What the scripts are told of a hall on a day. A place is a service, or a counter that people wait for."""
    services = [service.id for service in hall.services]
    told: dict[str, Any] = {
        "day": day,
        "day_number": day_number(day),
        "rev": hall.rev,
        "hall": hall.id,
        "services": services,
        "prefixes": {service.id: service.prefix for service in hall.services},
        "shut": [service.id for service in hall.services if not service.open],
        "places": [*services, *(f"@{counter.id}" for counter in hall.counters)],
        "classes": hall.rules.classes,
        "profiles": msgspec.to_builtins(profiles_of(hall.counters)),
        "priority_calls": hall.rules.priority_calls,
        "longest_wait_ms": hall.rules.longest_wait_minutes * MINUTE_MS,
        "requeue_places": hall.rules.requeue_places,
        "put_back_ms": hall.rules.put_back_minutes * MINUTE_MS,
    }
    return told if hall.capacity is None else told | {"capacity": hall.capacity}


async def read_summaries(client: Redis, halls: Sequence[str]) -> list[Summary]:
    """How busy each hall is, in one round trip; a hall that is not loaded is empty."""
    asked = [("HGETALL", hall_key(hall, "summary")) for hall in halls]
    return [read_summary(summary) for summary in await values(client, asked)]


async def read_shown(client: Redis, halls: Sequence[str]) -> list[Shown | None]:
    """How far each hall is announced, in one round trip; None for one that is not loaded, or whose node is away."""
    answers = await replies(client, [("HMGET", hall_key(hall, "summary"), "epoch", "version") for hall in halls])
    return [Shown(*map(int, told)) if isinstance(told, list) and all(told) else None for told in answers]


class Due(NamedTuple):
    """What waits to be done for a hall that nobody may be asking about."""

    unsettled: bool
    """Entries were neither committed nor announced for 2 s, or Redis is not the server that the epoch began on."""
    yesterday: bool
    """The line is still in a day gone by, or tickets of one are live."""
    waits: bool = True
    """Some entry is in the journal: it is still on its way, or it is unsettled when it gets no further."""
    revised: bool = False
    """The line has not heard of the hall's latest revision."""

    @property
    def nothing(self) -> bool:
        return not (self.unsettled or self.yesterday or self.waits or self.revised)


async def read_due(client: Redis, halls: Sequence[Hall], now: datetime) -> list[Due]:
    """What is due in each hall, in two round trips for all of them."""
    servers = await identities(client, [hall_key(hall.id, "meta") for hall in halls])
    days = [hall.business_day(now).isoformat() for hall in halls]
    asked = [_asked_when_due(hall.id, day) for hall, day in zip(halls, days, strict=True)]
    answers = await replies(client, [*chain.from_iterable(asked)])
    parts = [answers[3 * n : 3 * n + 3] for n in range(len(halls))]
    return [_due(*told, to_ms(now)) for told in zip(halls, days, servers, parts, strict=True)]


def _asked_when_due(hall: str, today: str) -> Iterator[tuple[Any, ...]]:
    yield "HMGET", hall_key(hall, "meta"), "server", "day", "rev"
    yield "ZCOUNT", hall_key(hall, "live"), "-inf", f"({day_number(today)}"
    yield first_of(hall_key(hall, "journal"))


def _due(hall: Hall, today: str, server: str, answers: Sequence[Any], now: int) -> Due:
    if any(isinstance(answer, Exception) for answer in answers):
        return Due(unsettled=True, yesterday=False)  # Its node of a cluster is away; another may have taken over.
    (begun_on, day, rev), old, first = answers
    since = waits_since(first)
    return Due(
        unsettled=(begun_on or b"").decode() != server or (since is not None and since < now - UNSETTLED_MS),
        yesterday=old > 0 or (day or b"").decode() < today,
        waits=since is not None,
        revised=rev is not None and int(rev) < hall.rev,
    )


def _mapping(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[0::2], flat[1::2], strict=True))


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
