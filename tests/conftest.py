"""What every test may rely on: the programs it needs are there, or it is skipped and says why; its backends."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis

from staff import passwords
from tests.memory import in_memory
from tests.once import repeated_once
from tests.reach import differing, longest_first, reaches
from tests.servers import RedisServer, redis_server
from tests.slots import watched_slots
from tests.stack import DATABASES, REDISES, SHARED, carried_redis, machines_redis, stack

# The first draws no windows: docs/decisions/0086.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("o2o")
    group.addoption("--database", choices=DATABASES, default="sqlite", help="what the tests keep their rows in")
    group.addoption(
        "--redis", choices=REDISES, default="embedded", help="the server that the wheel carries, or the machine's own"
    )
    group.addoption("--workers", type=int, choices=(1, 2), default=1, help="how many processes serve in each test")
    group.addoption("--reaching", action="store_true", help="only tests that reach a database or Redis")
    group.addoption("--differing", action="store_true", help="of those, only what may come out otherwise on other ones")


def pytest_configure(config: pytest.Config) -> None:
    stack.database, stack.redis = config.getoption("--database"), config.getoption("--redis")
    stack.workers = config.getoption("--workers")
    if memory := in_memory():
        tempfile.tempdir = os.environ["TMPDIR"] = str(memory)
    if stack.redis == "embedded" and (carried := carried_redis()):
        os.environ["PATH"] = os.pathsep.join([str(Path(carried).parent), os.environ.get("PATH", "")])
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = str(stack.folder)


def pytest_unconfigure() -> None:
    stack.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database alone, and what this run is not to repeat."""
    other = next(name for name in DATABASES if name != stack.database)
    kept = [item for item in items if not item.get_closest_marker(other)]
    if config.getoption("--reaching") or config.getoption("--differing"):
        kept = [item for item in kept if reaches(item)]
    if config.getoption("--differing"):
        kept = differing(kept)
    if len(kept) < len(items):
        staying = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in staying])
    items[:] = longest_first(kept) if hasattr(config, "workerinput") else kept


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing; on CI that is a failure, so that nothing is green by absence."""
    if item.get_closest_marker("browser") and chromium() is None:
        lacking("Chromium is not installed: apt install chromium")
    if stack.redis == "debian" and machines_redis() is None:
        lacking("Redis is not installed: apt install redis-server")


def pytest_runtest_logfinish() -> None:
    stack.sweep()


def chromium() -> str | None:
    """Return the browser on this machine, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session", autouse=True)
def _one_slot_each() -> Iterator[None]:
    with watched_slots():
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    """What makes guessing dear makes signing in dear too, and most tests are about neither."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # type: ignore[misc]


@pytest.fixture(scope="session", autouse=True)
def _looked_up_once() -> Iterator[None]:
    """What libraries work out anew for each connection and each database, and which stays the same."""
    with repeated_once():
        yield


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The address of a database of its own, with every table and nothing in them."""
    return stack.new_database(tmp_path / "data")


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path / "redis") as server:
        yield server


@pytest.fixture
async def redis_client(redis: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis.url) as client:
        yield client


def lacking(missing: str) -> None:
    """Skip the test; on CI fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)
