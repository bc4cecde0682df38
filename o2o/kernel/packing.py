"""Commands are packed by hiredis: redis-py's own packing, in Python, takes longer than Redis over a script.

And a connection notes when it was last asked something, for who looks for half-open ones.
"""

from collections.abc import Awaitable
from functools import cache
from time import monotonic
from typing import Any

import hiredis


@cache
def packing(kind: Any) -> Any:
    """The same kind of connection, with commands packed in C."""

    class Packing(kind):  # type: ignore[misc]  # a base that is only known here
        asked_at = float("inf")

        def pack_command(self, *args: Any) -> list[bytes]:
            if not isinstance(args[0], str) or " " in args[0]:
                return super().pack_command(*args)  # type: ignore[no-any-return]  # "CONFIG GET": taken apart there
            return [hiredis.pack_command(args)]

        def read_response(self, *args: Any, **options: Any) -> Awaitable[Any]:
            self.asked_at = monotonic()
            return super().read_response(*args, **options)  # type: ignore[no-any-return]

    return Packing
