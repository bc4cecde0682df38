"""Tasks that go on beside a block, and end with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

AGAIN_S: Final = 0.1


@asynccontextmanager
async def background(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do the works beside the block, and end them with it. They go on for ever: what one raises only the log tells."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        await end(tasks)


async def end(tasks: Iterable[asyncio.Task[None] | None]) -> None:
    """Cancel the tasks until they have ended: redis-py swallows a cancel that comes while it connects."""
    waiting = {task for task in tasks if task}
    while waiting:
        for task in waiting:
            task.cancel()
        _done, waiting = await asyncio.wait(waiting, timeout=AGAIN_S)
