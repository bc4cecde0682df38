"""A hall with a shelf, another and a warehouse, and the clerk at its first counter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

import booking.endpoints
import orders.clerk.pages
from orders.schemas import Kind
from tests.orders.clerk.shelf import attempt
from tests.orders.goods import a_product, add_warehouse, put
from tests.serving import Service, add_halls, add_people, serve

ROUTES = [*booking.endpoints.routes, *orders.clerk.pages.routes]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk5")
        await add_warehouse(service, "tianjin", "tianjin")
        await put("case-clear", a_product("透明手机壳", "Clear case", amount="129.00"))
        await put("phone-x1", a_product("手机", "Phone", amount="2999.00", kind=Kind.DEVICE, serialised=True))
        await put("watch-s1", a_product("手表", "Watch", amount="899.00", limit_per_person=1))
        await service.state["stock"].receive("heping", "case-clear", 5, attempt(service))
        yield service


@pytest.fixture
async def clerk(service: Service) -> AsyncClient:
    client = await service.browser("clerk1")
    client.headers["accept"] = "text/html"
    return client
