"""Alive, ready, and the figures."""

from pathlib import Path

import pytest
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from o2o.kernel import health
from o2o.kernel.redis import RedisPair, connect
from tests.serving import Service, serve


async def test_a_service_whose_sql_and_redis_answer_is_ready(tmp_path: Path) -> None:
    async with serve(tmp_path, health.routes) as service:
        answer = await service.client().get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "sql": True, "redis": True})


async def test_without_redis_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    async with serve(tmp_path, health.routes) as service:
        url = f"unix://{tmp_path}/nobody.sock"
        nobody = connect(url, Retry(NoBackoff(), 0))
        client = _without_redis(service, RedisPair(nobody, nobody, url)).client()

        assert (await client.get("/healthz")).json() == {"alive": True}
        answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"ready": False, "sql": True, "redis": False})


@pytest.mark.parametrize("name", ["o2o_http_requests", "o2o_ledger_changes", "o2o_limits_unchecked"])
async def test_prometheus_finds_the_figures(tmp_path: Path, name: str) -> None:
    async with serve(tmp_path, health.routes) as service:
        answer = await service.client().get("/metrics")

    assert f"# HELP {name}" in answer.text


def _without_redis(service: Service, nobody: RedisPair) -> Service:
    return Service([{**service.state, "redis": nobody}], health.routes, service.clock)
