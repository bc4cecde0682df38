"""Fixtures of the line: one Redis for the run, emptied for each test; a database and a hall of its own for each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.booking.halls import Process, hall, migrated, processes
from tests.servers import RedisServer, redis_server
from tests.serving import MovableClock


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template") / "o2o.db"


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path / "redis") as server:
        yield server


@pytest.fixture
async def redis_client(redis: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis.url) as client:
        yield client


@pytest.fixture
async def database(tmp_path: Path, template: Path) -> str:
    return await migrated(tmp_path / "data", template)


@pytest.fixture
async def clock(database: str) -> AsyncIterator[MovableClock]:
    async with hall(database) as clock:
        yield clock


@pytest.fixture
async def two(redis: RedisServer, tmp_path: Path, clock: MovableClock) -> AsyncIterator[list[Process]]:
    async with processes(2, redis.url, tmp_path, clock) as both:
        yield both


@pytest.fixture
async def one(redis: RedisServer, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Process]:
    async with processes(1, redis.url, tmp_path, clock) as (only,):
        yield only
