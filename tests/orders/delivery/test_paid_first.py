"""An order of which some is picked up and some is sent: it is paid at the counter, before anything of it leaves."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orders import jobs
from orders.delivery import pages, shipment_endpoints
from orders.delivery.queries import to_send
from orders.models import OrderRecord
from tests.orders.goods import a_product, put
from tests.orders.shop import ADDRESS, ROUTES, SKU, a_wish, act, open_shop, placed, receive, stock_of
from tests.serving import Service, serve

PARCEL = {"carrier": "shunfeng", "tracking": "SF1234567890"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*ROUTES, *shipment_endpoints.routes, *pages.routes]) as service:
        await open_shop(service, heping=2)
        await put("cable", a_product("数据线", "Cable", amount="19.00"))
        await receive(service, "tianjin", 5, "cable")
        yield service


@pytest.fixture
async def made(service: Service) -> dict[str, Any]:
    lines = [{"sku": SKU, "quantity": 1}, {"sku": "cable", "quantity": 1}]
    made = await placed(service.client(), a_wish(address=ADDRESS) | {"lines": lines})
    assert [line["fulfilment"] for line in made["lines"]] == ["pickup", "delivery"]
    return made


async def test_nothing_is_sent_of_what_is_not_paid_at_the_counter(service: Service, made: dict[str, Any]) -> None:
    hq = await service.signed_in("hq")
    refused = await act(hq, made["id"], "shipment", **PARCEL)
    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (409, "wrong_state", "placed")
    assert (await to_send("tianjin", 9), await stock_of("tianjin", "cable")) == ([], (5, 1, 0))

    await act(hq, made["id"], "payment", counter="heping-1")
    ((row, _lines),) = await to_send("tianjin", 9)
    sent = await act(hq, row.id, "shipment", **PARCEL)
    assert (sent.status_code, sent.json()["lines"][1]["state"]) == (200, "shipped")


async def test_when_nobody_comes_to_pay_all_of_it_ends(service: Service, made: dict[str, Any]) -> None:
    await act(await service.signed_in("hq"), made["id"], "picking")
    service.clock.advance(hours=49)
    await jobs.put_back(service.state)

    row = await OrderRecord.get(id=made["id"])
    assert (row.state, row.payment) == ("cancelled", "shut")
    assert [await stock_of("heping"), await stock_of("tianjin", "cable")] == [(2, 0, 0), (5, 0, 0)]


async def test_no_courier_is_told_to_take_money_that_the_counter_takes(service: Service, made: dict[str, Any]) -> None:
    hq = await service.browser("hq")
    slip = await hq.get(f"/picking/tianjin/slips/{made['id']}", headers={"accept": "text/html"})

    assert slip.status_code == 200
    assert "To be paid on delivery" not in slip.text
