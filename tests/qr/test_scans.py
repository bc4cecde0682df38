"""Counting keeps nobody waiting, and loses nothing while SQL is away."""

import asyncio
from datetime import date

import pytest

from o2o.kernel.database import connection
from qr.models import ScanCount
from qr.scans import Scan, Scans, open_scans
from qr.states import Agent, Source

SCAN = Scan("code", date(2026, 11, 23), Source.POSTER, Agent.WECHAT, "heping")
pytestmark = pytest.mark.usefixtures("service")


async def counted() -> list[int]:
    return [row.count for row in await ScanCount.all().order_by("source")]


async def test_several_processes_add_up() -> None:
    processes = [Scans() for _process in range(8)]
    for scans in processes:
        scans.count(SCAN)
        scans.count(SCAN)

    await asyncio.gather(*(scans.write() for scans in processes))

    assert await counted() == [16]


async def test_what_differs_is_counted_apart() -> None:
    scans = Scans()
    for source in (Source.POSTER, Source.DOOR, Source.POSTER):
        scans.count(SCAN._replace(source=source))

    await scans.write()

    assert await counted() == [1, 2]


async def test_nothing_is_written_twice() -> None:
    scans = Scans()
    scans.count(SCAN)

    await scans.write()
    await scans.write()

    assert await counted() == [1]


async def test_while_sql_refuses_counts_are_kept() -> None:
    scans = Scans()
    scans.count(SCAN)
    await connection().execute_script("ALTER TABLE scans RENAME TO away")

    await scans.write()
    await connection().execute_script("ALTER TABLE away RENAME TO scans")
    await scans.write()

    assert await counted() == [1]


async def test_what_is_left_is_written_at_the_end() -> None:
    async with open_scans() as scans:
        scans.count(SCAN)

    assert await counted() == [1]
