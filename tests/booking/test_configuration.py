"""Changing a hall while people wait, seen by processes that have not heard of it yet."""

import pytest
from redis.asyncio import Redis

from booking.models import CounterRecord
from o2o.kernel.errors import InvalidError
from o2o.kernel.models import Fence
from tests.booking.halls import Process

SIM = {"id": "sim", "prefix": "A", "name": "SIM"}
BILL = {"id": "bill", "prefix": "B", "name": "Bills"}
CARD = {"id": "card", "prefix": "C", "name": "Cards"}


class TestServices:
    async def test_a_process_that_never_heard_of_a_service_rebuilds_its_line(
        self, two: list[Process], redis_client: Redis
    ) -> None:
        await two[0].configure(services=[SIM, BILL, CARD])
        await two[0].open()
        await two[0].take(service="card")
        await redis_client.flushall()
        await two[1].take()

        assert await two[0].calls() == ["C001", "A001"]

    async def test_a_service_just_taken_away_gives_no_number_and_ends_no_epoch(self, two: list[Process]) -> None:
        await two[1].take(service="bill")
        await two[0].configure(services=[BILL])

        with pytest.raises(InvalidError):
            await two[1].take(service="sim")

        assert (await Fence.get(tag="hall:heping")).epoch == 2


class TestCounters:
    async def test_a_counter_moved_to_another_hall_is_remembered_there(self, one: Process) -> None:
        await one.add_hall("nankai")
        await one.open()
        await one.shut()
        await one.configure(counters=[{"id": "heping-2", "name": "2"}])
        await one.add_hall("nankai", counters=[{"id": "heping-1", "name": "1"}])

        await one.open("heping-1")

        row = await CounterRecord.get(id="heping-1")
        assert (row.hall, row.open) == ("nankai", True)
