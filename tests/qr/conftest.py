"""A service with the routes of codes, two halls' codes apart, and people who may or may not revoke."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import qr.endpoints
import staff.endpoints
from o2o import scan
from tests.serving import Service, add_people, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    routes = [*qr.endpoints.routes, *scan.routes, *staff.endpoints.routes]
    async with serve(tmp_path, routes) as service:
        await add_people("clerk1", "manager", "hq")
        yield service
