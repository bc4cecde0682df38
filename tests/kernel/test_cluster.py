"""The client of a cluster: where a command goes, what is asked again, what is not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.exceptions import AskError, MovedError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError

from o2o.kernel import cluster as routing
from o2o.kernel import redis as opening
from o2o.kernel.addresses import Address
from o2o.kernel.redis import RedisPair, count_listeners, identities, masters, open_redis
from o2o.kernel.trips import replies, values
from tests.nodes import Node, RedisCluster, is_sound, redis_cluster, until_true

COUNT_UP = "return redis.call('INCR', KEYS[1])"
PATIENT_MS = 20_000  # A node that runs a slow script is not dead.
TWO = "redis.call('INCR', KEYS[1]) return redis.call('INCR', KEYS[2])"
SLOW = """
    redis.call('INCR', KEYS[1])
    local function now() local time = redis.call('TIME') return time[1] * 1000000 + time[2] end
    local begun = now()
    while now() - begun < 2000000 do end
"""


@pytest.fixture(scope="module")
def masters_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"), masters=3, replicas=0, timeout_ms=PATIENT_MS)
    asyncio.run(cluster.start())
    yield cluster
    cluster.close()


@pytest.fixture
async def cluster(masters_alone: RedisCluster) -> RedisCluster:
    for node in masters_alone.nodes:
        await node.ask("FLUSHALL")
    return masters_alone


@pytest.fixture
async def redis(cluster: RedisCluster, tmp_path: Path) -> AsyncIterator[RedisPair]:
    async with open_redis(cluster.url, tmp_path) as pair:
        yield pair


async def test_each_command_goes_to_the_node_of_its_key(redis: RedisPair) -> None:
    keys = [f"key-{n}" for n in range(100)]
    await asyncio.gather(*(redis.mutate.eval(COUNT_UP, 1, key) for key in keys))

    told = await values(redis.read, [("INCRBY", key, n) for n, key in enumerate(keys)])

    assert told == [n + 1 for n in range(100)]
    assert sum([await server.dbsize() for server in await masters(redis.read)]) == 100
    assert len(set(await identities(redis.read, keys))) == 3


async def test_an_error_stands_among_the_answers_or_is_raised(redis: RedisPair) -> None:
    await redis.mutate.set("text", "no number")

    told = await replies(redis.read, [("INCR", "text"), ("INCR", "n")])

    assert (isinstance(told[0], RedisError), told[1]) == (True, 1)
    with pytest.raises(RedisError, match="not an integer"):
        await values(redis.read, [("INCR", "n"), ("INCR", "text")])


async def test_nobody_gets_a_pipeline_that_knows_no_slots(redis: RedisPair) -> None:
    with pytest.raises(NotImplementedError):
        redis.read.pipeline(transaction=False)


async def test_what_is_announced_at_one_node_is_heard_at_another(redis: RedisPair, cluster: RedisCluster) -> None:
    async with await redis.listener() as client, client.pubsub() as channel:
        await channel.subscribe("news")
        await channel.get_message(timeout=60)
        for n in range(30):
            await redis.mutate.eval("return redis.call('PUBLISH', 'news', KEYS[1])", 1, f"key-{n}")
        heard = {(await channel.get_message(timeout=60) or {})["data"] for _ in range(30)}

        assert heard == {f"key-{n}".encode() for n in range(30)}
        assert await count_listeners(redis.read, "news") == 1


class TestLostReplies:
    @pytest.fixture
    async def impatient(
        self, cluster: RedisCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[RedisPair]:
        """A pair that waits a second for a reply."""
        monkeypatch.setattr(opening, "SOCKET_TIMEOUT_S", 1)
        async with open_redis(cluster.url, tmp_path) as redis:
            await until_read(redis, "n")
            yield redis

    async def test_mutate_does_not_run_a_script_twice(self, impatient: RedisPair, cluster: RedisCluster) -> None:
        with pytest.raises((RedisError, OSError)):
            await impatient.mutate.eval(SLOW, 1, "n")

        assert await counted(cluster) == 1

    async def test_read_may(self, impatient: RedisPair, cluster: RedisCluster) -> None:
        """The control: what only reads is asked again, and so would a script be."""
        with pytest.raises((RedisError, OSError)):
            await impatient.read.eval(SLOW, 1, "n")

        assert await counted(cluster) > 1


class TestPools:
    async def test_100_commands_wait_for_two_connections(
        self, cluster: RedisCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = opening.connect

        def narrow(url: str, retry: Retry, **options: int) -> object:
            return whole(url, retry, 2, **options)

        monkeypatch.setattr(opening, "connect", narrow)
        async with open_redis(cluster.url, tmp_path) as redis:
            await asyncio.gather(*(redis.mutate.incr("n") for _ in range(100)))

            assert await redis.read.get("n") == b"100"


class TestASlotThatMoves:
    """Each command is carried out once: what a node refuses has not happened."""

    async def test_while_many_write_to_it(
        self, redis: RedisPair, cluster: RedisCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(routing, "MOVING_S", 60)
        await asyncio.gather(*(redis.mutate.set(f"{{here}}:{n}", n) for n in range(40)))
        moving = asyncio.create_task(cluster.move("{here}", pause_s=0.01))
        done = 0
        while not moving.done():
            await asyncio.gather(*(redis.mutate.incr("{here}:n") for _ in range(20)))
            await asyncio.gather(*(redis.mutate.eval(TWO, 2, "{here}:a", "{here}:b") for _ in range(20)))
            done += 20
        target = await moving

        assert await target.ask("MGET", "{here}:n", "{here}:a", "{here}:b") == [str(done).encode()] * 3
        assert await redis.read.get("{here}:39") == b"39"

    async def test_a_client_learns_of_it_without_being_refused_twice(
        self, redis: RedisPair, cluster: RedisCluster
    ) -> None:
        await redis.mutate.incr("{here}")
        assert not await redis.seek("{here}")
        target = await cluster.move("{here}")

        assert await redis.seek("{here}")
        assert (await identities(redis.read, ["{here}"]))[0].startswith(await run_id(target))
        assert await redis.mutate.incr("{here}") == 2

    @pytest.mark.parametrize("told", [MovedError, AskError])
    async def test_a_node_that_names_no_host_means_its_own(self, told: type[AskError]) -> None:
        """As nodes do that don't know how they are reached, behind a translated address."""
        cluster = routing.Cluster([], lambda address: Redis(host=address.host, port=address.port), 0)
        here = Address("far", 1)
        cluster._view = routing.View(sound=True, epoch=1, slots=[here], replicas={})
        asked = []

        async def once(node: Redis, _before: object) -> str:
            at = node.connection_pool.connection_kwargs
            asked.append((at["host"], at["port"]))
            if len(asked) == 1:
                raise told("0 :2")
            return "done"

        assert await cluster._follow(0, once) == "done"
        assert asked == [("far", 1), ("far", 2)]
        await cluster.aclose()


