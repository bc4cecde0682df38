"""Who takes over when a Redis dies: the cluster and its replicas, or the sentinels and theirs."""

import asyncio
from typing import Final

from redis.crc import REDIS_CLUSTER_HASH_SLOTS

from o2o.doctor.finding import Finding, fine, mind, wrong
from o2o.kernel.cluster import Cluster, View
from o2o.kernel.redis import RedisPair
from o2o.kernel.sentinel import Sentinels

QUORUM: Final = 3
"""Fewer sentinels can't outvote one that is wrong."""


async def examine_replicas(redis: RedisPair) -> list[Finding]:
    """Nothing to say of a single server. Raises RedisError."""
    if isinstance(redis.read, Cluster):
        return _of_cluster(await redis.read.look())
    return await _of_sentinels(redis, redis.sentinels) if redis.sentinels else []


def _of_cluster(view: View) -> list[Finding]:
    served = REDIS_CLUSTER_HASH_SLOTS - view.slots.count(None)
    found = [fine("redis.cluster", f"a cluster of {len(view.masters)} masters and {len(view.replicas)} replicas")]
    if served < REDIS_CLUSTER_HASH_SLOTS or not view.sound:
        state = "well" if view.sound else "failing"
        said = f"the cluster is {state}, and shares out {served:,} of {REDIS_CLUSTER_HASH_SLOTS:,} slots"
        found.append(wrong("redis.slots", said, "run redis-cli --cluster check, and start the node that is missing"))
    followed = set(view.replicas.values())
    alone = [f"{host}:{port}" for host, port in view.masters if (host, port) not in followed]
    return [*found, *([_alone(", ".join(alone))] if alone else [])]


async def _of_sentinels(redis: RedisPair, sentinels: Sentinels) -> list[Finding]:
    told = await asyncio.gather(*(sentinels.ask(one) for one in sentinels.sentinels), return_exceptions=True)
    states = [state for state in told if isinstance(state, dict)]
    found = fine("redis.sentinels", f"{len(states)} sentinels watch {sentinels.service}")
    if len(states) < max(len(told), QUORUM):
        said = f"{len(states)} of {len(told)} sentinels answer, and it takes {QUORUM} to be sure of each other"
        found = mind("redis.sentinels", said, "start what is missing, and name all of them in O2O_REDIS_URL")
    elif len({(state["ip"], state["port"]) for state in states}) > 1:
        found = mind("redis.sentinels", "they name different masters", "look again in a minute; read their logs")
    followers = (await redis.read.info("replication"))["connected_slaves"]
    return [found] if followers else [found, _alone("the master")]


def _alone(who: str) -> Finding:
    said = f"{who} has no replica: when it dies, lines stand still until it is back"
    return mind("redis.alone", said, "start a replica of it (docs/operating.md)")
