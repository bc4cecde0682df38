"""The process's one subscription. It hears what is announced, and knows when it has become deaf.

Pub/sub loses silently: redis-py connects again without a word, and a half-open connection is quiet for ever. So every
process publishes a heartbeat, silence counts as failure, and whoever subscribes (again) is told to look at everything.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from booking.picture import CHANNEL
from o2o.kernel.packing import heard_too

HEARTBEAT_S: Final = 5.0
SILENCE_S: Final = 12.0
AGAIN_S: Final = 0.5
AT_ONCE: Final = 32  # So many messages are taken before anybody else has a turn.
SUBSCRIBED: Final = b"subscribe"
MESSAGE: Final = b"message"

log = logging.getLogger(__name__)


class SilenceError(Exception):
    """Not even a heartbeat was heard for too long."""


@dataclass(slots=True)
class Subscription:
    """`listener` makes a client for it, `hear` gets each message.

    `subscribed` is called whenever messages may have been missed until now.
    """

    listener: Callable[[], Awaitable[Redis]]
    hear: Callable[[bytes], None]
    subscribed: Callable[[], None]
    silence_s: float = SILENCE_S
    hears: bool = False

    async def run(self) -> None:
        """Listen for ever."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, SilenceError) as error:
                log.warning("subscription_lost", extra={"error": repr(error)})
            except Exception:  # A message that was not understood: look at everything instead.
                log.exception("subscription_failed")
            self.hears = False
            await asyncio.sleep(AGAIN_S)

    async def _listen(self) -> None:
        """Listen on a fresh connection until it fails. Raises SilenceError, RedisError, OSError."""
        async with await self.listener() as client, client.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            taken = 0
            while message := await channel.get_message(timeout=self.silence_s):
                self._take(message["type"].encode(), message["data"])
                for kind, data in heard_too(channel, AT_ONCE):
                    self._take(kind, data)
                    taken += 1
                taken += 1
                if taken >= AT_ONCE:
                    await asyncio.sleep(0)  # What has come is given without a pause, for as long as there is any.
                    taken = 0
            raise SilenceError

    def _take(self, kind: bytes, data: Any) -> None:
        if kind == SUBSCRIBED:
            self.hears = True
            self.subscribed()
        elif kind == MESSAGE:
            self.hear(data)
