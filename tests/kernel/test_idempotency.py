"""A write is done once, however often it is sent."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from o2o.kernel.clock import Clock
from o2o.kernel.database import connection, open_database
from o2o.kernel.errors import ConflictError, IdempotencyKeyReusedError
from o2o.kernel.http import Operation
from o2o.kernel.idempotency import Answer, answered, forget, once, sweep
from o2o.kernel.models import Fence, Idempotency
from tests.serving import MovableClock

OPERATION = Operation("o" * 22, "b" * 22)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(autouse=True)
async def opened(database: str) -> AsyncIterator[None]:
    async with open_database(database):
        yield


async def add_fence(client: BaseDBAsyncClient) -> dict[str, int]:
    count = await Fence.all().using_db(client).count()
    await Fence.create(tag=f"place:{secrets.token_hex(8)}", epoch=1, using_db=client)
    return {"count": count}


async def take_fence(client: BaseDBAsyncClient) -> dict[str, int]:
    """What can be done once: whoever comes later is refused."""
    fence = await Fence.filter(tag="place:1").using_db(client).select_for_update().get()
    if fence.epoch == 2:
        raise ConflictError("It is taken.")
    await Fence.filter(tag="place:1").using_db(client).update(epoch=2)
    return {"taken": fence.epoch}


async def test_a_repeat_gets_the_first_answer_and_does_nothing(clock: Clock) -> None:
    first = await once(OPERATION, clock, add_fence, 201)

    assert await once(OPERATION, clock, add_fence, 201) == first == Answer(201, b'{"count":0}')
    assert await Fence.all().count() == 1


async def test_repeats_at_the_same_moment_get_one_answer(clock: Clock) -> None:
    answers = await asyncio.gather(*(once(OPERATION, clock, add_fence) for _ in range(20)))

    assert len(set(answers)) == 1
    assert await Fence.all().count() == 1


async def test_a_repeat_that_comes_too_late_for_the_work_is_answered_as_the_first(clock: Clock) -> None:
    await Fence.create(tag="place:1", epoch=1)

    answers = await asyncio.gather(*(once(OPERATION, clock, take_fence) for _ in range(8)))

    assert set(answers) == {Answer(200, b'{"taken":1}')}


@pytest.mark.postgres
async def test_so_is_one_that_had_begun_to_work_before_the_first_was_done(clock: Clock) -> None:
    await Fence.create(tag="place:1", epoch=1)
    both = asyncio.Barrier(2)  # Neither finds a stored answer.

    async def take_together(client: BaseDBAsyncClient) -> dict[str, int]:
        await both.wait()
        return await take_fence(client)

    answers = await asyncio.gather(*(once(OPERATION, clock, take_together) for _ in range(2)))

    assert set(answers) == {Answer(200, b'{"taken":1}')}


async def test_an_answer_that_turned_out_not_to_be_so_is_forgotten(clock: Clock) -> None:
    other = Operation("p" * 22, "b" * 22)
    first, kept = await once(OPERATION, clock, add_fence), await once(other, clock, add_fence)
    assert await answered(OPERATION, clock) == first

    await forget(connection(), OPERATION)

    assert (await answered(OPERATION, clock), await answered(other, clock)) == (None, kept)
    assert await once(OPERATION, clock, add_fence) == Answer(200, b'{"count":2}')


async def test_a_key_can_be_used_anew_once_its_answer_is_too_old(clock: MovableClock) -> None:
    await once(OPERATION, clock, add_fence)
    clock.advance(hours=24, seconds=1)

    assert await once(OPERATION, clock, add_fence) == Answer(200, b'{"count":1}')


async def test_control_without_the_key_each_attempt_would_act(clock: Clock) -> None:
    operations = [Operation(f"{n:022}", "b" * 22) for n in range(5)]

    await asyncio.gather(*(once(operation, clock, add_fence) for operation in operations))

    assert await Fence.all().count() == 5


async def test_another_body_under_the_key_is_refused_and_writes_nothing(clock: Clock) -> None:
    await once(OPERATION, clock, add_fence)

    with pytest.raises(IdempotencyKeyReusedError):
        await once(Operation(OPERATION.id, "c" * 22), clock, add_fence)

    assert await Fence.all().count() == 1


async def test_a_refusal_is_judged_anew_and_leaves_nothing(clock: Clock) -> None:
    async def refuse(client: BaseDBAsyncClient) -> None:
        await add_fence(client)
        raise ConflictError("No.")

    with pytest.raises(ConflictError):
        await once(OPERATION, clock, refuse)

    assert await Fence.all().count() == await Idempotency.all().count() == 0
    assert await once(OPERATION, clock, add_fence) == Answer(200, b'{"count":0}')


async def test_a_conflict_in_the_work_itself_is_not_taken_for_a_repeat(clock: Clock) -> None:
    await Fence.create(tag="place:1", epoch=1)

    with pytest.raises(IntegrityError):
        await once(OPERATION, clock, lambda client: Fence.create(tag="place:1", epoch=1, using_db=client))


async def test_answers_are_kept_for_a_day(clock: MovableClock) -> None:
    await once(OPERATION, clock, add_fence)

    clock.advance(hours=23)
    assert await sweep(clock) == 0
    clock.now += timedelta(hours=2)
    assert await sweep(clock) == 1
