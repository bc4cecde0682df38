"""What Redis holds of a hall after a rebuild (rule 4), made of SQL's rows. Pure.

Python writes it and one short script puts it there, so that Redis is not kept from other halls while it reads JSON.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from booking.order import day_number
from booking.picture import BoardTicket
from booking.queries import HallSnapshot
from booking.states import HEADS, LIVE
from o2o.kernel.loading import Content

KEPT_S: Final = 2 * 86_400
BOARD: Final = ("board", "summary", "calls", "feed")

Row = Mapping[str, Any]
Hash = Mapping[str, str | int]


@dataclass(slots=True)
class _Tickets:
    """What becomes of the ticket rows; hashes by key, sorted sets as (score, member, …)."""

    day: str
    places: frozenset[tuple[str, str]]
    rows: dict[str, str] = field(default_factory=dict)
    board: dict[str, str] = field(default_factory=dict)
    live: list[str | int] = field(default_factory=list)
    holders: dict[str, str] = field(default_factory=dict)
    waiting: Counter[str] = field(default_factory=Counter)
    lines: defaultdict[str, list[str | int]] = field(default_factory=lambda: defaultdict(list))
    head_count: int = 0
    last_turn: float | None = None

    def add(self, row: Row) -> None:
        self.rows[row["id"]] = _json(row)
        self.board[f"t:{row['id']}"] = public(row)
        self.live += (day_number(row["day"]), row["id"])
        if row["day"] == self.day and row["state"] in LIVE:
            self._add_live(row)

    def _add_live(self, row: Row) -> None:
        self.head_count += row["state"] in HEADS
        self.last_turn = max(self.last_turn or row["turn"], row["turn"])
        if "holder" in row:
            self.holders[f"{row['service']}:{row['holder']}"] = row["id"]
        if "hold" in row:
            self.holders[f"@hold:{row['hold']}"] = row["id"]
        if row["state"] == "waiting":
            bound = row.get("bound")
            self.waiting[f"{'bound' if bound else 'waiting'}:{row['service']}:{row['class']}"] += 1
            place = f"@{bound}" if bound else row["service"]
            if (place, row["class"]) in self.places:
                self.lines[f"line:{self.day}:{place}:{row['class']}"] += (digits(row["turn"]), row["id"])


def contents(head: Mapping[str, Any], snapshot: HallSnapshot) -> Iterator[Content]:
    """Yield what each key holds; `head` is what every script of the hall is told, with server, epoch and version."""
    places = frozenset((place, name) for place in head["places"] for name in head["classes"])
    tickets = _Tickets(snapshot.day, places)
    for row in snapshot.tickets:
        tickets.add(row)
    counters = {row["id"]: _json(row) for row in snapshot.counters}
    shares = {row["profile"]: row["calls"] for row in snapshot.shares}
    calls: list[str | int] = [public(row) for row in snapshot.calls]
    operations: list[str | int] = [part for op, at in snapshot.operations for part in (at, op)]
    hashes: dict[str, Hash] = {
        "meta": _meta(head, snapshot, tickets),
        "tickets": tickets.rows,
        "counters": counters,
        "shares": shares,
        "board": tickets.board | {f"c:{name}": row for name, row in counters.items()},
        "summary": _summary(head, snapshot, tickets, shares),
    }
    of_the_day: dict[str, Hash] = {"numbers": snapshot.serials, "holders": tickets.holders}
    yield from (Content(key, "HSET", _flat(fields), 0) for key, fields in hashes.items())
    yield from (Content(f"{key}:{snapshot.day}", "HSET", _flat(of), KEPT_S) for key, of in of_the_day.items())
    yield Content("live", "ZADD", tickets.live, 0)
    yield Content("ops", "ZADD", operations, 0)
    yield Content("calls", "RPUSH", calls, 0)
    yield from (Content(line, "ZADD", values, KEPT_S) for line, values in tickets.lines.items())


def _flat(fields: Hash) -> list[str | int]:
    return [part for pair in fields.items() for part in pair]


def _meta(head: Mapping[str, Any], snapshot: HallSnapshot, tickets: _Tickets) -> dict[str, str | int]:
    meta = {name: head[name] for name in ("epoch", "server", "version", "rev")}
    meta |= {"committed": head["version"], "day": snapshot.day, "head_count": tickets.head_count}
    if tickets.last_turn is not None:
        meta["last_turn"] = digits(tickets.last_turn)
    return meta | _pause(snapshot)


def _summary(
    head: Mapping[str, Any], snapshot: HallSnapshot, tickets: _Tickets, shares: Mapping[str, int]
) -> dict[str, str | int]:
    summary = {"epoch": head["epoch"], "version": head["version"], "day": snapshot.day}
    summary |= {"head_count": tickets.head_count} | tickets.waiting | _pause(snapshot)
    summary |= {f"open:{row['id']}": 1 for row in snapshot.counters if row["open"]}
    return summary | {f"share:{profile}": calls for profile, calls in shares.items()}


def _pause(snapshot: HallSnapshot) -> dict[str, str | int]:
    return {"pause": _json(snapshot.pause)} if snapshot.pause else {}


def public(row: Row) -> str:
    """What everybody may see of a ticket's row: no phone's hash."""
    return _json(msgspec.convert(row, BoardTicket))


def digits(turn: float) -> str:
    """A turn as the scripts write it."""
    return f"{turn:.14g}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
