"""A hall with its clerks at their tablets, which are browsers without scripts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

import staff.endpoints
import staff.pages
from booking import endpoints, hall_endpoints
from booking.clerk import pages
from tests.serving import Service, add_halls, add_people, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    ours = [*endpoints.routes, *hall_endpoints.routes, *pages.routes]
    async with serve(tmp_path, [*ours, *staff.pages.routes, *staff.endpoints.routes]) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk2", "clerk5", "manager", "hq")
        yield service


@pytest.fixture
async def tablet(service: Service) -> AsyncClient:
    return await service.browser("clerk1")
