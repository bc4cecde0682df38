"""A hall and a warehouse with stock, and orders that are to be sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from halls.schemas import Names
from halls.stock.places import WarehouseInput, put_warehouse
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Operation
from orders import order_endpoints
from orders.delivery import endpoints, shipment_endpoints
from tests.orders.delivery.kuaidi100_server import CUSTOMER, KEY, Kuaidi100Server, kuaidi100_server
from tests.orders.delivery.sent import Shop
from tests.serving import START, Service, add_halls, add_people, serve


@pytest.fixture
async def carrier() -> AsyncIterator[Kuaidi100Server]:
    async with kuaidi100_server() as server:
        yield server


@pytest.fixture
async def shop(tmp_path: Path, carrier: Kuaidi100Server) -> AsyncIterator[Shop]:
    keys = {"O2O_KUAIDI100_KEY": KEY, "O2O_KUAIDI100_CUSTOMER": CUSTOMER, "O2O_KUAIDI100_URL": carrier.url}
    async with serve(
        tmp_path, [*order_endpoints.routes, *endpoints.routes, *shipment_endpoints.routes], **keys
    ) as service:
        yield await opened(service)


async def opened(service: Service) -> Shop:
    await add_halls(service, "heping")
    await add_people("hq", "manager", "clerk1", "clerk5", "warehouse")
    given = WarehouseInput(names=Names(zh="天津仓", en="Tianjin warehouse"), lat=39.1, lon=117.3, province="tianjin")
    for state in service.states:
        await put_warehouse(state["places"], "tianjin", given, now=START, actor="o2o")
    shop = Shop(service)
    for place in ("tianjin", "heping"):
        for sku in ("phone", "sim"):
            tried = Attempt(Operation(f"receive-{place}-{sku}", ""), "o2o", to_ms(START))
            await service.state["stock"].receive(place, sku, 10, tried)
    return shop
