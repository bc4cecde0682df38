"""How a rebuild (rule 4) puts what SQL remembers into Redis: Python writes it, one short script puts it there."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from redis.asyncio import Redis

from o2o.kernel.scripts import Script

LOAD: Final = Script(Path(__file__).parent / "lua" / "load.lua")


class Content(NamedTuple):
    """What one key holds: the command that puts it there with its values, and for how long it is kept, 0 for good."""

    key: str
    command: str
    values: list[str | int]
    kept_s: int


async def load(
    client: Redis, keys: Sequence[str], told: Mapping[str, Any], contents: Iterable[tuple[str, Content]]
) -> bool:
    """Replace all of `keys` (the tag's meta first) by `contents`, each with its key; False when it is refused.

    `told` has epoch and server, and where somebody watches, channel and notice. Raises RedisError: unknown.
    """
    place = {key: n for n, key in enumerate(keys, 1)}
    documents = [msgspec.msgpack.encode((place[key], *content[1:])) for key, content in contents if content.values]
    return bool(await LOAD(client, keys, [msgspec.json.encode(told), *documents]))
