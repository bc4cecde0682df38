"""Several Redis servers on loopback: a cluster of three masters and three replicas; a master that sentinels watch."""

import asyncio
import contextlib
import random
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError

from tests.stack import redis_program

SLOTS = 16384
PATIENCE_S = 60
BUS = 10_000
NODE_TIMEOUT_MS = 1500
PASSWORD = "between-servers"
SERVICE = "hall"
USERS = ("peers", "o2o")
DOWN_AFTER_MS = 1000

Told = Callable[[Path], Sequence[str]]


class Node:
    """A server on a port of 127.0.0.1 (a cluster's bus is 10,000 above it), which can be killed."""

    def __init__(self, folder: Path, *arguments: str, config: Sequence[str] = ()) -> None:
        self.folder = folder
        self.arguments = arguments
        self.config = config
        self.user = ""
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> Redis:
        return Redis.from_url(f"redis://{self.user}127.0.0.1:{self.port}", socket_timeout=5)

    async def start(self) -> None:
        """On the port that it had before, or on a free one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        async with asyncio.timeout(PATIENCE_S):
            again = self.port
            while not await self._started(again or free_port()):
                await asyncio.sleep(0.05)

    async def _started(self, port: int) -> bool:
        self.port = port
        told = [*self.config, f"port {port}", "bind 127.0.0.1", f"dir {self.folder}", "logfile redis.log"]
        (self.folder / "redis.conf").write_text("\n".join([*told, ""]))
        self._process = self._begin()
        while self._process.poll() is None:
            with contextlib.suppress(OSError, RedisError):
                if await self.ask("PING"):
                    return True
            await asyncio.sleep(0.02)
        return False  # Somebody was quicker to take the port.

    def _begin(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([redis_program(), str(self.folder / "redis.conf"), *self.arguments])

    async def ask(self, *command: str | int) -> Any:
        async with self.client as client:
            return await client.execute_command(*command)  # type: ignore[no-untyped-call]

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


class RedisCluster:
    def __init__(self, folder: Path, masters: int, replicas: int, timeout_ms: int = NODE_TIMEOUT_MS) -> None:
        told = ["cluster-enabled yes", f"cluster-node-timeout {timeout_ms}", "save ''"]
        told += ["maxmemory-policy noeviction", "repl-diskless-sync-delay 0", "repl-ping-replica-period 1"]
        self.nodes = [Node(folder / f"node-{n}", config=told) for n in range(masters + replicas)]
        self._masters = masters

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in self.nodes[:2])}"

    async def start(self) -> None:
        """Each master with its share of the slots, and a replica where there are enough nodes."""
        await asyncio.gather(*(node.start() for node in self.nodes))
        masters, replicas = self.nodes[: self._masters], self.nodes[self._masters :]
        for n, master in enumerate(masters):
            share = range(SLOTS * n // len(masters), SLOTS * (n + 1) // len(masters))
            await master.ask("CLUSTER", "ADDSLOTS", *share)
            await master.ask("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
        for node in self.nodes[1:]:
            await node.ask("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port)
        for n, replica in enumerate(replicas):
            await self._replicate(replica, masters[n % len(masters)])
        for node in self.nodes:
            await until_true(partial(is_sound, node))
        for node in replicas:
            await until_true(partial(follows, node))
        for node in self.nodes:
            await until_true(partial(self._is_known_to, node))

    async def _is_known_to(self, node: Node) -> bool:
        """Whether the node would send a client to every other one: of replicas it hears late."""
        found = {port for _first, _last, *nodes in await node.ask("CLUSTER", "SLOTS") for _host, port, *_more in nodes}
        return found == {node.port for node in self.nodes}

    async def _replicate(self, replica: Node, master: Node) -> None:
        name = (await master.ask("CLUSTER", "MYID")).decode()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(RedisError):  # It has not heard of the master yet.
                    await replica.ask("CLUSTER", "REPLICATE", name)
                    return
                await asyncio.sleep(0.05)

    async def master_of(self, key: str) -> Node:
        """The master of the key's slot, as any living node says."""
        slot = key_slot(key.encode())
        for node in self.nodes:
            with contextlib.suppress(OSError, RedisError):
                for first, last, (_host, port, *_more), *_replicas in await node.ask("CLUSTER", "SLOTS"):
                    if first <= slot <= last:
                        return next(node for node in self.nodes if node.port == port)
        raise AssertionError("nobody knows")

    async def move(self, key: str, *, pause_s: float = 0) -> Node:
        """Move the key's slot with all that is in it to another master, while commands run; returns that one."""
        slot, source = key_slot(key.encode()), await self.master_of(key)
        masters = [node for node in self.nodes if (await node.ask("ROLE"))[0] == b"master"]
        target = random.choice([node for node in masters if node is not source])
        ids = {node: (await node.ask("CLUSTER", "MYID")).decode() for node in (source, target)}
        await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
        await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
        while keys := await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 1):
            await source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
            await asyncio.sleep(pause_s)
        for node in (target, *(one for one in masters if one is not target)):
            await node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
        return target

    def close(self) -> None:
        for node in self.nodes:
            node.kill()


