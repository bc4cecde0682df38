"""What the doctor says of a cluster and of sentinels."""

import contextlib
from pathlib import Path

from redis.exceptions import RedisError

from o2o.doctor.finding import Verdict
from tests.doctor.conftest import Installation
from tests.nodes import RedisCluster, redis_cluster, until_true, watched

MIND, WRONG = Verdict.MIND, Verdict.WRONG


async def test_a_cluster_without_replicas_is_minded_and_one_that_lost_a_master_wrong(
    installation: Installation, tmp_path: Path
) -> None:
    async with redis_cluster(tmp_path / "cluster", replicas=0) as cluster:
        installation.environ["O2O_REDIS_URL"] = cluster.url

        assert await installation.ills() == {"redis.alone": MIND}
        assert (await installation.findings())["redis.cluster"].said == "a cluster of 3 masters and 0 replicas"

        cluster.nodes[2].kill()
        await until_true(lambda: knows_of_the_loss(cluster))
        assert (await installation.ills())["redis.slots"] is WRONG


async def test_a_cluster_whose_masters_all_have_a_replica_is_well(installation: Installation, tmp_path: Path) -> None:
    async with redis_cluster(tmp_path / "cluster") as cluster:
        installation.environ["O2O_REDIS_URL"] = cluster.url

        assert await installation.ills() == {}


async def test_sentinels_are_well_until_one_is_missing_and_until_the_master_is_alone(
    installation: Installation, tmp_path: Path
) -> None:
    async with watched(tmp_path / "redis") as servers:
        installation.environ["O2O_REDIS_URL"] = servers.url
        assert await installation.ills() == {}

        servers.sentinels[2].kill()
        assert await installation.ills() == {"redis.sentinels": MIND}
        servers.servers[1].kill()
        assert await installation.ills() == {"redis.sentinels": MIND, "redis.alone": MIND}


async def knows_of_the_loss(cluster: RedisCluster) -> bool:
    with contextlib.suppress(RedisError):
        return all([b"cluster_state:fail" in await node.ask("CLUSTER", "INFO") for node in cluster.nodes[:2]])
    return False
