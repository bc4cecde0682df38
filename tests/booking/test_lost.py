"""A hall that Redis has lost is looked at: it is loaded for that, and nobody is told that it is empty."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from booking import endpoints, hall_endpoints
from o2o.kernel.errors import UnavailableError
from o2o.kernel.ledger import Ledger
from tests.booking.halls import Process
from tests.serving import Service, add_halls, serve, with_key


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*endpoints.routes, *hall_endpoints.routes]) as service:
        await add_halls(service, "heping", "nankai")
        yield service


async def test_the_finder_and_the_halls_own_page_say_how_many_are_there(service: Service) -> None:
    phone = service.client()
    for number in range(3):
        wish, key = {"service": "sim"}, with_key(f"a-key-of-somebody-{number}")
        assert (await phone.post("/api/v1/halls/heping/tickets", json=wish, headers=key)).status_code == 201
    await service.state["redis"].mutate.flushall()

    halls = (await phone.get("/api/v1/halls")).json()["halls"]
    assert {hall["id"]: hall["head_count"] for hall in halls} == {"heping": 3, "nankai": 0}
    await service.state["redis"].mutate.flushall()
    hall = (await phone.get("/api/v1/halls/heping")).json()
    assert (hall["head_count"], hall["services"][0]["waiting"]) == (3, 3)


async def test_who_looks_at_the_line_sees_who_waits(one: Process, redis_client: Redis) -> None:
    await one.take()
    await redis_client.flushall()

    picture = await one.line.picture(one.hall)
    assert picture is not None
    assert picture.head_count == 1


async def test_while_sql_is_away_it_looks_empty_and_nothing_breaks(
    one: Process, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one.take()
    await redis_client.flushall()
    monkeypatch.setattr(Ledger, "ensure_up", _away)

    assert await one.line.picture(one.hall) is None
    assert [load.head_count for load in await one.line.loads([one.hall])] == [0]


async def _away(_ledger: Ledger) -> None:
    raise UnavailableError("SQL is away", retry_after=1)
