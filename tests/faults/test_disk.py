"""The disk is full: nothing is given and nothing called, everything is read, and all goes on when there is room."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.actors import actors, refused_for_now
from tests.faults.checker import events, wrongs
from tests.faults.disks import Disk, Refusing, small_disk
from tests.faults.people import Crowd, taken_in
from tests.installation import Installation
from tests.servers import RedisServer
from tests.stack import stack

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]  # PostgreSQL's disk is its own; that it is away is tested beside.


@pytest.fixture(params=["small", "refusing"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "refusing":
        yield Refusing()
        return
    with small_disk(tmp_path / "data") as disk:
        if disk is None:
            pytest.skip("a file system of its own may not be mounted here; the other disk stands for it")
        yield disk


async def test_a_full_disk_stops_the_lines_and_no_reader_and_costs_nothing(
    disk: Disk, tmp_path: Path, redis: RedisServer
) -> None:
    installed = Installation(tmp_path / "data", **stack.demo(tmp_path / "data"), O2O_REDIS_URL=redis.url)
    installed.log = tmp_path / "service.log"
    crowd = Crowd(installed)
    async with installed.serving() as process, actors(installed) as people:
        async with crowd.coming():
            await crowd.until(10)
            disk.fill(process.pid)
            while len(crowd.refused) < 8:
                await asyncio.sleep(0.05)
            read, done = await people.look(), await people.act("full")
            disk.free(process.pid)
            await crowd.until(len(crowd.taken) + 10)
        again = await people.act("full")

    assert {name: answer.status_code for name, answer in read.items()} == dict.fromkeys(read, 200)
    assert all(refused_for_now(answer) for answer in done.values())
    assert all(crowd.refused)
    assert {name: answer.status_code for name, answer in again.items()} == dict.fromkeys(again, 201)
    history = await events(installed.environ["O2O_DATABASE_URL"])
    issued = [event for event in history if event["name"] == "ticket.issued"]
    assert wrongs(issued, crowd.recorder, {people.taken.id, taken_in(again["take a number"]).id}) == []
