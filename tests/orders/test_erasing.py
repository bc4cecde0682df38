"""Whom an order was for is erased once nobody needs to know it any more; the order stays, and what is done to it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from o2o.kernel import erasing
from orders import jobs, order_page
from orders.contacts import read_contact
from orders.delivery import pages, shipment_endpoints
from orders.models import OrderContactRecord
from tests.orders.shop import ADDRESS, ROUTES, a_wish, act, collected, open_shop, owner, paid, placed, read
from tests.serving import Service, serve

DAYS = 180


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    routes = [*ROUTES, *order_page.routes, *shipment_endpoints.routes, *pages.routes]
    async with serve(tmp_path, routes, O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=5, tianjin=5)
        yield service


async def erased_after(service: Service, days: int) -> int:
    service.clock.advance(days=days)
    return await jobs.erasing(DAYS, service.clock).step()


async def known(service: Service, made: dict[str, Any]) -> bool:
    return await read_contact(service.state["signer"], made["id"]) is not None


async def test_of_an_order_that_is_over_nobody_is_known_after_its_days(
    service: Service, clerk: AsyncClient, made: dict[str, Any]
) -> None:
    await paid(clerk, made)
    await collected(clerk, made)

    assert (await erased_after(service, DAYS), await known(service, made)) == (0, True)
    service.clock.advance(seconds=1)
    assert (await erased_after(service, 0), await known(service, made)) == (1, False)
    assert await erased_after(service, DAYS) == 0

    shown = (await service.client(**owner(made)).get(f"/api/v1/orders/{made['id']}")).json()
    assert (shown["state"], "pickup_code" in shown) == ("closed", False)
    page = await service.client(accept="text/html").get(f"/o/{made['id']}?k={made['token']}", follow_redirects=True)
    assert (page.status_code, "You have it all" in read(page)) == (200, True)
    clerk = await service.signed_in("clerk1")
    back = await act(clerk, made["id"], "refund", method="cash", reason="broken")
    assert (back.status_code, back.json()["refunded"]) == (200, made["total"])


async def test_what_is_done_to_an_order_keeps_its_customer_known(
    service: Service, clerk: AsyncClient, made: dict[str, Any]
) -> None:
    await paid(clerk, made)
    await collected(clerk, made)
    service.clock.advance(days=DAYS - 1)
    clerk, one = await service.signed_in("clerk1"), [{"line": 1, "quantity": 1}]
    await act(clerk, made["id"], "refund", method="cash", reason="broken", lines=one)

    assert (await erased_after(service, DAYS), await known(service, made)) == (0, True)
    assert (await erased_after(service, 1), await known(service, made)) == (1, False)


async def test_whoever_waits_for_a_parcel_or_owes_money_stays_known(service: Service) -> None:
    wish = a_wish(fulfilment="delivery", address=ADDRESS)
    waiting, sent, delivered = [await placed(service.client(), wish) for _order in range(3)]
    hq = await service.signed_in("hq")
    for made in (sent, delivered):
        assert (await act(hq, made["id"], "shipment", carrier="ems", tracking="12345678")).status_code == 200
    assert (await act(hq, delivered["id"], "delivery")).status_code == 200

    assert await erased_after(service, 2 * DAYS) == 0
    assert await known(service, waiting)
    hq = await service.signed_in("hq")
    assert (await act(hq, delivered["id"], "payment", method="cash")).json()["state"] == "closed"
    service.clock.advance(seconds=1)
    assert (await erased_after(service, DAYS), await known(service, delivered)) == (1, False)
    staff = await service.browser("hq")
    slip = read(await staff.get(f"/picking/tianjin/slips/{delivered['id']}", headers={"accept-language": "en"}))
    assert "To whom is not kept any more" in slip


async def test_each_order_has_its_turn_however_many_are_kept(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "CHUNK", 2)
    for _order in range(5):
        made = await placed(service.client(), a_wish())
        await act(service.client(**owner(made)), made["id"], "cancellation")
    service.clock.advance(days=DAYS, seconds=1)
    kept = await placed(service.client(), a_wish())
    job = jobs.erasing(DAYS, service.clock)

    assert sum([await job.step() for _step in range(3)]) == 5
    assert [row.order_id for row in await OrderContactRecord.all()] == [kept["id"]]
