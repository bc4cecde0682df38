"""What Redis holds of a place after a rebuild (rule 4), made of SQL's rows. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from halls.stock.queries import PlaceSnapshot
from o2o.kernel.loading import Content


def contents(epoch: int, server: str, snapshot: PlaceSnapshot) -> Iterator[Content]:
    """Yield what each key holds; `server` is the one that the epoch begins on."""
    meta: dict[str, str | int] = {
        "epoch": epoch,
        "server": server,
        "version": snapshot.version,
        "committed": snapshot.version,
    }
    holders: dict[str, list[str]] = defaultdict(list)
    for hold in snapshot.holds:
        holders[hold["holder"]].append(hold["id"])
    hashes: dict[str, Mapping[str, str | int]] = {
        "meta": meta,
        "levels": {row["sku"]: _json(row) for row in snapshot.levels},
        "holds": {row["id"]: _json(row) for row in snapshot.holds},
        "holders": {holder: ",".join(ids) for holder, ids in holders.items()},
        "allocations": {row["id"]: _json(row) for row in snapshot.allocations},
        "serials": {f"{row['sku']}/{row['serial']}": _json(row) for row in snapshot.serials},
    }
    for key, fields in hashes.items():
        yield Content(key, "HSET", [part for pair in fields.items() for part in pair], 0)
    yield Content("due", "ZADD", [part for row in snapshot.holds for part in (row["expires_at"], row["id"])], 0)
    yield Content("ops", "ZADD", [part for op, at in snapshot.operations for part in (at, op)], 0)


def _json(row: Mapping[str, Any]) -> str:
    return msgspec.json.encode(row).decode()
