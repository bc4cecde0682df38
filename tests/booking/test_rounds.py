"""Which halls are looked at though nobody asks: where something happened, all when Redis is new, each in its turn."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from booking import jobs
from booking.errors import HallClosedError
from booking.models import TicketRecord
from booking.rounds import TURN_S, Rounds
from booking.service.days import settle_due
from halls.assembly import assemble
from halls.demo import DEMO_HALLS
from halls.service import Directory, write_hall
from o2o.kernel.touched import NOTED_S, QUIET, Touched
from tests.booking.halls import Process, events_in_sql, hall_input
from tests.booking.test_protocol import decided_but_not_committed
from tests.servers import RedisServer
from tests.serving import MovableClock

DOCUMENT = DEMO_HALLS["heping"]
HALLS = [assemble(f"h{n}", DOCUMENT, rev=1) for n in range(3 * TURN_S)]


class Watch:
    """Rounds of one process over a Redis, and another process's notes; what is looked at is settled at once."""

    def __init__(self, redis: Redis) -> None:
        self.clock, self.seconds = MovableClock(), 0.0
        self.rounds = Rounds(self.notes(), lambda: self.seconds)
        self.other = self.notes()
        self._redis = redis

    def notes(self) -> Touched:
        return Touched("o2o:touched", self.clock, lambda: self.seconds)

    async def happens(self, hall: str) -> None:
        self.other.note(f"hall:{hall}")
        for command in self.other.commands():
            await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]

    async def look(self, seconds: float = 1, *, settled: bool = True) -> set[str]:
        """The halls that are looked at after so many seconds, without those whose turn it is."""
        self.clock.advance(seconds=seconds)
        self.seconds += seconds
        halls = await self.rounds.to_look_at(self._redis, HALLS)
        if settled:
            for hall in halls:
                self.rounds.settled(hall)
        self.rounds.looked()
        return {hall.id for hall in halls}


@pytest.fixture
async def watch(redis_client: Redis) -> Watch:
    """One that has looked at all halls once."""
    watch = Watch(redis_client)
    assert await watch.look() == {hall.id for hall in HALLS}
    return watch


async def test_where_something_happened_one_looks_once_it_is_quiet(watch: Watch) -> None:
    await watch.happens("h170")

    looked = [await watch.look() for _ in range(5)]

    assert ["h170" in halls for halls in looked] == [False, True, False, False, False]
    assert [len(halls) for halls in looked] == [3, 4, 3, 3, 3]


async def test_a_hall_in_use_is_left_alone(watch: Watch) -> None:
    """Each commit in it carries what others left."""
    looked = set[str]()
    for _ in range(10):
        await watch.happens("h170")
        looked |= await watch.look(NOTED_S)

    assert "h170" not in looked


async def test_a_hall_is_looked_at_until_it_is_settled(watch: Watch) -> None:
    await watch.happens("h170")

    looked = [await watch.look(settled=False) for _ in range(5)]

    assert ["h170" in halls for halls in looked] == [False, True, True, True, True]


async def test_each_hall_has_its_turn_in_a_minute(watch: Watch) -> None:
    looked = [await watch.look() for _ in range(TURN_S)]

    assert {len(halls) for halls in looked} == {3}
    assert set[str]().union(*looked) == {hall.id for hall in HALLS}


async def test_all_are_looked_at_when_the_notes_are_lost(watch: Watch, redis_client: Redis) -> None:
    await redis_client.flushall()

    assert len(await watch.look()) == len(HALLS)
    assert len(await watch.look()) == 3


async def test_all_are_looked_at_on_another_server_that_has_the_notes(
    watch: Watch, redis: RedisServer, redis_client: Redis
) -> None:
    await redis.save()
    await redis.kill()
    await redis.start()

    assert len(await watch.look()) == len(HALLS)
    assert len(await watch.look()) == 3


async def test_all_are_looked_at_by_who_has_not_led_for_a_while(watch: Watch) -> None:
    """Whoever led meanwhile may have taken a note and died."""
    assert len(await watch.look(10)) == len(HALLS)


async def test_what_was_taken_and_not_heard_of_is_not_forgotten(watch: Watch, redis: RedisServer) -> None:
    await watch.happens("h170")
    await redis.kill()
    with pytest.raises((RedisError, OSError)):
        await watch.look(QUIET.total_seconds())
    await redis.start()

    assert "h170" in await watch.look()


async def test_a_hall_has_one_note_a_second(redis_client: Redis) -> None:
    watch = Watch(redis_client)
    for _ in range(10):
        watch.other.note("hall:h1")

    assert len(watch.other.commands()) == 1
    assert watch.other.commands() == []


class TestOrphans:
    async def test_what_a_dead_process_left_is_settled_once_the_hall_is_quiet(self, two: list[Process]) -> None:
        dead, leading = two
        for one in two:
            await one.take()
            await one.line.close()
        await _all_quiet(leading)
        dead.line._touched._noted.clear()  # A second has passed.
        await decided_but_not_committed(dead)
        leading.clock.advance(seconds=3)

        await settle_due(leading.line)
        await leading.line.close()

        assert await TicketRecord.filter(id="orphan-sim").exists()

    async def test_a_hall_s_change_that_a_dead_process_told_nobody_is_told(self, two: list[Process]) -> None:
        other, leading = two
        await other.take()
        shut = hall_input(hours={})
        await write_hall(Directory(), "heping", lambda _hall, _rev: shut, now=other.clock(), actor="staff:manager")
        await settle_due(leading.line)
        assert await events_in_sql("hall.changed") == 0  # It may be about to tell.
        leading.clock.advance(seconds=3)
        for _round in range(2):
            await settle_due(leading.line)

        with pytest.raises(HallClosedError):
            await other.take()
        assert await events_in_sql("hall.changed") == 1

    async def test_control_without_its_note_it_waits_for_its_turn(
        self, two: list[Process], redis_client: Redis
    ) -> None:
        dead, leading = two
        for one in two:
            await one.take()
            await one.line.close()
        await _all_quiet(leading)
        dead.line._touched._noted.clear()  # A second has passed.
        await decided_but_not_committed(dead)
        await redis_client.zrem("o2o:touched", "hall:heping")
        leading.clock.advance(seconds=3)

        await settle_due(leading.line)
        await leading.line.close()

        assert not await TicketRecord.filter(id="orphan-sim").exists()

    async def test_a_hall_that_two_settle_at_once_is_settled_once(self, two: list[Process]) -> None:
        await two[0].take()
        await decided_but_not_committed(two[0])
        two[0].clock.advance(seconds=3)

        await asyncio.gather(*(jobs.settle(one.line) for one in two))
        for one in two:
            await one.line.close()

        assert await TicketRecord.filter(id="orphan-sim").count() == 1


async def _all_quiet(one: Process) -> None:
    """The process leads, and has found nothing; from now on it comes to no hall in turn."""
    one.line.rounds._turn = lambda ids: ids[:0]  # type: ignore[method-assign]  # Of a single hall it is always the turn.
    for _ in range(3):
        await settle_due(one.line)
        one.clock.advance(seconds=3)
    await settle_due(one.line)
