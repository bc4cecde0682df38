"""A shop for tests: a hall, another and a warehouse with stock, and customers and staff who use it over HTTP."""

import re
import secrets
from html import unescape
from typing import Any, Final

from httpx2 import AsyncClient, Response

import staff.endpoints
from halls.schemas import Names
from halls.stock.places import WarehouseInput, put_warehouse
from halls.stock.queries import level
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Operation
from orders import order_endpoints
from tests.orders.goods import a_product, put
from tests.serving import Service, add_halls, add_people, with_key

SKU: Final = "case"
ROUTES: Final = [*order_endpoints.routes, *staff.endpoints.routes]
PATH: Final = "/api/v1/orders"
PHONE: Final = "13812345678"
ADDRESS: Final = {"name": "李华", "province": "天津", "city": "天津", "district": "和平", "street": "南京路 1 号 2-301"}


async def open_shop(service: Service, **stock: int) -> None:
    """Halls heping and nankai and the warehouse tianjin, which have so many cases at ¥129."""
    await add_halls(service, "heping", "nankai")
    await add_people("clerk1", "clerk5", "manager", "hq")
    given = WarehouseInput(names=Names(zh="天津仓", en="Tianjin store"), lat=39.1, lon=117.2, province="tianjin")
    await put_warehouse(service.state["stock"].desks.places, "tianjin", given, now=service.clock(), actor="staff:hq")
    await put(SKU, a_product(amount="129.00"))
    for place, quantity in stock.items():
        await receive(service, place, quantity)


async def receive(service: Service, place: str, quantity: int, sku: str = SKU) -> None:
    tried = Attempt(Operation(secrets.token_hex(11), ""), "staff:hq", to_ms(service.clock()))
    await service.state["stock"].receive(place, sku, quantity, tried)


def a_wish(quantity: int = 1, fulfilment: str = "auto", **more: Any) -> dict[str, Any]:
    lines = [{"sku": SKU, "quantity": quantity}]
    return {"hall": "heping", "lines": lines, "fulfilment": fulfilment, "phone": PHONE, "language": "en", **more}


async def order(client: AsyncClient, wish: dict[str, Any], key: str | None = None) -> Response:
    return await client.post(PATH, json=wish, headers=with_key(key or secrets.token_hex(10)))


async def placed(client: AsyncClient, wish: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await order(client, wish or a_wish())
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def act(client: AsyncClient, order_id: str, deed: str, key: str | None = None, **body: Any) -> Response:
    return await client.post(f"{PATH}/{order_id}/{deed}", json=body, headers=with_key(key or secrets.token_hex(10)))


def read(page: Response) -> str:
    """A page's source in one line, without what only keeps the ends of a span together."""
    kept = re.sub(r'<span class="number">([\d:.]+–[\d:.]+)</span>', r"\1", page.text)
    return unescape(re.sub(r"\s+", " ", kept))


def owner(made: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {made['token']}"}


async def stock_of(place: str, sku: str = SKU) -> tuple[int, int, int]:
    """On hand, allocated, held: as SQL has it."""
    found = await level(place, sku)
    return found.on_hand, found.allocated, found.held


async def paid(clerk: AsyncClient, made: dict[str, Any], method: str = "cash") -> None:
    answer = await act(clerk, made["id"], "payment", method=method, counter="heping-1")
    assert (answer.status_code, answer.json()["state"]) == (200, "paid"), answer.text


async def collected(clerk: AsyncClient, made: dict[str, Any]) -> None:
    answer = await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])
    assert answer.status_code == 200, answer.text
