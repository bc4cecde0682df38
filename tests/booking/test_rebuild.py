"""A Redis that lost what it had, or has an old part of it, gets all of it from SQL under a new epoch."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis

from booking.states import TicketState
from o2o.kernel.database import connection
from o2o.kernel.errors import UnavailableError
from o2o.kernel.journal import Decision, Known
from o2o.kernel.models import Fence
from tests.booking.guards import without_unique_keys
from tests.booking.halls import Process, in_a_row, numbers_in_sql, process
from tests.nodes import Node, Watched, until_true, watched
from tests.servers import RedisServer, redis_server
from tests.serving import MovableClock


async def another_master(servers: Watched) -> Node:
    """Cut the master off: it answers its clients still, and the sentinels make the other one the master."""
    before = await servers.master()
    await servers.cut_off(before)

    async def is_another() -> bool:
        return await servers.master() is not before

    await until_true(is_another)
    return await servers.master()


class TestRebuild:
    async def test_an_emptied_redis_gives_no_number_again(self, one: Process, redis_client: Redis) -> None:
        await one.take()
        await redis_client.flushall()

        assert (await one.take()).number == "A002"
        assert (await Fence.get(tag="hall:heping")).epoch == 3

    async def test_numbers_go_on_after_tickets_that_have_ended(self, one: Process, redis_client: Redis) -> None:
        await one.open()
        await one.take()
        await one.serve()
        await redis_client.flushall()

        assert (await one.take()).number == "A002"

    async def test_a_killed_redis_is_rebuilt_as_it_was(self, one: Process, redis: RedisServer) -> None:
        await one.open()
        for _ in range(4):
            await one.take()
        called = await one.called()
        await redis.kill()
        with pytest.raises(UnavailableError):
            await one.take()
        await redis.start()
        await one.take_patiently()

        served = await one.act("start", called)

        assert served.ticket is not None
        assert served.ticket.state is TicketState.SERVING
        assert (await one.line.loads([one.hall]))[0].head_count == 5

    async def test_the_last_calls_of_one_moment_stay_in_their_order(self, one: Process, redis_client: Redis) -> None:
        await one.open("heping-1", "heping-2")
        first, _second = await one.take(), await one.take()
        await one.postpone(first)
        called = [(await one.called(counter)).number for counter in ("heping-1", "heping-2")]

        await redis_client.flushall()
        await one.take()

        assert called == ["A002", "A001"]
        assert [row.number for row in (await one.picture()).calls] == called[::-1]

    async def test_an_old_dump_put_back_is_noticed(self, one: Process, redis: RedisServer) -> None:
        await one.take()
        await redis.save()
        later = await one.take()
        await redis.kill()
        await redis.start()

        assert (await one.take_patiently()).number == "A003"
        assert later.number == "A002"
        assert await numbers_in_sql() == in_a_row(3)

    async def test_a_stored_answer_outlives_redis(self, one: Process, redis_client: Redis) -> None:
        first = await one.take("the same key")
        await redis_client.flushall()

        assert await one.take("the same key") == first

    async def test_two_processes_rebuild_once(self, two: list[Process], redis_client: Redis) -> None:
        for one in two:
            await one.take()
        await redis_client.flushall()

        await asyncio.gather(*(two[n % 2].take() for n in range(10)))

        assert await numbers_in_sql() == in_a_row(12)
        assert (await Fence.get(tag="hall:heping")).epoch <= 4

    async def test_a_process_at_a_cut_off_master_gives_no_number_twice(
        self, one: Process, tmp_path: Path, clock: MovableClock
    ) -> None:
        async with redis_server(tmp_path / "new") as new, process(new.url, tmp_path, clock) as other:
            for _ in range(5):
                await one.take()
                await other.take()

            assert await numbers_in_sql() == in_a_row(10)

    async def test_a_process_looks_for_the_master_anew_before_it_loads_again(
        self, tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("o2o.kernel.sentinel.WATCH_S", 3600)  # Only this process's own looking finds it.
        async with watched(tmp_path / "redis") as servers, process(servers.url, tmp_path, clock) as one:
            await one.take()
            assert not await one.line.store(one.hall).moved()
            new = await another_master(servers)
            async with process(f"redis://{new.user}127.0.0.1:{new.port}", tmp_path, clock) as other:
                for _ in range(6):
                    await other.take()
                    await one.take()

                assert await numbers_in_sql() == in_a_row(13)
                assert (await Fence.get(tag="hall:heping")).epoch <= 3

    async def test_without_looking_the_two_end_each_others_epochs_in_turn(
        self, one: Process, tmp_path: Path, clock: MovableClock
    ) -> None:
        """The control of the test before."""
        async with redis_server(tmp_path / "new") as new, process(new.url, tmp_path, clock) as other:
            for _ in range(6):
                await one.take()
                await other.take()

            assert (await Fence.get(tag="hall:heping")).epoch > 10

    async def test_a_load_that_arrives_late_changes_nothing(self, one: Process) -> None:
        await one.take()
        store, desk = one.line.store(one.hall), one.line.desk(one.hall)
        late = await store.read(connection())
        await one.take()

        decision = await store.decide(Known(desk._epoch, desk._committed, desk._committed), [])

        assert isinstance(decision, Decision)
        assert await store.load(desk._epoch, decision.server, late) is False
        assert await store.load(desk._epoch + 1, "another/server", late) is False
        assert (await one.take()).number == "A003"


async def test_what_sql_has_lost_is_unknown_for_a_moment_and_then_done_anew(two: list[Process]) -> None:
    """A database that took over may lack what the one before had said was committed; Redis knows it still."""
    here, elsewhere = two
    await here.take()
    await here.take("a key for the ticket lost")
    await here.line.desk(here.hall).announced()
    epoch = (await Fence.get(tag="hall:heping")).epoch
    await without_unique_keys()
    for lost in ("DELETE FROM events WHERE version = 2", "DELETE FROM tickets WHERE serial = 2"):
        await connection().execute_query(lost)

    with pytest.raises(UnavailableError):
        await elsewhere.take("a key for the ticket lost")

    numbers: list[str] = []
    async with asyncio.timeout(30):
        while not numbers:  # Whoever asks while Redis is being loaded is put off once more.
            with suppress(UnavailableError):
                numbers.append((await elsewhere.take("a key for the ticket lost")).number)
    assert numbers == ["A002"]
    assert await numbers_in_sql() == in_a_row(2)
    assert (await Fence.get(tag="hall:heping")).epoch == epoch + 1
