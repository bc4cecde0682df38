"""In whose books money is: the counter's that has it, or the place's whose courier took it at the door."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from orders import closing
from orders.delivery import pages, shipment_endpoints
from orders.models import MoneyEventRecord
from tests.orders.goods import a_product, add_warehouse, put
from tests.orders.shop import ADDRESS, ROUTES, SKU, a_wish, act, open_shop, placed, receive
from tests.serving import Service, add_people, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*ROUTES, *closing.routes, *shipment_endpoints.routes, *pages.routes]) as service:
        await open_shop(service, tianjin=5)
        await add_people("warehouse")
        yield service


async def sums(client: AsyncClient) -> list[tuple[str | None, str, str]]:
    told = (await client.get("/api/v1/halls/heping/closing")).json()["sums"]
    return [(row["counter"], row["received"]["amount"], row["refunded"]["amount"]) for row in told]


@pytest.mark.parametrize("deed", ["cancellation", "refund"])
async def test_what_a_counter_takes_and_gives_for_a_delivery_is_in_its_till(service: Service, deed: str) -> None:
    made = await placed(service.client(), a_wish(address=ADDRESS))
    clerk = await service.signed_in("clerk1")

    assert (await act(clerk, made["id"], "payment", counter="heping-1")).status_code == 200
    assert await sums(clerk) == [("heping-1", "129.00", "0.00")]
    assert (await act(clerk, made["id"], deed, counter="heping-2")).status_code == 200
    assert await sums(clerk) == [("heping-1", "129.00", "0.00"), ("heping-2", "0.00", "129.00")]


async def test_nobody_books_into_the_till_of_a_hall_where_they_do_not_work(service: Service) -> None:
    made = await placed(service.client(), a_wish(address=ADDRESS))
    warehouse = await service.signed_in("warehouse")

    refused = await act(warehouse, made["id"], "payment", counter="heping-1")
    assert (refused.status_code, await MoneyEventRecord.all().count()) == (403, 0)
    assert (await act(warehouse, made["id"], "payment")).status_code == 200
    assert (await act(warehouse, made["id"], "refund", counter="heping-1")).status_code == 403
    assert await MoneyEventRecord.all().values_list("hall", "amount") == [("tianjin", 12900)]


async def test_money_moves_once_under_a_key_however_late_it_comes_again(service: Service) -> None:
    made, key = await placed(service.client(), a_wish(3, address=ADDRESS)), "a-key-of-a-refund-1"
    hq = await service.signed_in("hq")
    for deed, told in (("shipment", {"carrier": "messenger", "tracking": "1234"}), ("delivery", {}), ("payment", {})):
        assert (await act(hq, made["id"], deed, **told)).status_code == 200
    one = [{"line": 1, "quantity": 1}]
    assert (await act(hq, made["id"], "refund", key, lines=one)).status_code == 200
    service.clock.advance(hours=25)
    late = await act(await service.signed_in("hq"), made["id"], "refund", key, lines=one)

    assert (late.status_code, late.json()["code"]) == (422, "idempotency_key_reused")
    assert sum([row.amount for row in await MoneyEventRecord.all()]) == 2 * 12900


async def test_of_two_parcels_one_is_paid_for_all(service: Service) -> None:
    await add_warehouse(service, "langfang", "hebei")
    await put("cable", a_product("数据线", "Cable", amount="19.00"))
    await receive(service, "langfang", 5, "cable")
    lines = [{"sku": SKU, "quantity": 1}, {"sku": "cable", "quantity": 1}]
    made = await placed(service.client(), a_wish(1, "delivery", address=ADDRESS) | {"lines": lines})
    assert [line["place"] for line in made["lines"]] == ["tianjin", "langfang"]
    hq = await service.signed_in("hq")
    browser = await service.browser("hq")
    for place in ("tianjin", "langfang"):
        await act(hq, made["id"], "shipment", place=place, carrier="messenger", tracking="1234")
    for parcel in (await hq.get(f"/api/v1/orders/{made['id']}/shipments")).json()["shipments"]:
        await act(hq, made["id"], "delivery", shipment=parcel["id"])

    slips = [(await browser.get(f"/picking/{place}/slips/{made['id']}")).text for place in ("tianjin", "langfang")]
    assert ["¥148" in slip for slip in slips] == [True, False]
    due = [(await browser.get(f"/picking/{place}/shipments")).text for place in ("tianjin", "langfang")]
    assert ["¥148" in page for page in due] == [True, False]
