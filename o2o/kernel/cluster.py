"""Redis Cluster: a plain client for each node, and every command on its way to the node that has its key.

redis-py's own RedisCluster is not used (docs/decisions/0039): its pools raise at their limit, ASKING goes over another
connection than the command, each fifth MOVED closes the connections on which others wait.

What a node refuses (MOVED, ASK, TRYAGAIN) has not happened, so that `mutate` may ask elsewhere. A lost reply is no
refusal: only `read` asks again.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple, TypeVar

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from typing_extensions import override

from o2o.kernel.addresses import Address
from o2o.kernel.background import end
from o2o.kernel.packing import ask

REDIRECTS: Final = 5
MOVING_S: Final = 3.0
"""How long a command waits for a slot that is on its way from one node to another."""
AGAIN_S: Final = 0.05
PATIENCE_S: Final = 1.0
"""How long a node may take to say how the cluster is."""
ASKING: Final = (("ASKING",),)
KEYLESS: Final = frozenset({"PING", "INFO", "TIME", "PUBLISH"})
SCRIPTS: Final = frozenset({"EVALSHA", "EVAL"})
AWAY: Final = (RedisConnectionError, RedisTimeoutError, ClusterDownError, OSError)
ELSEWHERE: Final = (AskError, TryAgainError)

T = TypeVar("T")
Command = tuple[Any, ...]
Once = Callable[[Redis, Sequence[Command]], Awaitable[T]]
"""One attempt at a node, which is to be told something before: ASKING, when the slot is on its way to it."""


class View(NamedTuple):
    """The cluster as one of its nodes sees it. A later epoch is right: who is cut off knows only the old one."""

    sound: bool
    epoch: int
    slots: list[Address | None]
    replicas: dict[Address, Address]
    """Of whom each of them is one."""

    @property
    def masters(self) -> list[Address]:
        return [address for address in dict.fromkeys(self.slots) if address]


class Cluster(Redis):
    """A client of them all. `connect` makes one of a node, `repeats` says how often `read` asks again."""

    def __init__(self, seeds: Sequence[Address], connect: Callable[[Address], Redis], repeats: int) -> None:
        super().__init__()
        self._seeds = seeds
        self._connect = connect
        self._repeats = repeats
        self._nodes: dict[Address, Redis] = {}
        self._view = View(sound=False, epoch=0, slots=[], replicas={})
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    @override
    async def execute_command(self, *args: Any, **options: Any) -> Any:
        async def once(node: Redis, before: Sequence[Command]) -> Any:
            if before:
                return await _asked(node, args, options)
            return await node.execute_command(*args, **options)  # type: ignore[no-untyped-call]

        return await self._patiently(lambda: self._follow(_slot_of(args), once))

    @override
    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """There is none over slots: `o2o.kernel.trips` asks for several things, a script does what belongs together."""
        raise NotImplementedError

    @override
    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        self._repeats = 0  # Whoever waits for an answer still asks no more: nobody would close that connection.
        await end([self._looking])
        for node in self._nodes.values():
            await node.aclose()

    async def run(self, commands: Sequence[Command]) -> list[Any]:
        """Answers to all of them as they came, in one round trip a node; errors stand among them."""
        await self._see()
        started = time.monotonic()
        answers: list[Any] = [None] * len(commands)
        parts: defaultdict[Redis, list[int]] = defaultdict(list)
        for n, command in enumerate(commands):
            try:
                parts[self._at(_slot_of(command))].append(n)
            except ClusterDownError as error:
                answers[n] = error
        await asyncio.gather(*(_run_part(node, part, commands, answers) for node, part in parts.items()))
        if any(isinstance(answer, AWAY) for answer in answers):
            await self._look_again(started)
        again = (*ELSEWHERE, *(AWAY if self._repeats else ()))
        left = [n for n, answer in enumerate(answers) if isinstance(answer, again)]
        alone = await asyncio.gather(*(self._alone(commands[n]) for n in left), return_exceptions=True)
        for n, answer in zip(left, alone, strict=True):
            answers[n] = answer
        return answers

    async def masters(self) -> dict[Address, Redis]:
        """A client of each node that has slots."""
        await self._see()
        return {address: self._node(address) for address in self._view.masters}

    async def nodes_of(self, keys: Sequence[str]) -> list[Redis | None]:
        """The client of the node that has each key, None where nobody has it. Raises RedisError."""
        await self._see()
        addresses = [self._view.slots[key_slot(key.encode())] for key in keys]
        return [address and self._node(address) for address in addresses]

    async def seek(self, key: str) -> bool:
        """Look again which node has the key; say whether it is another now. Raises RedisError."""
        slot, before = key_slot(key.encode()), self._view
        after = await self.look()
        return bool(before.slots) and before.slots[slot] != after.slots[slot]

    async def look(self) -> View:
        """Ask all nodes how the cluster is, and believe the one that knows the latest epoch. Raises RedisError."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        await asyncio.shield(self._looking)
        return self._view

    async def _see(self) -> None:
        if not self._view.slots:
            await self.look()

    async def _look_again(self, started: float) -> None:
        """A node was lost after that moment: unless somebody has looked since, look where its slots are now."""
        if self._looked_at < started:
            with suppress(RedisError, OSError):
                await self.look()

    async def _look(self) -> None:
        started = time.monotonic()
        known = dict.fromkeys((*self._view.masters, *self._view.replicas, *self._seeds))
        told = await asyncio.gather(*(self._ask(address) for address in known), return_exceptions=True)
        views = [view for view in told if isinstance(view, View)]
        if not views:
            raise RedisConnectionError(f"no node of the cluster answers: {told[0]!r}")
        self._view, self._looked_at = max(views, key=lambda view: (view.sound, view.epoch)), started
        for address in self._nodes.keys() - {*self._view.masters, *self._view.replicas, *self._seeds}:
            await self._nodes.pop(address).connection_pool.disconnect(inuse_connections=False)

    async def _ask(self, address: Address) -> View:
        async with asyncio.timeout(PATIENCE_S):
            pipeline = self._node(address).pipeline(transaction=False)
            pipeline.execute_command("CLUSTER", "INFO")
            pipeline.execute_command("CLUSTER", "SLOTS")
            info, slots = await pipeline.execute()
        return _view_of(address, info, slots)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The attempt's result. Whoever loses a node looks where its slots are, and begins again if that is safe."""
        for left in range(self._repeats, -1, -1):
            started = time.monotonic()
            try:
                return await attempt()
            except AWAY:
                await self._look_again(started)
                if not left:
                    raise
            await asyncio.sleep(AGAIN_S * 2 ** (self._repeats - left) * random.uniform(1, 2))  # noqa: S311 - jitter
        raise AssertionError

    async def _alone(self, command: Command) -> Any:
        async def once(node: Redis, before: Sequence[Command]) -> Any:
            *_before, answer = await ask(node, [*before, command])
            if isinstance(answer, Exception):
                raise answer
            return answer

        return await self._patiently(lambda: self._follow(_slot_of(command), once))

    async def _follow(self, slot: int | None, once: Once[T]) -> T:
        """Try it where the slot is, and where that node says that it is."""
        await self._see()
        node, asking, until = self._at(slot), False, time.monotonic() + MOVING_S
        redirects = 0
        while True:
            try:
                return await once(node, ASKING if asking else ())
            except AskError as told:
                redirects += 1
                if redirects > REDIRECTS:
                    raise
                asking = not isinstance(told, MovedError)
                address = _named(told, node)
                node = self._node(address)
                if not asking:
                    self._note(told.slot_id, address)
            except TryAgainError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(AGAIN_S)
                node, asking, redirects = self._at(slot), False, 0

    def _note(self, slot: int, address: Address) -> None:
        """The slot is there for everybody, and others may have moved with it."""
        self._view.slots[slot] = address
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(lambda task: task.cancelled() or task.exception())

    def _at(self, slot: int | None) -> Redis:
        address = random.choice(self._view.masters) if slot is None else self._view.slots[slot]  # noqa: S311 - no secret
        if address is None:
            raise ClusterDownError(f"nobody serves slot {slot}")
        return self._node(address)

    def _node(self, address: Address) -> Redis:
        if address not in self._nodes:
            self._nodes[address] = self._connect(address)
        return self._nodes[address]


