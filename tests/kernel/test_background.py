"""What goes on beside a block, and how it ends."""

import asyncio
from contextlib import suppress

import pytest

from o2o.kernel.background import background


class Work:
    """Goes on until it is cancelled; the first `deaf` cancels it swallows, as redis-py does while it connects."""

    def __init__(self, deaf: int = 0) -> None:
        self.began = asyncio.Event()
        self.ended = False
        self._deaf = deaf

    async def run(self) -> None:
        self.began.set()
        for _cancel in range(self._deaf):
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


async def test_works_go_on_beside_the_block_and_end_with_it() -> None:
    works = Work(), Work()

    async with background(*(work.run() for work in works)):
        for work in works:
            await work.began.wait()
        assert not any(work.ended for work in works)

    assert all(work.ended for work in works)


async def test_a_work_ends_although_it_swallows_a_cancel() -> None:
    work = Work(deaf=2)

    async with background(work.run()):
        await work.began.wait()

    assert work.ended


async def test_what_the_block_raises_ends_the_work_and_goes_on() -> None:
    work = Work()

    async def break_off() -> None:
        async with background(work.run()):
            await work.began.wait()
            raise ValueError("of the block")

    with pytest.raises(ValueError, match="of the block"):
        await break_off()

    assert work.ended


async def test_a_work_that_has_failed_is_none_of_the_block_s_business() -> None:
    failed = asyncio.Event()

    async def fail() -> None:
        failed.set()
        raise ValueError("of the work")

    async with background(fail()):
        await failed.wait()

    assert failed.is_set()
