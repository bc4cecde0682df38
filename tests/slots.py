"""Whether everything that the tests do would do in a cluster: the keys of a script or command have one slot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.crc import key_slot

SCRIPTS: Final = ("EVAL", "EVALSHA")
MANY: Final = ("DEL", "EXISTS", "MGET", "MSET", "RENAME", "SUNION", "TOUCH", "UNLINK", "WATCH")


class ManySlotsError(AssertionError):
    """A cluster would refuse it: CROSSSLOT."""


@contextmanager
def watched_slots() -> Iterator[None]:
    """While the block runs, a command over several slots is an error, whatever the server would say."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (Redis, Pipeline):
            patch.setattr(kind, "execute_command", _watched(kind.execute_command))
        yield


def _watched(execute: Any) -> Any:
    def watching(client: Redis, *args: Any, **options: Any) -> Any:
        if len(slots := {key_slot(key if isinstance(key, bytes) else str(key).encode()) for key in _keys(args)}) > 1:
            raise ManySlotsError(f"{args[0]} over {len(slots)} slots: {_keys(args)}")
        return execute(client, *args, **options)

    return watching


def _keys(args: Sequence[Any]) -> Sequence[Any]:
    if args[0] in SCRIPTS:
        return args[3 : 3 + int(args[2])]
    return args[1:] if args[0] in MANY else ()
