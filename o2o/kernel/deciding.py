"""What a desk asks of a package's scripts for one tag."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.journal import Command, Decision, Known, Stale


class Snapshot(Protocol):
    """What SQL knows of a tag: everything that Redis is rebuilt from."""

    @property
    def version(self) -> int: ...


S = TypeVar("S", bound=Snapshot)


class Store(Protocol[S]):
    """A package's scripts for one tag."""

    @property
    def tag(self) -> str: ...

    async def decide(self, known: Known, commands: Sequence[Command]) -> Decision | Stale:
        """Run the batch in one script. Raises RedisError: unknown."""
        ...

    async def moved(self) -> bool:
        """Look again which server has the tag; True when it is another now. Raises RedisError."""
        ...

    async def announce(self, epoch: int, version: int) -> None:
        """Bring board and feed up to the committed version, publish, and trim the journal."""
        ...

    async def read(self, client: BaseDBAsyncClient) -> S:
        """Read what a rebuild loads, in a transaction that holds the fence."""
        ...

    async def load(self, epoch: int, server: str, snapshot: S) -> bool:
        """Replace everything of the tag, once; False when it is refused (another server, the same or a later epoch)."""
        ...
