"""A shop with two cases in the hall and five in the warehouse, and a customer; many tests have a shop of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from tests.orders.shop import ROUTES, open_shop
from tests.serving import Service, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES, O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=5)
        yield service


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client()
