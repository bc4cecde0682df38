from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from o2o.kernel.static import FOLDER
from orders.demo import DEMO_PRODUCTS, load_demo_products
from orders.models import ProductRecord
from orders.product_endpoints import routes
from orders.products import all_skus
from tests.orders.goods import a_product
from tests.serving import START, Service, add_people, serve

PATH = "/api/v1/products/case-x200"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes) as service:
        await add_people("hq", "manager")
        yield service


def body(amount: str = "129.00") -> bytes:
    return msgspec.json.encode(a_product(amount=amount))


async def test_headquarters_make_a_product_and_change_it(service: Service) -> None:
    hq = await service.signed_in("hq")

    made = await hq.put(PATH, content=body())
    changed = await hq.put(PATH, content=body("99.00"))

    assert (made.status_code, changed.status_code) == (201, 200)
    assert changed.json()["price"] == {"amount": "99.00", "currency": "CNY"}
    assert changed.json()["rev"] == 2


async def test_a_manager_makes_no_products(service: Service) -> None:
    manager = await service.signed_in("manager")

    assert (await manager.put(PATH, content=body())).status_code == 403
    assert await ProductRecord.all().count() == 0


@pytest.mark.parametrize(("sku", "field"), [("A", "sku"), ("UPPER", "sku"), ("a" * 41, "sku")])
async def test_a_bad_sku_is_refused(service: Service, sku: str, field: str) -> None:
    hq = await service.signed_in("hq")

    answer = await hq.put(f"/api/v1/products/{sku}", content=body())

    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_a_bad_price_is_refused_by_its_name(service: Service) -> None:
    hq = await service.signed_in("hq")

    answer = await hq.put(PATH, content=body().replace(b"129.00", b"129"))

    assert (answer.status_code, answer.json()["field"]) == (400, "price.amount")


async def test_the_demos_products_are_loaded_once(service: Service) -> None:
    await load_demo_products(START)
    await load_demo_products(START)

    assert set(await all_skus()) == set(DEMO_PRODUCTS)
    assert {row.rev for row in await ProductRecord.all()} == {1}


def test_each_of_the_demos_products_has_its_picture() -> None:
    pictures = {product.picture for product in DEMO_PRODUCTS.values()}

    assert pictures == {path.name for path in (FOLDER / "img" / "products").glob("*.svg")}
