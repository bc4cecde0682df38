"""Lua scripts: loaded from files, called by their hash, loaded again when a server has forgotten them."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from o2o.kernel.together import Together

Argument = str | bytes | int


class Script:
    """The parts, files or texts, are concatenated in their order: the shared prelude first."""

    def __init__(self, *parts: Path | str) -> None:
        texts = (part if isinstance(part, str) else part.read_text(encoding="utf-8") for part in parts)
        self._text = "\n".join(texts)
        self._sha = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, client: Redis | Together, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Run it. A server without the script refuses before anything happens, so that asking again is safe."""
        try:
            return await client.evalsha(self._sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await client.eval(self._text, len(keys), *keys, *arguments)


def verbs_of(folder: Path, verbs: Sequence[str]) -> list[str]:
    """Each verb's file, as it is read in a batch that asks for the verb: made each time, 19 verbs took Lua 10 µs."""
    return [f"if asked.{verb} then\n{(folder / f'{verb}.lua').read_text(encoding='utf-8')}end" for verb in verbs]


def table_of(values: Mapping[str, str]) -> str:
    """A table of texts, as Lua writes it."""
    pairs = (f"{name} = '{value}'" for name, value in values.items())
    return f"{{ {', '.join(pairs)} }}"
