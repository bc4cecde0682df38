"""The two Redis clients and the embedded server (traps of redis-py)."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MaxConnectionsError, RedisError

from o2o.kernel.redis import NoRedisServerError, connect, embedded_server, identity, open_redis
from tests.faults.proxy import before_redis
from tests.servers import RedisServer, redis_server

COUNT_UP = "return redis.call('INCR', KEYS[1])"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path / "redis") as server:
        yield server


@pytest.fixture
async def direct(server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(server.url) as client:
        yield client


class TestLostReplies:
    async def test_mutate_does_not_run_a_script_twice(self, server: RedisServer, direct: Redis, tmp_path: Path) -> None:
        way, url = before_redis(server.url, tmp_path)
        async with way.laid(), open_redis(url, tmp_path) as redis:
            await redis.mutate.ping()
            way.cut_next_reply(b"EVAL")
            with pytest.raises(RedisConnectionError):
                await redis.mutate.eval(COUNT_UP, 1, "n")

        assert await direct.get("n") == b"1"

    async def test_a_client_as_the_library_makes_it_does(
        self, server: RedisServer, direct: Redis, tmp_path: Path
    ) -> None:
        way, _url = before_redis(server.url, tmp_path)
        async with way.laid(), Redis(unix_socket_path=str(way.listens)) as usual:
            await usual.ping()
            way.cut_next_reply(b"EVAL")
            await usual.eval(COUNT_UP, 1, "n")

        assert await direct.get("n") == b"2"


class TestPools:
    async def test_100_commands_wait_for_two_connections(self, server: RedisServer) -> None:
        async with connect(server.url, Retry(NoBackoff(), 0), connections=2) as client:
            await asyncio.gather(*(client.set(f"key-{n}", n) for n in range(100)))

            assert await client.dbsize() == 100

    async def test_the_librarys_own_pool_raises_at_its_limit(self, server: RedisServer) -> None:
        async with Redis.from_pool(ConnectionPool.from_url(server.url, max_connections=2)) as usual:
            sets = (usual.set(f"key-{n}", n) for n in range(100))
            results = await asyncio.gather(*sets, return_exceptions=True)

        assert any(isinstance(result, MaxConnectionsError) for result in results)


class TestEmbeddedServer:
    async def test_it_is_a_real_redis_that_never_evicts_and_is_gone_afterwards(self, tmp_path: Path) -> None:
        async with open_redis(None, tmp_path) as redis:
            memory = await redis.read.info("memory")
            socket = Path(redis.url.removeprefix("unix://"))

        assert memory["maxmemory_policy"] == "noeviction"
        assert not socket.exists()

    async def test_only_its_owner_may_reach_it(self, tmp_path: Path) -> None:
        async with embedded_server(tmp_path) as url:
            folder = Path(url.removeprefix("unix://")).parent

            assert folder.stat().st_mode & 0o777 == 0o700

    async def test_each_start_is_another_identity(self, server: RedisServer, direct: Redis) -> None:
        before = await identity(direct)
        await server.kill()
        await server.start()

        assert await identity(direct) != before

    async def test_without_a_server_program_the_error_says_what_to_install(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

        with pytest.raises(NoRedisServerError, match="install redis-server"):
            async with embedded_server(tmp_path):
                pass

    async def test_a_redis_that_is_away_is_an_error_at_once(self, tmp_path: Path) -> None:
        async with open_redis(f"unix://{tmp_path / 'nobody'}", tmp_path) as redis:
            with pytest.raises((RedisError, OSError)):
                await redis.mutate.ping()


async def test_what_is_being_asked_at_the_end_is_not_asked_again(
    server: RedisServer, direct: Redis, tmp_path: Path
) -> None:
    """A reading repeats what failed; after the end that was a new connection, which nobody would have closed."""
    async with open_redis(server.url, tmp_path) as redis:
        waiting = asyncio.ensure_future(redis.read.blpop(["nothing"], 0))
        while not (await direct.info("clients"))["blocked_clients"]:
            await asyncio.sleep(0.01)

    with pytest.raises(RedisConnectionError):
        await asyncio.wait_for(waiting, 60)
    async with asyncio.timeout(60):
        while len(await direct.client_list()) > 1:
            await asyncio.sleep(0.01)
