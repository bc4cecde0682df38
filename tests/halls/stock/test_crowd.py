"""Who comes for what was gone a moment ago is judged together, and exactly."""

import asyncio
from collections.abc import Sequence

import pytest

from halls.stock.errors import OutOfStockError
from halls.stock.schemas import Hold
from halls.stock.states import HOLD_MS
from tests.halls.stock.rooms import SKU, Process, altered

Told = Hold | BaseException


@pytest.fixture
async def rushed(one: Process, monkeypatch: pytest.MonkeyPatch) -> Process:
    """The last one is held under "mine", and somebody else was refused just now, however slow the machine is."""
    monkeypatch.setattr("halls.stock.crowd.MOMENT_S", 3600)
    await one.receive(1)
    await one.hold(key="mine")
    with pytest.raises(OutOfStockError):
        await one.hold(who="wang")
    one.clock.advance(milliseconds=1)
    return one


async def crowd(one: Process, count: int = 30) -> Sequence[Told]:
    return await asyncio.gather(*(one.hold(who=f"buyer {n}") for n in range(count)), return_exceptions=True)


def left_told(answers: Sequence[Told]) -> list[object]:
    return [one.details["available"] for one in answers if isinstance(one, OutOfStockError)]


async def test_a_crowd_is_refused_by_few_commands_and_remembered_by_none_of_its_ids(rushed: Process) -> None:
    assert left_told(await crowd(rushed, 200)) == [0] * 200

    assert await rushed.redis.read.hlen("{place:heping}:refused") <= 5
    assert await rushed.counts() == (1, 0, 1)


async def test_what_arrives_is_had_by_the_crowd_at_once(rushed: Process) -> None:
    await crowd(rushed)
    await rushed.receive(2)
    rushed.clock.advance(milliseconds=1)

    answers = await crowd(rushed)

    assert sum(isinstance(answer, Hold) for answer in answers) == 2
    assert await rushed.counts() == (3, 0, 3)


async def test_what_an_ended_hold_kept_is_had_by_one_of_the_crowd(rushed: Process) -> None:
    await crowd(rushed)
    rushed.clock.advance(milliseconds=HOLD_MS)

    assert sum(isinstance(answer, Hold) for answer in await crowd(rushed)) == 1


async def test_whoever_has_it_and_asks_again_is_not_turned_away(rushed: Process) -> None:
    *others, again = await asyncio.gather(
        *(rushed.hold(who=f"buyer {n}") for n in range(20)), rushed.hold(key="mine"), return_exceptions=True
    )

    assert left_told(others) == [0] * 20
    assert isinstance(again, Hold)


async def test_whoever_wants_no_more_than_there_is_gets_it(one: Process) -> None:
    await one.receive(2)
    with pytest.raises(OutOfStockError):
        await one.hold(3)

    answers = await asyncio.gather(*(one.hold(n % 2 * 2 + 1, who=f"{n}") for n in range(8)), return_exceptions=True)

    assert sum(isinstance(answer, Hold) for answer in answers) == 2
    assert await one.counts() == (2, 0, 2)


async def an_attempt_that_was_slow(rushed: Process) -> None:
    """It was received before the crowd was turned away, and is carried out when more has come."""
    slow = rushed.attempt()
    rushed.clock.advance(milliseconds=5)
    await crowd(rushed)
    await rushed.receive(1)
    rushed.clock.advance(milliseconds=5)
    await rushed.stock.hold("heping", SKU, 1, slow, holder="li")


async def test_an_attempt_that_was_slow_is_told_what_the_crowd_was_told(rushed: Process) -> None:
    with pytest.raises(OutOfStockError):
        await an_attempt_that_was_slow(rushed)

    assert (await rushed.hold()).state == "active"


async def test_control_without_the_crowd_s_moment_a_slow_attempt_gets_what_its_repeat_was_refused(
    rushed: Process,
) -> None:
    altered("if late then return late end", "", rushed)

    await an_attempt_that_was_slow(rushed)

    assert await rushed.counts() == (2, 0, 2)