class TestAMasterThatDies:
    async def test_its_replica_is_asked_when_it_has_taken_over(self, tmp_path: Path) -> None:
        async with redis_cluster(tmp_path / "cluster") as cluster, open_redis(cluster.url, tmp_path) as redis:
            await redis.mutate.set("{here}", "kept")
            before = await identities(redis.read, ["{here}", "{there}"])
            (await cluster.master_of("{here}")).kill()
            with pytest.raises((RedisError, OSError)):
                await redis.mutate.set("{here}", "lost")

            assert await until_read(redis, "{here}") == b"kept"
            after = await identities(redis.read, ["{here}", "{there}"])
            assert (after[0] == before[0], after[1] == before[1]) == (False, True)

    async def test_who_only_asks_in_batches_finds_it_too(self, tmp_path: Path) -> None:
        """As the scripts of a desk go: no command of their client goes alone, and none is asked again."""
        async with redis_cluster(tmp_path / "cluster") as cluster, open_redis(cluster.url, tmp_path) as redis:

            async def asked() -> object:
                (answer,) = await replies(redis.mutate, [("INCR", "{here}")])
                return answer

            first = await asked()
            (await cluster.master_of("{here}")).kill()
            lost = await asked()
            async with asyncio.timeout(60):
                while isinstance(answer := await asked(), Exception):
                    await asyncio.sleep(0.05)

        assert (first, isinstance(lost, Exception), isinstance(answer, int)) == (1, True, True)

    async def test_who_asks_many_hears_what_the_others_say(self, cluster: RedisCluster, redis: RedisPair) -> None:
        at = {await cluster.master_of(key): key for key in map(str, range(20))}
        first, other = at[cluster.nodes[0]], at[cluster.nodes[1]]
        await redis.mutate.set(other, "said")
        cluster.nodes[0].kill()
        answers = await replies(redis.read, [("GET", first), ("GET", other)])
        known = await identities(redis.read, [first, other])
        await cluster.nodes[0].start()
        for node in cluster.nodes:
            await until_true(partial(is_sound, node))

        assert (isinstance(answers[0], Exception), answers[1]) == (True, b"said")
        assert (known[0], bool(known[1])) == ("", True)

    async def test_a_cluster_of_which_no_node_answers_is_away(self, tmp_path: Path) -> None:
        async with open_redis("redis+cluster://127.0.0.1:1,127.0.0.1:2", tmp_path) as redis:
            with pytest.raises(RedisConnectionError, match="no node"):
                await redis.mutate.ping()


async def counted(cluster: RedisCluster) -> int:
    """How often the script has run, when it has ended."""
    master = await cluster.master_of("n")
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(RedisError, OSError):
                return int(await master.ask("GET", "n"))
            await asyncio.sleep(0.1)


async def until_read(redis: RedisPair, key: str) -> bytes | str | None:
    async with asyncio.timeout(60):
        while True:
            try:
                return await redis.read.get(key)
            except (RedisError, OSError):
                await asyncio.sleep(0.1)


async def run_id(node: Node) -> str:
    info = await node.ask("INFO", "server")
    return str(info["run_id"])
