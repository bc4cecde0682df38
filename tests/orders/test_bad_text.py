from pathlib import Path

import pytest

from orders import product_endpoints, product_pages
from tests.orders.goods import a_product, put
from tests.serving import add_halls, serve

PATHS = [
    "/api/v1/products?cursor=%00",
    "/api/v1/products?q=%00",
    "/api/v1/products?q=%F0%90%80%80%27%22*",
    "/api/v1/products?hall=%00",
    "/api/v1/products/%00",
    "/p/%00",
    "/p/case-x200?hall=%00&code=%00",
    "/products?cursor=%00&q=%ed%a0%80",
]


@pytest.mark.parametrize("path", PATHS)
async def test_text_that_no_database_takes_is_no_failure_of_ours(tmp_path: Path, path: str) -> None:
    async with serve(tmp_path, [*product_endpoints.routes, *product_pages.routes]) as service:
        await add_halls(service, "heping")
        await put("case-x200", a_product())

        assert (await service.client().get(path)).status_code < 500
