"""Products and stock for tests."""

from typing import Any

from halls.models import StockLevel
from halls.schemas import Names
from halls.stock.places import WarehouseInput, put_warehouse
from orders.money import Money
from orders.products import put_product
from orders.schemas import Kind, Product, ProductInput
from tests.serving import START, Service


def a_product(zh: str = "苹果手机壳", en: str = "Case", *, amount: str = "129.00", **more: Any) -> ProductInput:
    return ProductInput(**{"names": Names(zh=zh, en=en), "price": Money(amount), "kind": Kind.ACCESSORY, **more})


async def put(sku: str, given: ProductInput, actor: str = "staff:hq") -> Product:
    product, _created = await put_product(sku, given, now=START, actor=actor)
    return product


async def set_level(place: str, sku: str, on_hand: int, *, held: int = 0, allocated: int = 0) -> None:
    """What SQL has committed of a place."""
    row = {"place": place, "sku": sku, "on_hand": on_hand, "held": held, "allocated": allocated}
    await StockLevel.update_or_create({**row, "epoch": 1, "version": 1}, id=f"{place}/{sku}")


async def add_warehouse(service: Service, place: str, province: str, lat: float = 39.3, lon: float = 117.4) -> None:
    given = WarehouseInput(names=Names(zh=f"{place}仓", en=f"{place} warehouse"), lat=lat, lon=lon, province=province)
    for state in service.states:
        await put_warehouse(state["sourcing"].places, place, given, now=START, actor="staff:hq")