@asynccontextmanager
async def redis_cluster(folder: Path, masters: int = 3, replicas: int = 3) -> AsyncIterator[RedisCluster]:
    cluster = RedisCluster(folder, masters, replicas)
    try:
        await cluster.start()
        yield cluster
    finally:
        cluster.close()


def free_port() -> int:
    """One whose neighbour 10,000 above is free too, both below the ports that connections are given."""
    while True:
        port = random.randrange(7000, 22_000)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for number in (port, port + BUS):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
            return port


async def is_sound(node: Node) -> bool:
    info = (await node.ask("CLUSTER", "INFO")).decode()
    return "cluster_state:ok" in info


async def until_true(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await true():
            await asyncio.sleep(0.05)


def configured(_folder: Path) -> Sequence[str]:
    """What a server of these is told, where nothing else is said."""
    users = [f"user {name} on >{PASSWORD} ~* &* +@all" for name in USERS]
    told = ["save ''", "maxmemory-policy noeviction", "repl-diskless-sync-delay 0"]
    return [*told, f"masterauth {PASSWORD}", "masteruser peers", "user default off", *users]


class Watched:
    """A master and a replica, and three sentinels that watch them as `hall`.

    They speak with each other as the user `peers`: so a server can be cut off from all of them, while the service still
    reaches it.
    """

    def __init__(self, folder: Path, deployed: Told = configured, password: str = PASSWORD) -> None:
        self.servers = [Node(folder / name) for name in ("first", "second")]
        for server in self.servers:
            server.config = deployed(server.folder)
            server.user = f"o2o:{password}@"
        self.sentinels = [Node(folder / f"sentinel-{n}", "--sentinel") for n in range(3)]
        self.password = password

    @property
    def url(self) -> str:
        nodes = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://o2o:{self.password}@{nodes}/{SERVICE}"

    async def start(self) -> None:
        first, second = self.servers
        await first.start()
        second.config = [*second.config, f"replicaof 127.0.0.1 {first.port}"]
        await second.start()
        await until_true(lambda: follows(second))
        for sentinel in self.sentinels:
            sentinel.config = [
                f"sentinel monitor {SERVICE} 127.0.0.1 {first.port} 2",
                f"sentinel auth-user {SERVICE} peers",
                f"sentinel auth-pass {SERVICE} {self.password}",
                f"sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER_MS}",
                f"sentinel failover-timeout {SERVICE} 4000",
            ]
        await asyncio.gather(*(sentinel.start() for sentinel in self.sentinels))
        for sentinel in self.sentinels:
            await until_true(partial(_sees_all, sentinel))

    async def master(self) -> Node:
        """Who the sentinels say it is."""
        _host, port = await self.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return next(server for server in self.servers if server.port == int(port))

    async def cut_off(self, server: Node) -> None:
        """Neither its replica nor a sentinel reaches it any more."""
        await server.ask("ACL", "SETUSER", "peers", "off")
        await server.ask("CLIENT", "KILL", "USER", "peers")

    async def join_again(self, server: Node) -> None:
        await server.ask("ACL", "SETUSER", "peers", "on")

    def close(self) -> None:
        for node in (*self.sentinels, *self.servers):
            node.kill()


@asynccontextmanager
async def watched(folder: Path, *deployed: Any) -> AsyncIterator[Watched]:
    """`deployed`: what a server is told, given its folder; and everybody's password."""
    servers = Watched(folder, *deployed)
    try:
        await servers.start()
        yield servers
    finally:
        servers.close()


async def follows(node: Node) -> bool:
    """Whether it is a replica that has all that its master has; one that just changes sides hangs up."""
    with contextlib.suppress(RedisError, OSError):
        async with node.client as client:
            return bool((await client.info("replication")).get("master_link_status") == "up")
    return False


async def _sees_all(sentinel: Node) -> bool:
    state = await sentinel.ask("SENTINEL", "MASTER", SERVICE)
    return bool(state[b"num-other-sentinels"] == b"2" and state[b"num-slaves"] == b"1")
