"""From the order to the door: placed, picked, shipped, delivered, paid."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import to_builtins

from orders import order_endpoints
from orders.delivery import shipment_endpoints
from tests.orders.delivery.conftest import opened
from tests.orders.delivery.sent import HOME, Shop
from tests.orders.goods import a_product, put
from tests.serving import serve, with_key

WISH = {"hall": "heping", "fulfilment": "delivery", "phone": "13800138000", "address": to_builtins(HOME)}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with serve(tmp_path, [*order_endpoints.routes, *shipment_endpoints.routes]) as service:
        yield await opened(service)


async def test_what_is_ordered_comes_to_the_door_and_is_paid_there(shop: Shop) -> None:
    await put("phone", a_product(amount="59.00"))
    client, warehouse = shop.service.client(), await shop.service.signed_in("warehouse")
    wish = WISH | {"lines": [{"sku": "phone", "quantity": 2}]}

    placed = (await client.post("/api/v1/orders", json=wish, headers=with_key("a-key-for-the-order"))).json()
    order, (line,) = placed["id"], placed["lines"]
    assert (line["fulfilment"], line["state"], placed["pay_at"]) == ("delivery", "allocated", "delivery")
    place = line["place"]
    assert (await shop.level(place)).available == 8

    worker = warehouse if place == "tianjin" else await shop.service.signed_in("clerk1")
    await shop.post(worker, order, "picking")
    await shop.shipped(worker, order)
    assert (await shop.level(place)).on_hand == 8
    delivered = (await shop.post(worker, order, "delivery")).json()
    assert (delivered["state"], delivered["lines"][0]["state"]) == ("placed", "delivered")

    paid = (await shop.post(worker, order, "payment", method="cash")).json()
    assert (paid["state"], paid["payment"], paid["paid"]) == ("closed", "paid", placed["total"])


async def test_an_address_that_is_not_there_orders_nothing(shop: Shop) -> None:
    await put("phone", a_product())
    address = to_builtins(HOME) | {"district": "南闸区"}
    wish = WISH | {"lines": [{"sku": "phone", "quantity": 1}], "address": address}

    refused = await shop.service.client().post("/api/v1/orders", json=wish, headers=with_key("a-key-for-the-order"))

    assert (refused.status_code, refused.json()["field"]) == (400, "address.district")
    assert "南开区" in refused.json()["possible"]
    assert (await shop.level()).available == 10
