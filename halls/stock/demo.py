"""The demo's warehouse, and what its places have: products here, nearby, only sent, and nowhere."""

from collections.abc import Mapping
from typing import Final

from halls.models import TABLES
from halls.schemas import Names
from halls.stock.desks import Desks
from halls.stock.places import Places, WarehouseInput, put_warehouse
from halls.stock.queries import levels_at
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.audit import PROGRAM
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.http import Operation
from o2o.kernel.ledger import Ledger
from o2o.kernel.redis import RedisPair

DEMO_WAREHOUSES: Final[Mapping[str, WarehouseInput]] = {
    "tianjin": WarehouseInput(
        names=Names(zh="天津仓（演示示例）", en="Tianjin warehouse (example)"),
        lat=39.0851,
        lon=117.3505,
        province="tianjin",
    ),
}
DEMO_STOCK: Final[Mapping[str, Mapping[str, int]]] = {
    "heping": {"phone-x200-black": 5, "case-x200": 30, "sim-5g": 200, "topup-100": 100},
    "nankai": {"phone-x200-black": 3, "phone-x200-white": 3, "sim-5g": 200},
    "tianjin": {"phone-x200-black": 20, "router-ax3000": 40},
}
"""How many of each product a place begins with. In one hall only: `phone-x200-white`; nowhere: `watch-s3`."""


NUMBERED: Final = {"phone-x200-black": "B", "phone-x200-white": "W"}
"""Of these each piece has a number: X200-B-HEPING-001."""


async def missing() -> list[tuple[str, str, int]]:
    """What no place has been given yet: (place, sku, quantity)."""
    had = {(level.place, level.sku) for place in DEMO_STOCK for level in await levels_at(place)}
    return [
        (place, sku, quantity)
        for place, stock in DEMO_STOCK.items()
        for sku, quantity in stock.items()
        if (place, sku) not in had
    ]


async def load_demo_stock(places: Places, redis: RedisPair, clock: Clock) -> None:
    """Give each place what it lacks of the demo's; what was sold since stays sold."""
    ledger = Ledger(TABLES)
    desks = Desks(places, redis, ledger, clock)
    try:
        for place, warehouse in DEMO_WAREHOUSES.items():
            await put_warehouse(places, place, warehouse, now=clock(), actor=PROGRAM)
        for place, sku, quantity in await missing():
            attempt = Attempt(Operation(f"demo:{place}:{sku}", ""), PROGRAM, to_ms(clock()))
            serials = _serials(place, sku, quantity)
            await Stockroom(desks).receive(place, sku, quantity, attempt, reason="demo", serials=serials)
    finally:
        await desks.close()
        await ledger.close()


def _serials(place: str, sku: str, quantity: int) -> list[str]:
    if sku not in NUMBERED:
        return []
    return [f"X200-{NUMBERED[sku]}-{place.upper()}-{number:03d}" for number in range(1, quantity + 1)]
