import asyncio
from collections.abc import Collection, Mapping

import pytest

from o2o.kernel.sharing import Shared


class Source:
    """Answers with how often it was read, once it is let go on."""

    def __init__(self) -> None:
        self.readings: list[set[str]] = []
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def read(self, keys: Collection[str]) -> Mapping[str, int]:
        self.readings.append(set(keys))
        count = len(self.readings)
        await self.go.wait()
        if self.error:
            raise self.error
        return dict.fromkeys(keys, count)


@pytest.fixture
def source() -> Source:
    return Source()


async def started(*asked: asyncio.Task[list[int]]) -> None:
    for _turn in range(5):
        await asyncio.sleep(0)


async def test_who_asks_at_the_same_moment_shares_one_reading(source: Source) -> None:
    shared = Shared(source.read)
    source.go.set()

    answers = await asyncio.gather(*(shared.get(keys) for keys in (["a", "b"], ["b"], ["c"])))

    assert answers == [[1, 1], [1], [1]]
    assert source.readings == [{"a", "b", "c"}]


async def test_who_asks_meanwhile_gets_what_was_read_after_the_question(source: Source) -> None:
    shared = Shared(source.read)
    first = asyncio.create_task(shared.get(["a"]))
    await started(first)
    others = [asyncio.create_task(shared.get([key])) for key in ("a", "b", "b")]
    await started(*others)
    source.go.set()

    assert await first == [1]
    assert await asyncio.gather(*others) == [[2], [2], [2]]
    assert source.readings == [{"a"}, {"a", "b"}]


async def test_nothing_is_remembered(source: Source) -> None:
    shared = Shared(source.read)
    source.go.set()

    assert [await shared.get(["a"]) for _time in range(3)] == [[1], [2], [3]]


async def test_an_error_reaches_everybody_and_the_next_reading_is_made(source: Source) -> None:
    shared = Shared(source.read)
    source.error = OSError("away")
    source.go.set()

    answers = await asyncio.gather(*(shared.get([key]) for key in ("a", "b")), return_exceptions=True)

    assert answers == [source.error] * 2
    source.error = None
    assert await shared.get(["a"]) == [2]


async def test_who_goes_away_takes_nothing_from_the_others(source: Source) -> None:
    shared = Shared(source.read)
    gone, waits = (asyncio.create_task(shared.get(["a"])) for _person in range(2))
    await started(gone, waits)
    gone.cancel()
    await started()
    source.go.set()

    assert await waits == [1]
    assert gone.cancelled()


async def test_a_crowd_costs_two_readings(source: Source) -> None:
    shared = Shared(source.read)
    early = asyncio.create_task(shared.get(["a"]))
    await started(early)
    crowd = [asyncio.create_task(shared.get(["a"])) for _person in range(100)]
    await started(*crowd)
    source.go.set()

    await asyncio.gather(early, *crowd)

    assert len(source.readings) == 2
