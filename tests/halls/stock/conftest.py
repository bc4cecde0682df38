"""Fixtures of stock: a Redis, a database and places of its own for each test, and processes over them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.halls.stock.rooms import Process, places, processes
from tests.servers import RedisServer
from tests.serving import MovableClock


@pytest.fixture
async def clock(database: str) -> AsyncIterator[MovableClock]:
    async with places(database) as clock:
        yield clock


@pytest.fixture
async def two(redis: RedisServer, tmp_path: Path, clock: MovableClock) -> AsyncIterator[list[Process]]:
    async with processes(2, redis.url, tmp_path, clock) as both:
        yield both


@pytest.fixture
async def one(redis: RedisServer, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Process]:
    async with processes(1, redis.url, tmp_path, clock) as (only,):
        yield only
