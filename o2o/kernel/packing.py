"""Commands are packed by hiredis: redis-py's own packing, in Python, takes longer than Redis over a script.

Replies that came together are read together, and a connection notes when it was last asked something, for who looks for
half-open ones.
"""

from collections.abc import Awaitable, Iterator, Sequence
from functools import cache
from time import monotonic
from typing import Any, Final

import hiredis
from redis._parsers.hiredis import NOT_ENOUGH_DATA
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ResponseError

MESSAGE_PARTS: Final = 3  # Its kind, its channel, its data.


async def ask(client: Redis, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    """One server's replies to commands that go together, as they came, errors among them.

    Asked again as often as the client says. Raises RedisError: what came of them is unknown.
    """
    pool = client.connection_pool
    connection: Any = await pool.get_connection()  # type: ignore[no-untyped-call]
    try:
        return await connection.retry.call_with_retry(  # type: ignore[no-any-return]
            lambda: connection.ask(commands), lambda _error: connection.disconnect()
        )
    finally:
        await pool.release(connection)


@cache
def packing(kind: Any) -> Any:
    """The same kind of connection, with commands packed in C."""

    class Packing(kind):  # type: ignore[misc]  # a base that is only known here
        asked_at = float("inf")

        def pack_command(self, *args: Any) -> list[bytes]:
            if not isinstance(args[0], str) or " " in args[0]:
                return super().pack_command(*args)  # type: ignore[no-any-return]  # "CONFIG GET": taken apart there
            return [hiredis.pack_command(args)]

        def send_packed_command(self, *args: Any, **options: Any) -> Awaitable[None]:
            self.asked_at = float("inf")  # Not yet: over a slow line much takes its time.
            return super().send_packed_command(*args, **options)  # type: ignore[no-any-return]

        def read_response(self, *args: Any, **options: Any) -> Awaitable[Any]:
            self.asked_at = monotonic()
            return super().read_response(*args, **options)  # type: ignore[no-any-return]

        async def ask(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
            """The replies to commands that go together, errors among them. Raises RedisError: the rest is unknown.

            A pipeline of redis-py has a time limit and five coroutines for each reply, 10 µs.
            """
            await self.send_packed_command([hiredis.pack_command(command) for command in commands])
            replies: list[Any] = []
            while len(replies) < len(commands):
                try:
                    replies.append(await self.read_response())
                except ResponseError as error:
                    replies.append(error)
                await _take_those_that_came_too(self._parser, replies, len(commands))
            return replies

    return Packing


async def _take_those_that_came_too(parser: Any, replies: list[Any], most: int) -> None:
    reader = parser._reader  # noqa: SLF001 - redis-py gives them only one by one
    while len(replies) < most and (reply := reader.gets()) is not NOT_ENOUGH_DATA:
        if isinstance(reply, hiredis.PushNotification):
            await parser.handle_push_response(reply)
        else:
            replies.append(reply)


def heard_too(channel: PubSub, most: int) -> Iterator[tuple[bytes, Any]]:
    """What a subscription has been sent and not given yet, as its kind and data; redis-py gives each by itself, 10 µs.

    Nothing where another parser than hiredis reads.
    """
    reader: Any = getattr(getattr(channel.connection, "_parser", None), "_reader", None)
    for _message in range(most if reader else 0):
        if (told := reader.gets()) is NOT_ENOUGH_DATA:
            return
        if isinstance(told, list) and len(told) == MESSAGE_PARTS:
            yield told[0], told[2]
