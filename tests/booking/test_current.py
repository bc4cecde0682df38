"""An answer is given again while SQL has nothing newer, whichever process wrote it."""

from collections.abc import Sequence

import pytest

from booking import current
from booking.current import AGE, MOST, Current, Made
from halls.hall import Hall
from o2o.kernel.statements import Version
from tests.booking.halls import Process
from tests.serving import MovableClock

BEHIND = (0, 0)


class Kitchen:
    """Counts how often it makes an answer; `of` is the version that it says the answer is of."""

    def __init__(self, clock: MovableClock, of: Version | None = None) -> None:
        self.current = Current(clock)
        self.made = 0
        self._of = of

    async def serve(self, hall: Hall, key: str = "a") -> bytes:
        return await self.current.answer(hall, key, self._make)

    async def _make(self, version: Version) -> Made:
        self.made += 1
        return Made(b"%d" % self.made, self._of or version)


async def test_an_answer_is_given_again_while_nothing_changes(one: Process, clock: MovableClock) -> None:
    await one.take()
    kitchen = Kitchen(clock)

    assert [await kitchen.serve(one.hall) for _time in range(3)] == [b"1", b"1", b"1"]
    assert await kitchen.serve(one.hall, "b") == b"2"


async def test_a_change_by_another_process_is_seen_at_once(two: list[Process], clock: MovableClock) -> None:
    one, other = two
    kitchen = Kitchen(clock)
    await kitchen.serve(one.hall)

    row = await other.take()

    assert await kitchen.serve(one.hall) == b"2"
    await other.leave(row)
    assert await kitchen.serve(one.hall) == b"3"


async def test_it_would_not_be_if_nobody_looked(
    two: list[Process], clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def blind(_client: object, tags: Sequence[str]) -> dict[str, Version]:
        return dict.fromkeys(tags, (1, 1))

    monkeypatch.setattr(current, "last_versions", blind)
    one, other = two
    kitchen = Kitchen(clock)
    await kitchen.serve(one.hall)

    await other.take()

    assert await kitchen.serve(one.hall) == b"1"


async def test_another_hall_s_changes_are_no_matter(one: Process, clock: MovableClock) -> None:
    await one.add_hall("nankai")
    kitchen = Kitchen(clock)
    await kitchen.serve(one.hall)

    await one.take(hall="nankai")

    assert await kitchen.serve(one.hall) == b"1"


async def test_an_ended_epoch_s_answers_are_given_no_more(one: Process, clock: MovableClock) -> None:
    await one.take()
    kitchen = Kitchen(clock)
    await kitchen.serve(one.hall)

    await one.line.desk(one.hall).rebuild()

    assert await kitchen.serve(one.hall) == b"2"


async def test_a_new_revision_of_the_hall_is_another_hall(one: Process, clock: MovableClock) -> None:
    kitchen = Kitchen(clock)
    await kitchen.serve(one.hall)

    await one.configure(capacity=7)

    assert await kitchen.serve(one.hall) == b"2"


async def test_time_makes_an_answer_old(one: Process, clock: MovableClock) -> None:
    kitchen = Kitchen(clock)
    await kitchen.serve(one.hall)

    clock.advance(seconds=AGE.total_seconds())

    assert await kitchen.serve(one.hall) == b"2"


async def test_what_was_made_of_an_earlier_version_is_not_kept(one: Process, clock: MovableClock) -> None:
    await one.take()
    kitchen = Kitchen(clock, of=BEHIND)

    assert [await kitchen.serve(one.hall) for _time in range(2)] == [b"1", b"2"]


async def test_no_more_is_kept_than_there_is_room_for(
    one: Process, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST > 2
    monkeypatch.setattr(current, "MOST", 2)
    kitchen = Kitchen(clock)
    for key in ("a", "b", "c"):
        await kitchen.serve(one.hall, key)

    assert await kitchen.serve(one.hall, "c") == b"3"
    assert await kitchen.serve(one.hall, "a") == b"4"
