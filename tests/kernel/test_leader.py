"""One process leads; another does within seconds of its death; `o2o worker` goes before those who serve."""

import asyncio
import time
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from o2o.kernel import leader
from o2o.kernel.leader import Leadership, standing_by
from tests.servers import RedisServer

New = Callable[..., Leadership]


@pytest.fixture
def new(redis_client: Redis) -> New:
    return lambda *, worker=False: Leadership(redis_client, worker=worker)


async def test_one_of_many_leads(new: New) -> None:
    several = [new() for _ in range(8)]

    assert sorted(await asyncio.gather(*(one.seek() for one in several))) == [False] * 7 + [True]
    assert sorted(one.leads for one in several) == [False] * 7 + [True]


async def test_the_leader_keeps_the_lead(new: New) -> None:
    first, second = new(), new()

    assert [await first.seek(), await second.seek(), await first.seek()] == [True, False, True]


async def test_a_leader_that_ends_in_order_lets_another_lead_at_once(new: New) -> None:
    first, second = new(), new()
    await first.seek()

    await first.give_up()

    assert not first.leads
    assert await second.seek()


@pytest.mark.parametrize("worker", [False, True])
async def test_a_redis_that_is_full_has_a_leader_too(new: New, redis_client: Redis, *, worker: bool) -> None:
    await redis_client.config_set("maxmemory", 1)
    first = new(worker=worker)

    assert [await first.seek(), await new().seek(), await first.seek()] == [True, False, True]


async def test_who_does_not_lead_gives_nothing_up(new: New) -> None:
    first, second = new(), new()
    await first.seek()

    await second.give_up()

    assert [await first.seek(), await second.seek()] == [True, False]


async def test_after_a_leaders_death_another_leads(redis_client: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "PULSE_S", 0.05)
    monkeypatch.setattr(leader, "LASTS_S", 0.5)
    dead, begun = Leadership(redis_client, worker=False), time.monotonic()
    await dead.seek()

    async with standing_by(redis_client, worker=False) as other, asyncio.timeout(60):
        while not other.leads:
            await asyncio.sleep(0.02)

        assert time.monotonic() - begun >= leader.LASTS_S
        assert not dead.leads


async def test_a_worker_goes_before_those_who_serve(new: New) -> None:
    serving, worker = new(), new(worker=True)
    await serving.seek()

    told = [await worker.seek(), await serving.seek(), await worker.seek(), await serving.seek()]

    assert told == [False, False, True, False]


async def test_without_a_worker_those_who_serve_lead_again(new: New) -> None:
    serving, worker = new(), new(worker=True)
    await worker.seek()
    assert not await serving.seek()

    await worker.give_up()

    assert await serving.seek()


async def test_of_two_workers_one_leads(new: New) -> None:
    first, second = new(worker=True), new(worker=True)

    assert [await first.seek(), await second.seek(), await first.seek()] == [True, False, True]


async def test_a_leader_that_was_frozen_knows_that_its_time_is_over(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "LASTS_S", 0.2)
    first, second = new(), new()
    await first.seek()

    await asyncio.sleep(0.5)

    assert not first.leads
    assert await second.seek()


async def test_without_redis_nobody_leads(new: New, redis: RedisServer) -> None:
    first = new()
    await first.seek()
    await redis.kill()

    assert not await first.seek()
    assert not first.leads
