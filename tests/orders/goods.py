"""Products for tests."""

from typing import Any

from halls.schemas import Names
from orders.money import Money
from orders.products import put_product
from orders.schemas import Kind, Product, ProductInput
from tests.serving import START


def a_product(zh: str = "苹果手机壳", en: str = "Case", *, amount: str = "129.00", **more: Any) -> ProductInput:
    return ProductInput(**{"names": Names(zh=zh, en=en), "price": Money(amount), "kind": Kind.ACCESSORY, **more})


async def put(sku: str, given: ProductInput, actor: str = "staff:hq") -> Product:
    product, _created = await put_product(sku, given, now=START, actor=actor)
    return product
