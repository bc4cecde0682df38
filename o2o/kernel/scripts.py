"""Lua scripts: loaded from files, called by their hash, loaded again when a server has forgotten them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from o2o.kernel.together import Together

Argument = str | bytes | int


class Script:
    """The parts are concatenated in their order: the shared prelude first."""

    def __init__(self, *parts: Path) -> None:
        self._text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
        self._sha = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, client: Redis | Together, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run it. A server without the script refuses before anything happens, so that asking again is safe."""
        try:
            return await client.evalsha(self._sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await client.eval(self._text, len(keys), *keys, *arguments)
