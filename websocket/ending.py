"""Ending tasks that talk to Redis."""

import asyncio
from collections.abc import Iterable
from typing import Final

AGAIN_S: Final = 0.1


async def end(tasks: Iterable[asyncio.Task[None] | None]) -> None:
    """Cancel the tasks until they have ended: redis-py swallows a cancel that comes while it connects."""
    waiting = {task for task in tasks if task}
    while waiting:
        for task in waiting:
            task.cancel()
        _done, waiting = await asyncio.wait(waiting, timeout=AGAIN_S)
