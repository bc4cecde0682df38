"""The staff's pages of what a place sends, as forms without a script."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Response

from o2o.kernel.clock import to_ms
from orders.delivery import pages, shipment_endpoints
from orders.delivery.models import Shipment
from orders.models import LineRecord, MoneyEventRecord
from tests.asked import asked_from_now_on
from tests.orders.delivery.conftest import opened
from tests.orders.delivery.sent import Shop, lines
from tests.orders.shop import read
from tests.serving import serve

pytestmark = pytest.mark.once

PICKING, SHIPMENTS = "/picking/tianjin", "/picking/tianjin/shipments"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with serve(tmp_path, [*pages.routes, *shipment_endpoints.routes]) as service:
        yield await opened(service)


async def press(client: AsyncClient, path: str, act: str, of: str = "", **fields: str) -> Response:
    """Send the form of the page that has this act and what it is about, as a browser does."""
    page = (await client.get(path)).text
    for form in re.findall(r"<form.*?</form>", page, flags=re.DOTALL):
        hidden = dict(HIDDEN.findall(form))
        if hidden.get("act", act) == act and hidden.get("of", "") == of and f'"{act}"' in form:
            return await client.post(path, data=hidden | {"act": act} | fields)
    raise AssertionError(f"no form to {act} {of}")


async def test_an_order_is_picked_sent_and_delivered_without_a_script(shop: Shop) -> None:
    order, browser = await shop.order("phone"), await shop.service.browser("warehouse")

    picked = await press(browser, PICKING, "pick", order)
    assert (picked.status_code, picked.headers["location"]) == (303, f"{PICKING}?done=picked#o-{order}")
    assert await lines(order) == ["picked"]
    assert "Put the packing slip in" in (await browser.get(f"{PICKING}?done=picked")).text

    await press(browser, PICKING, "ship", order, carrier="shunfeng", tracking=" SF1234567890 ")
    shipment = await Shipment.get(order_id=order)
    assert "Nothing waits to be sent" in (await browser.get(PICKING)).text
    page = (await browser.get(SHIPMENTS)).text
    assert "SF Express" in page
    assert "No service follows parcels for us." in page

    delivered = await press(browser, SHIPMENTS, "deliver", f"{order}.{shipment.id}")
    assert delivered.headers["location"] == f"{SHIPMENTS}?done=delivered"
    assert await lines(order) == ["delivered"]


async def test_only_our_own_messenger_goes_without_a_tracking_number(shop: Shop) -> None:
    order, browser = await shop.order("phone"), await shop.service.browser("warehouse")
    answer = await press(browser, PICKING, "ship", order, carrier="shunfeng", tracking=" ")
    assert answer.status_code == 400
    assert "Scan or type the carrier&#39;s tracking number." in answer.text
    assert await Shipment.filter(order_id=order).count() == 0

    await press(browser, PICKING, "ship", order, carrier="messenger", tracking="")
    assert (await Shipment.get(order_id=order)).tracking == order[-6:]


async def test_what_a_place_has_and_sends_is_one_strip_of_tabs(shop: Shop) -> None:
    page = (await (await shop.service.browser("warehouse")).get(PICKING)).text
    strip = re.findall(r'class="tab[^"]*" href="([^"]+)"', page)
    assert strip == ["/stock/tianjin", "/stock/tianjin/count", PICKING, SHIPMENTS]


async def test_when_it_is_promised_stands_in_the_list_and_on_the_slip(shop: Shop) -> None:
    order, browser = await shop.order("phone"), await shop.service.browser("warehouse")
    start = to_ms(datetime(2026, 11, 27, 1, tzinfo=UTC))
    await LineRecord.filter(order_id=order).update(window_start=start, window_end=start + 3 * 3_600_000)

    said = {PICKING: "Fri 09:00–12:00", f"{PICKING}/slips/{order}": "Fri 27 Nov 09:00–12:00"}
    for path, when in said.items():
        assert f"At the door {when}" in read(await browser.get(path))


async def test_what_was_paid_at_the_door_is_in_the_books_once(shop: Shop) -> None:
    order, browser = await shop.order("phone"), await shop.service.browser("warehouse")
    shipment = await shop.shipped(await shop.service.signed_in("warehouse"), order)
    assert "the money is to come" not in (await browser.get(SHIPMENTS)).text
    await press(browser, SHIPMENTS, "deliver", f"{order}.{shipment.id}")
    page = (await browser.get(SHIPMENTS)).text
    assert "¥129 taken in cash" in page
    (form,) = [form for form in re.findall(r"<form.*?</form>", page, flags=re.DOTALL) if 'value="pay"' in form]
    filled = dict(HIDDEN.findall(form)) | {"method": "cash"}

    paid = [await browser.post(SHIPMENTS, data=filled) for _ in range(2)]

    assert {answer.headers["location"] for answer in paid} == {f"{SHIPMENTS}?done=paid"}
    assert [(event.amount, event.hall) for event in await MoneyEventRecord.all()] == [(12900, "tianjin")]
    assert "the money is to come" not in (await browser.get(SHIPMENTS)).text


async def test_money_that_is_due_elsewhere_is_not_taken_here(shop: Shop) -> None:
    order, browser = await shop.order("phone", place="heping"), await shop.service.browser("warehouse")
    own = await shop.order("phone")
    await press(browser, PICKING, "pick", own)
    page = (await browser.get(PICKING)).text
    hidden = dict(HIDDEN.findall(page))
    filled = {"csrf": hidden["csrf"], "key": hidden["key"], "act": "pay", "method": "cash"}

    refused = [await browser.post(SHIPMENTS, data=filled | {"of": one}) for one in (order, "nothing")]

    assert [answer.status_code for answer in refused] == [404, 404]
    assert (await browser.post(SHIPMENTS, data=filled | {"of": own, "method": "promises"})).status_code == 400
    assert await MoneyEventRecord.all().count() == 0


async def test_a_scanned_slip_or_the_end_of_its_number_says_what_was_picked(shop: Shop) -> None:
    first, second = await shop.order("phone"), await shop.order("phone")
    browser = await shop.service.browser("warehouse")

    await press(browser, PICKING, "scan", code=first)
    await press(browser, PICKING, "scan", code=second.upper())
    refused = await press(browser, PICKING, "scan", code="nothing")

    assert (await lines(first), await lines(second)) == (["picked"], ["picked"])
    assert refused.status_code == 400
    assert "No order that waits here has the number “nothing”." in refused.text


async def test_what_is_too_much_for_the_page_is_said_and_can_be_scanned(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST", 1)
    first, second = await shop.order("phone"), await shop.order("phone")
    browser = await shop.service.browser("warehouse")
    page = read(await browser.get(PICKING))
    assert "Many orders wait here: these are the oldest." in page
    assert f"/slips/{second}" not in page

    await press(browser, PICKING, "scan", code=second)

    assert (await lines(first), await lines(second)) == (["allocated"], ["picked"])
    page = (await browser.get(PICKING)).text
    assert all(f"/slips/{order}" in page for order in (first, second))


async def test_a_tracking_number_that_is_none_is_refused_and_stays_in_its_field(shop: Shop) -> None:
    order, browser = await shop.order("phone"), await shop.service.browser("warehouse")

    refused = await press(browser, PICKING, "ship", order, carrier="ems", tracking="not a number")

    assert refused.status_code == 400
    assert "“The marked field” is empty, or has characters" in refused.text
    assert 'value="not a number"' in refused.text
    assert await lines(order) == ["allocated"]


async def test_pieces_with_numbers_are_scanned_in_any_order_when_they_are_picked(shop: Shop) -> None:
    await shop.receive("T1", "T2")
    order, browser = await shop.order("phone", "tablet"), await shop.service.browser("warehouse")

    wrong = await press(browser, PICKING, "pick", order, serials="T7")
    assert (wrong.status_code, ">T7</textarea>" in wrong.text) == (409, True)
    await press(browser, PICKING, "pick", order, serials=" T2\n")

    assert [line.serials for line in await LineRecord.filter(order_id=order).order_by("number")] == [None, "T2"]
    for path in (PICKING, f"{PICKING}/slips/{order}"):
        assert "T2" in (page := (await browser.get(path)).text)
        assert 'name="serials"' not in page
    await press(browser, PICKING, "ship", order, carrier="shunfeng", tracking="SF1234567890")
    assert await lines(order) == ["shipped", "shipped"]


async def test_who_only_scanned_the_slip_is_asked_for_the_numbers_when_it_leaves(shop: Shop) -> None:
    await shop.receive("T1")
    order, browser = await shop.order("tablet"), await shop.service.browser("warehouse")
    await press(browser, PICKING, "scan", code=order)
    sent = {"carrier": "shunfeng", "tracking": "SF1234567890"}

    refused = await press(browser, PICKING, "ship", order, **sent)
    assert (refused.status_code, "Give one serial number for each piece." in refused.text) == (400, True)
    await press(browser, PICKING, "ship", order, **sent, serials="T1")
    assert await lines(order) == ["shipped"]


async def test_a_sim_card_asks_for_the_identity_card(shop: Shop) -> None:
    order, browser = await shop.order("sim"), await shop.service.browser("warehouse")
    assert "SIM card: it may be handed over only" in (await browser.get(PICKING)).text
    shipment = await shop.shipped(await shop.service.signed_in("warehouse"), order)
    of = f"{order}.{shipment.id}"

    refused = await press(browser, SHIPMENTS, "deliver", of)
    assert (refused.status_code, await lines(order)) == (409, ["shipped"])
    await press(browser, SHIPMENTS, "deliver", of, identity_checked="1")

    assert await lines(order) == ["delivered"]


async def test_what_nobody_took_is_noted_and_what_came_back_is_in_stock(shop: Shop) -> None:
    order, browser = await shop.order("phone"), await shop.service.browser("warehouse")
    shipment = await shop.shipped(await shop.service.signed_in("warehouse"), order)
    of = f"{order}.{shipment.id}"

    await press(browser, SHIPMENTS, "fail", of, reason="nobody at home")
    assert "nobody at home" in (await browser.get(SHIPMENTS)).text
    await press(browser, SHIPMENTS, "back", of, reason="given up")

    assert await lines(order) == ["returned"]
    assert (await shop.level()).available == 10


async def test_the_slip_says_what_is_inside_and_what_is_due_and_hides_the_phone_number(shop: Shop) -> None:
    order, browser = await shop.order("phone", "sim"), await shop.service.browser("warehouse")

    page = (await browser.get(f"{PICKING}/slips/{order}")).text

    assert "王小明" in page
    assert "天津市南开区卫津路 94 号" in page
    assert "138****8000" in page
    assert "13800138000" not in page
    assert "To be paid on delivery: ¥258" in page
    assert (await browser.get("/picking/heping/slips/" + order)).status_code in {403, 404}


async def test_each_page_is_for_the_people_of_the_place(shop: Shop) -> None:
    order = await shop.order("phone")
    for path in (PICKING, SHIPMENTS, f"{PICKING}/slips/{order}"):
        assert (await shop.service.client().get(path)).headers["location"].startswith("/sign-in?")
        assert (await (await shop.service.browser("clerk1")).get(path)).status_code == 403
        assert (await (await shop.service.browser("hq")).get(path)).status_code == 200


async def test_whoever_works_at_one_place_is_there_at_once(shop: Shop) -> None:
    assert (await (await shop.service.browser("clerk1")).get("/picking")).headers["location"] == "/picking/heping"
    page = (await (await shop.service.browser("hq")).get("/picking")).text
    assert 'href="/picking/tianjin"' in page


async def test_many_orders_are_read_in_as_many_statements_as_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_from_now_on(monkeypatch)
    api, browser = await shop.service.signed_in("warehouse"), await shop.service.browser("warehouse")

    async def statements_of_the_pages() -> tuple[int, int]:
        counts = []
        for path in (PICKING, SHIPMENTS):
            await browser.get(path)  # What is believed for a second is known now.
            asked.clear()
            assert (await browser.get(path)).status_code == 200
            counts.append(len(asked))
        return counts[0], counts[1]

    async def one_of_each_kind() -> None:
        await shop.order("phone", "sim")
        for _state in ("sent", "delivered"):
            sent = await shop.order("phone")
            shipment = await shop.shipped(api, sent)
        await Shipment.filter(id=shipment.id).update(state="delivered")

    await one_of_each_kind()
    few = await statements_of_the_pages()
    for _time in range(2):
        await one_of_each_kind()

    assert await statements_of_the_pages() == few
    assert (await browser.get(PICKING)).text.count("天津市 南开区") == 3
