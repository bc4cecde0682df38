"""Moves what is old into the archive, and kills itself on the way: `URL BEFORE DIES_AT guarded|bare`.

Of each chunk's statements the first copies, the second takes out, the third is the commit's; it dies before the
DIES_AT-th. `bare` moves without a transaction.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from booking.archive import TICKETS
from o2o.kernel import archive, statements
from o2o.kernel.database import connection, open_database


class Dying:
    """A client that kills the process before its `dies_at`-th statement."""

    def __init__(self, client: BaseDBAsyncClient, dies_at: int) -> None:
        self.capabilities, self.left, self.client = client.capabilities, dies_at, client

    async def execute_query(self, *arguments: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return await self.client.execute_query(*arguments)


async def main(url: str, before: datetime, dies_at: int, guard: str) -> None:
    async def move_rows(client: Any, *arguments: Any) -> None:
        dying: Any = Dying(client, dies_at)
        await statements.move_rows(dying, *arguments)
        await dying.execute_query("SELECT 1")

    async def without(work: Any) -> Any:
        return await work(connection())

    replaced: Any = archive
    replaced.move_rows = move_rows
    if guard == "bare":
        replaced.transaction = without
    async with open_database(url):
        for shelf in (TICKETS, archive.EVENTS):
            for owner in await archive.due(shelf, before):
                await archive.move(shelf, owner, before, 1000)


if __name__ == "__main__":
    url, before, dies_at, guard = sys.argv[1:]
    asyncio.run(main(url, datetime.fromisoformat(before), int(dies_at), guard))
