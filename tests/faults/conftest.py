"""An account for each fault test, and whether it disturbs as often as the issue wants it (`python -m tests.faults`)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.report import WATCHING, Account
from tests.installation import Installation
from tests.postgres import PostgresServer
from tests.servers import RedisServer
from tests.stack import DEMO, stack


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what takes long to `make faults`."""
    left_out = [item for item in items if item.get_closest_marker("thorough") and WATCHING not in config.stash]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def installed(tmp_path: Path, redis: RedisServer) -> Installation:
    """Two processes, over a Redis that can be killed."""
    folder = tmp_path / "data"
    return Installation(folder, **{**stack.demo(folder), "O2O_WORKERS": "2", "O2O_REDIS_URL": redis.url})


@pytest.fixture
def server(installed: Installation) -> Iterator[PostgresServer]:
    """A PostgreSQL of its own, to be killed."""
    server = stack.another_postgres()
    server.start()
    installed.environ["O2O_DATABASE_URL"] = server.url(server.create(DEMO))
    yield server
    server.close()


@pytest.fixture
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    watching = request.config.stash.get(WATCHING, None)
    name = request.node.name.removeprefix("test_").replace("_", " ")
    account = Account(f"{name}, {stack.database}", thorough=watching is not None)
    if watching:
        account.step = watching.step
    yield account
    if watching and account.row:
        watching.note(account.row)
