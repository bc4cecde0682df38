"""Redis Sentinel: connections to whichever server is the master now.

A connection asks the sentinels when it is made. A cut-off master may go on answering for a while, so somebody asks
again each second, and when there is another master all connections are closed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from weakref import WeakSet

from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from typing_extensions import override

from o2o.kernel.addresses import Address
from o2o.kernel.background import background
from o2o.kernel.half_open import leave

WATCH_S: Final = 1.0
PATIENCE_S: Final = 1.0

log = logging.getLogger(__name__)


class Sentinels:
    """Who is the master of a service, as its sentinels say."""

    def __init__(self, sentinels: Sequence[Redis], service: str) -> None:
        self.sentinels = sentinels
        self.service = service
        self.pools: WeakSet[ConnectionPool] = WeakSet()
        self._master: Address | None = None

    async def find(self) -> Address:
        """Ask all, and believe the one that knows the latest epoch: who is cut off knows only the old one.

        Raises ConnectionError.
        """
        told = await asyncio.gather(*(self.ask(sentinel) for sentinel in self.sentinels), return_exceptions=True)
        states = [state for state in told if isinstance(state, dict)]
        if not states:
            raise RedisConnectionError(f"no sentinel knows the master of {self.service}: {told[0]!r}")
        state = max(states, key=lambda state: int(state["config-epoch"]))
        return Address(state["ip"], int(state["port"]))

    async def ask(self, sentinel: Redis) -> dict[str, str]:
        """What a sentinel says of the master. Raises RedisError, TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            state = await sentinel.execute_command("SENTINEL", "MASTER", self.service)  # type: ignore[no-untyped-call]
        return {name.decode(): value.decode() for name, value in state.items()}

    async def seek(self) -> bool:
        """Look again who is the master. If it is another now, leave the one before; say whether it is."""
        found = await self.find()
        if self._master in {None, found}:
            self._master = found
            return False
        log.warning("another_master", extra={"service": self.service})
        await leave(self.pools)
        self._master = found
        return True

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """While the block runs, all connections go to the master."""
        async with background(self._watch()):
            yield

    async def _watch(self) -> None:
        while True:
            with suppress(RedisError, OSError):  # Without sentinels things stay as they are.
                await self.seek()
            await asyncio.sleep(WATCH_S)


class _ToTheMaster(Connection):
    def __init__(self, *, sentinels: Sentinels, **options: Any) -> None:
        super().__init__(**options)
        self._sentinels = sentinels

    @override
    async def _connect(self) -> None:
        self.host, self.port = await self._sentinels.find()
        await super()._connect()  # type: ignore[no-untyped-call]

    @override
    async def on_connect_check_health(self, check_health: bool = True) -> None:
        """A sentinel may send us to a server that is no master any more, or not yet."""
        await super().on_connect_check_health(check_health)
        await self.send_command("ROLE")
        role, *_more = await self.read_response()
        if role != b"master":
            raise RedisConnectionError(f"{self.host}:{self.port} is no master")


class ToTheMaster(_ToTheMaster):
    """Over TCP."""


class ToTheMasterByTLS(_ToTheMaster, SSLConnection):
    """Over TLS."""
