"""Scripts of one moment, sent in one round trip: redis-py takes longer over a call than Redis over a script.

Not all of them: while Redis runs one part another is read here, and a third one gathers. Sent all together they come
back together, and either Redis or we have nothing to do (docs/decisions/0089).
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

from redis.asyncio import Redis

from o2o.kernel.cluster import Cluster
from o2o.kernel.trips import replies

PARTS: Final = 3
AT_LEAST: Final = 8  # So many are never parted.


class _Call(NamedTuple):
    command: tuple[Any, ...]
    reply: asyncio.Future[Any]


class Notes(Protocol):
    """What is noted in Redis before scripts run (`o2o.kernel.touched`)."""

    def note(self, tag: str) -> None: ...

    def commands(self) -> Sequence[tuple[Any, ...]]: ...


class Together:
    """Calls scripts as `client` does. What is called within one turn of the loop goes together, or a third of it.

    Each call has its own reply or error; one that takes long (a load) keeps the others waiting and goes alone.
    `notes` go first, and nobody waits for their replies.
    """

    def __init__(self, client: Redis, notes: Notes | None = None) -> None:
        self._client = client
        self._notes = notes
        self._waiting: list[_Call] = []
        self._asked = 0
        self._sending: set[asyncio.Task[None]] = set()  # The loop itself keeps only weak references to tasks.
        # All at once in a cluster: masters work side by side, and one that does not answer holds up nobody's others.
        self._parts = 1 if isinstance(client, Cluster) else PARTS

    def touch(self, tag: str) -> None:
        """Note that a script of this tag comes next."""
        if self._notes:
            self._notes.note(tag)

    async def evalsha(self, *args: Any) -> Any:
        return await self._call("EVALSHA", *args)

    async def eval(self, *args: Any) -> Any:
        return await self._call("EVAL", *args)

    def _call(self, *command: Any) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._send)
        call = _Call(command, loop.create_future())
        self._waiting.append(call)
        return call.reply

    def _send(self) -> None:
        if self._waiting and (self._parts == 1 or len(self._sending) < self._parts - 1):
            task = asyncio.create_task(self._run())
            self._sending.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._send()

    async def _run(self) -> None:
        """Send part after part, until nothing waits."""
        while self._waiting:
            calls = self._take()
            self._send()
            for call, reply in zip(calls, await self._replies(calls), strict=True):
                _answer(call, reply)
            self._asked -= len(calls)

    def _take(self) -> list[_Call]:
        size = max(-(-(len(self._waiting) + self._asked) // self._parts), AT_LEAST)
        calls, self._waiting = self._waiting[:size], self._waiting[size:]
        self._asked += len(calls)
        return calls

    async def _replies(self, calls: Sequence[_Call]) -> Sequence[Any]:
        """Each call's reply or error."""
        before = self._notes.commands() if self._notes else ()
        commands = [*before, *(call.command for call in calls)]
        try:
            return (await replies(self._client, commands))[len(before) :]
        except Exception as error:  # noqa: BLE001 - whatever it is, each caller hears of it
            return [error] * len(calls)


def _answer(call: _Call, reply: Any) -> None:
    if call.reply.done():
        return
    if isinstance(reply, Exception):
        call.reply.set_exception(reply)
    else:
        call.reply.set_result(reply)
