"""A shop with two cases in the hall and five in the warehouse, a customer, a clerk; many tests have their own shop."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.orders.shop import ROUTES, a_wish, open_shop, placed
from tests.serving import Service, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES, O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=5)
        yield service


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client()


@pytest.fixture
async def clerk(service: Service) -> AsyncClient:
    return await service.signed_in("clerk1")


@pytest.fixture
async def made(service: Service) -> dict[str, Any]:
    return await placed(service.client(), a_wish(2))
