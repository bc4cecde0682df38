"""A hall with its manager at a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

import staff.pages
from booking import endpoints
from booking.manage import counters, hours, pages, pausing, rules, services
from tests.serving import Service, add_halls, add_people, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    tabs = [routes for tab in (pages, pausing, rules, counters, services, hours) for routes in tab.routes]
    async with serve(tmp_path, [*endpoints.routes, *tabs, *staff.pages.routes, *staff.endpoints.routes]) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk2", "manager", "hq")
        yield service


@pytest.fixture
async def manager(service: Service) -> AsyncClient:
    return await service.browser("manager")
