"""Limits count in a real Redis, and let everybody pass without one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from o2o.kernel.errors import TooManyError
from o2o.kernel.http import Operation
from o2o.kernel.limits import Limit, Limits, passed_unchecked
from o2o.kernel.redis import RedisPair, connect, open_redis


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisPair]:
    async with open_redis(None, tmp_path) as pair:
        yield pair


async def test_who_comes_too_often_is_refused_and_told_for_how_long(redis: RedisPair) -> None:
    limits = Limits(redis, enabled=True)
    for _ in range(3):
        await limits.check("address:a", 3, 60)

    with pytest.raises(TooManyError) as refused:
        await limits.check("address:a", 3, 60)

    assert 0 < refused.value.retry_after <= 60


@pytest.mark.parametrize(("left", "told"), [(7200, (7200, 120)), (61, (61, 2)), (60, (60, 1)), (0, (1, 1))])
async def test_how_long_is_said_in_seconds_and_in_minutes(
    redis: RedisPair, monkeypatch: pytest.MonkeyPatch, left: int, told: tuple[int, int]
) -> None:
    async def count(*_asked: object) -> tuple[int, int]:
        return 4, left

    monkeypatch.setattr("o2o.kernel.limits._LIMIT", count)

    with pytest.raises(TooManyError) as refused:
        await Limits(redis, enabled=True).check("address:a", 3, 7200)

    assert (refused.value.retry_after, refused.value.details["minutes"]) == told


async def test_others_are_counted_apart(redis: RedisPair) -> None:
    limits = Limits(redis, enabled=True)
    await limits.check("address:a", 1, 60)

    await limits.check("address:b", 1, 60)

    assert await redis.mutate.get("o2o:limit:address:b") == b"1"


async def test_a_window_ends(redis: RedisPair) -> None:
    limits = Limits(redis, enabled=True)
    await limits.check("address:a", 1, 60)
    await redis.mutate.delete("o2o:limit:address:a")  # What its expiry does.

    await limits.check("address:a", 1, 60)

    assert await redis.mutate.get("o2o:limit:address:a") == b"1"


async def test_a_window_is_not_pushed_on_by_who_keeps_coming(redis: RedisPair) -> None:
    limits = Limits(redis, enabled=True)
    await limits.check("address:a", 1, 60)
    await redis.mutate.expire("o2o:limit:address:a", 5)

    with pytest.raises(TooManyError) as refused:
        await limits.check("address:a", 1, 60)

    assert refused.value.retry_after <= 5


async def test_who_come_at_one_moment_are_counted_in_one_round_trip(redis: RedisPair) -> None:
    limits = Limits(redis, enabled=True)
    await limits.check("address:a", 100, 60)  # The script is known from here on.
    before = await reads(redis)

    await asyncio.gather(*(limits.check("address:a", 100, 60) for _ in range(8)))

    assert await redis.read.get("o2o:limit:address:a") == b"9"
    assert await reads(redis) - before <= 3  # Theirs, and the two that ask here.


async def test_of_those_who_come_at_one_moment_only_who_is_too_many_is_refused(redis: RedisPair) -> None:
    limits = Limits(redis, enabled=True)

    outcomes = await asyncio.gather(
        *(limits.check("address:a", 3, 60) for _ in range(5)),
        *(limits.check("address:b", 3, 60) for _ in range(2)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [type(None)] * 3 + [TooManyError] * 2 + [type(None)] * 2


async def reads(redis: RedisPair) -> int:
    """How often anything came in over the network."""
    return int((await redis.read.info("stats"))["total_reads_processed"])


async def test_limits_that_are_off_count_nothing(redis: RedisPair) -> None:
    limits = Limits(redis, enabled=False)
    for _ in range(3):
        await limits.check("address:a", 1, 60)

    assert await redis.read.dbsize() == 0


async def test_without_redis_everybody_passes_and_is_counted(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/nobody.sock"
    client = connect(url, Retry(NoBackoff(), 0))
    before = passed_unchecked._value.get()

    await Limits(RedisPair(client, client, url), enabled=True).check("address:a", 1, 60)

    assert passed_unchecked._value.get() == before + 1
    await client.aclose()


async def test_an_operation_is_counted_once_and_another_body_is_another(redis: RedisPair) -> None:
    limits, twice = Limits(redis, enabled=True), Limit(2, 60, "%(limit)s, then %(minutes)s min")
    for body in ("a", "a", "b", "a", "b"):
        await limits.check_operation("phone:a", Operation("one", body), twice)

    with pytest.raises(TooManyError, match="2, then 1 min") as refused:
        await limits.check_operation("phone:a", Operation("one", "c"), twice)

    await limits.check_operation("phone:a", Operation("one", "a"), twice)
    assert 0 < refused.value.retry_after <= 60
    assert 0 < await redis.read.ttl("o2o:limit:phone:a") <= 60
