from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from o2o.app import routes
from orders.schemas import Kind
from tests.orders.goods import a_product, add_warehouse, put
from tests.servers import RedisServer
from tests.serving import Service, add_halls, add_people, serve


@pytest.fixture
async def service(redis: RedisServer, tmp_path: Path) -> AsyncIterator[Service]:
    """Two halls and a warehouse, three products, and somebody of each kind, over a Redis that can be killed."""
    async with serve(tmp_path, routes(), O2O_REDIS_URL=redis.url) as service:
        await add_halls(service, "heping", "nankai")
        await add_warehouse(service, "tianjin", "tianjin")
        await add_people("hq", "manager", "clerk1", "clerk5", "warehouse")
        await put("case-x200", a_product())
        await put("watch-s3", a_product("智能手表", "Watch", kind=Kind.DEVICE, serialised=True))
        await put("plan-5g", a_product("5G 套餐", "5G plan", kind=Kind.PLAN))
        yield service
