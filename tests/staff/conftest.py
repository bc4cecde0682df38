"""A service with staff's routes, and one clerk, manager and headquarters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from staff import endpoints, pages
from tests.serving import Service, add_people, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*endpoints.routes, *pages.routes]) as service:
        await add_people("clerk1", "manager", "hq")
        yield service
