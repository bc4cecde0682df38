"""People come all night, to processes whose clocks differ, are set wrong, or change for summer: a day begins once."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from o2o.kernel.desk import ConflictingChangeError
from o2o.kernel.models import Event
from tests.booking.guards import altered, use
from tests.booking.halls import Process, in_a_row

LINES_DAY = ("if head.day < meta.day then return { 'DAY', meta.day } end", "")
"""The guard against a caller whose day is over for the line."""
QUARTERS = 24
STEPS_H = (2, -3, 15, -9, 30, -40, 12, -1, 25, -60, 48)
"""Hours by which somebody sets the clocks, forward and back, mostly over a midnight."""


@asynccontextmanager
async def people_coming(processes: list[Process]) -> AsyncIterator["Night"]:
    """They take numbers without a pause until the block ends; then everybody has one."""
    night = Night(processes)
    async with asyncio.TaskGroup() as group:
        for one in processes * 3:
            group.create_task(night.keep_taking(one))
        yield night
        night.over = True


class Night:
    def __init__(self, processes: list[Process]) -> None:
        self.over = False
        self.days: set[str] = set()
        self.refusals: list[str] = []
        """Nobody should hear of two numbers that are the same."""
        self._taken = 0
        self._processes = processes

    async def keep_taking(self, one: Process) -> None:
        while not self.over:
            try:
                await one.take_patiently()
            except ConflictingChangeError as refusal:
                self.refusals.append(str(refusal))
            self._taken += 1

    async def goes_on(self) -> None:
        """Some come under the clocks as they are now."""
        one = self._processes[0]
        self.days.add(one.hall.business_day(one.clock()).isoformat())
        enough = self._taken + 12
        async with asyncio.timeout(60):
            while self._taken < enough:
                await asyncio.sleep(0.002)


async def wrongs(night: Night) -> list[str]:
    """What is wrong in the hall's history: days that begin twice, never were, or end; numbers of another day."""
    rows = await Event.filter(tag="hall:heping").order_by("epoch", "version", "ordinal").values()
    begun: list[str] = []
    epoch = 0
    numbers: dict[str, list[str]] = defaultdict(list)
    found = list(night.refusals)
    for row in rows:
        if row["op"].startswith("day:"):
            begun.append(row["op"].split(":")[2])
        elif row["name"] == "ticket.issued":
            ticket = json.loads(row["data"])["rows"]["ticket"]
            numbers[ticket["day"]].append(ticket["number"])
            if row["epoch"] > epoch and [ticket["day"]] > begun[-1:]:
                begun.append(ticket["day"])  # A rebuild begins with the day.
            epoch = row["epoch"]
            if ticket["day"] != begun[-1]:
                found.append(f"{ticket['number']} of {ticket['day']} was given on {begun[-1]}")
    if begun != sorted(set(begun)) or not set(begun) <= night.days:
        found.append(f"days began so: {begun}")
    return found + [f"on {day} {given}" for day, given in numbers.items() if given != in_a_row(len(given))]


async def a_night(processes: list[Process], zone: str, evening: str) -> Night:
    """Six hours around the midnight after that evening; the second process's clock is slow."""
    midnight = datetime.combine(date.fromisoformat(evening) + timedelta(days=1), time(), ZoneInfo(zone))
    processes[0].clock.now = midnight.astimezone(UTC) - timedelta(minutes=90)
    await processes[0].configure(time_zone=zone)
    await processes[1].take_patiently()  # It has heard of the zone.
    slow(processes[1])
    async with people_coming(processes) as night:
        for _ in range(QUARTERS):
            await night.goes_on()
            processes[0].clock.advance(minutes=15)
    return night


def slow(one: Process) -> None:
    store, true = one.line.store(one.hall), one.clock
    store._clock = lambda: true() - timedelta(minutes=100)


@pytest.mark.parametrize(
    ("zone", "evening"),
    [
        ("Asia/Shanghai", "2027-03-27"),
        ("Europe/Berlin", "2027-03-27"),
        ("Europe/Berlin", "2027-10-30"),
        ("America/New_York", "2027-03-13"),
        ("America/Santiago", "2027-09-04"),  # Midnight is skipped.
        ("America/Havana", "2026-10-31"),  # Midnight comes twice.
        ("Australia/Lord_Howe", "2027-04-03"),  # Half an hour.
    ],
)
async def test_a_day_begins_once_with_people_under_way(zone: str, evening: str, two: list[Process]) -> None:
    night = await a_night(two, zone, evening)

    assert len(night.days) == 2
    assert await wrongs(night) == []


async def test_numbers_are_of_the_wrong_day_without_the_lines_own(two: list[Process]) -> None:
    use(altered(*LINES_DAY), *two)

    assert await wrongs(await a_night(two, "Asia/Shanghai", "2027-03-27")) != []


async def test_a_clock_that_is_set_forward_and_back_brings_no_day_back(two: list[Process]) -> None:
    slow(two[1])
    async with people_coming(two) as night:
        for hours in STEPS_H:
            await night.goes_on()
            two[0].clock.advance(hours=hours)
        await night.goes_on()

    assert len(night.days) > 2
    assert await wrongs(night) == []