async def _run_part(node: Redis, part: Sequence[int], commands: Sequence[Command], answers: list[Any]) -> None:
    try:
        found = await ask(node, [commands[n] for n in part])
    except AWAY as error:
        found = [error] * len(part)
    for n, answer in zip(part, found, strict=True):
        answers[n] = answer


async def _asked(node: Redis, args: Command, options: Mapping[str, Any]) -> Any:
    """Ask the node to which the slot is on its way; ASKING holds for the next command of the same connection."""
    pipeline = node.pipeline(transaction=False)
    pipeline.execute_command("ASKING")
    pipeline.execute_command(*args, **options)
    _asking, answer = await pipeline.execute(raise_on_error=False)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _named(told: AskError, asked: Redis) -> Address:
    """Where a node sends us. One that does not know how it was reached leaves its host out: it is where we asked."""
    return Address(told.host or asked.connection_pool.connection_kwargs["host"], told.port)


def _slot_of(args: Sequence[Any]) -> int | None:
    """None where there is no key: any node will do."""
    at = 3 if args[0] in SCRIPTS else 1
    if args[0] in KEYLESS or len(args) <= at:
        return None
    key = args[at]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())


def _view_of(asked: Address, info: bytes, ranges: Sequence[Sequence[Any]]) -> View:
    """`CLUSTER SLOTS` leaves a host out where the node does not know how it was reached."""
    told = dict(line.split(":", 1) for line in info.decode().split("\r\n") if ":" in line)
    slots: list[Address | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
    replicas = {}
    for first, last, *nodes in ranges:
        master, *others = [Address((host or b"").decode() or asked.host, port) for host, port, *_more in nodes]
        slots[first : last + 1] = [master] * (last + 1 - first)
        replicas.update(dict.fromkeys(others, master))
    return View(told["cluster_state"] == "ok", int(told["cluster_current_epoch"]), slots, replicas)
