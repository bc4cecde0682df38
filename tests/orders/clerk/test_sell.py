"""Sell or hand over, as a clerk's browser without scripts does it."""

import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

import booking.endpoints
import orders.clerk.pages
from halls.stock.queries import hold_row, level
from halls.stock.schemas import Hold
from halls.stock.states import HoldState
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.database import connection
from o2o.kernel.http import Operation
from orders.contacts import read_contact
from orders.delivery.fees import Rate
from orders.delivery.rates import set_rate
from orders.models import LineRecord, MoneyEventRecord, OrderRecord
from orders.order_schemas import PlaceOrder, WishedLine
from orders.schemas import Kind
from orders.service.placing import place
from tests.orders.goods import a_product, add_warehouse, put, set_level
from tests.serving import Service, add_halls, add_people, serve, with_key

PAGE = "/clerk/sell"
ROUTES = [*booking.endpoints.routes, *orders.clerk.pages.routes]
ADDRESS = {"name": "李明", "province": "天津市", "city": "", "district": "和平区", "street": "南京路 1 号"}
AT_HOME = ADDRESS | {"phone": "13800138000"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk5")
        await add_warehouse(service, "tianjin", "tianjin")
        await put("case-clear", a_product("透明手机壳", "Clear case", amount="129.00"))
        await put("phone-x1", a_product("手机", "Phone", amount="2999.00", kind=Kind.DEVICE, serialised=True))
        await put("watch-s1", a_product("手表", "Watch", amount="899.00", limit_per_person=1))
        await service.state["stock"].receive("heping", "case-clear", 5, attempt(service))
        yield service


@pytest.fixture
async def clerk(service: Service) -> AsyncClient:
    client = await service.browser("clerk1")
    client.headers["accept"] = "text/html"
    return client


def attempt(service: Service, actor: str = "staff:clerk1") -> Attempt:
    return Attempt(Operation(secrets.token_urlsafe(16), ""), actor, to_ms(service.clock()))


async def press(clerk: AsyncClient, act: str, key: str = "", **fields: Any) -> Response:
    """Press a button of the page as it stands."""
    page = (await clerk.get(PAGE, params={"counter": "heping-1"})).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = {"act": act, "counter": "heping-1", "csrf": csrf[1], "key": key or secrets.token_urlsafe(16), **fields}
    return await clerk.post(PAGE, data=form)


async def done(clerk: AsyncClient, answer: Response) -> str:
    assert answer.status_code == 303, answer.text
    return (await clerk.get(answer.headers["location"])).text


async def waiting_with(service: Service, quantity: int) -> tuple[str, Hold]:
    """Somebody with a number that carries so many cases."""
    stock, signer = service.state["stock"], service.state["signer"]
    hold = await stock.hold("heping", "case-clear", quantity, attempt(service), holder="li")
    wish = {"service": "device", "hold": f"{hold.id}.{signer.token('hold', hold.id)}"}
    answer = await service.client().post(
        "/api/v1/halls/heping/tickets", json=wish, headers=with_key(secrets.token_urlsafe(16))
    )
    return answer.json()["id"], hold


async def ordered(service: Service, quantity: int = 1) -> tuple[str, str]:
    """An order to be picked up in Heping, and its code."""
    lines = (WishedLine("case-clear", quantity),)
    wish = PlaceOrder(hall="heping", lines=lines, fulfilment="pickup", phone="13800138000")
    order = await place(service.state, wish, attempt(service, "anonymous"))
    contact = await read_contact(service.state["signer"], order.id)
    assert contact is not None
    assert contact.pickup is not None
    return order.id, contact.pickup


async def money() -> list[tuple[str, int, str | None]]:
    return [(row.method, row.amount, row.counter) for row in await MoneyEventRecord.all().order_by("at")]


async def test_what_is_on_the_shelf_is_sold_and_the_till_knows(service: Service, clerk: AsyncClient) -> None:
    page = await done(clerk, await press(clerk, "sell:cash", sku="case-clear", quantity=2))
    assert "Sold and handed over" in page
    assert "¥258" in page
    found = await level("heping", "case-clear")
    assert (found.on_hand, found.allocated, found.held) == (3, 0, 0)
    assert await money() == [("cash", 25800, "heping-1")]
    shelf = (await clerk.get(PAGE, params={"counter": "heping-1"})).text
    assert shelf.index("This counter's till today") < shelf.index("¥258")
    order = await OrderRecord.all().first()
    assert order is not None
    assert order.state == "closed"


async def test_a_search_for_thousands_of_letters_is_no_outage(clerk: AsyncClient) -> None:
    answer = await clerk.get(PAGE, params={"q": "a" * 5000})

    assert answer.status_code == 400


async def test_what_is_free_is_handed_over_without_money(service: Service, clerk: AsyncClient) -> None:
    await put("bag", a_product("手提袋", "Bag", amount="0.00"))
    await service.state["stock"].receive("heping", "bag", 1, attempt(service))
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "sku": "bag"})).text
    assert '<span class="number">free</span>' in page
    assert "¥0" not in page
    assert "Paid in cash" not in page
    button = re.search(r'name="act" value="([^"]+)">Hand over<', page)
    assert button
    page = await done(clerk, await press(clerk, button[1], sku="bag", quantity=1))
    assert "¥0" not in page
    assert (await level("heping", "bag")).on_hand == 0


async def test_pressing_twice_sells_once(service: Service, clerk: AsyncClient) -> None:
    key = "the-key-of-a-sale-1"
    first = await press(clerk, "sell:card", key, sku="case-clear", quantity=1)
    again = await press(clerk, "sell:card", key, sku="case-clear", quantity=1)
    assert first.headers["location"] == again.headers["location"]
    assert (await level("heping", "case-clear")).on_hand == 4
    assert await money() == [("card", 12900, "heping-1")]


async def test_what_a_number_has_held_becomes_its_order(service: Service, clerk: AsyncClient) -> None:
    ticket, hold = await waiting_with(service, 5)
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "ticket": ticket})).text
    assert "Held for them until 10:10" in page
    chosen = (await clerk.get(PAGE, params={"counter": "heping-1", "ticket": ticket, "sku": "case-clear"})).text
    assert f'name="hold" value="{hold.id}"' in chosen
    sold = await press(clerk, "sell:cash", ticket=ticket, sku="case-clear", quantity=5, hold=hold.id)
    assert "Sold and handed over" in await done(clerk, sold)
    row = await hold_row(hold.id)
    assert row is not None
    assert row.state is HoldState.CONVERTED
    assert (await level("heping", "case-clear")).on_hand == 0
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "ticket": ticket})).text
    assert "They have it." in page
    assert "Sell it" not in page


async def test_what_is_held_for_others_is_not_sold(service: Service, clerk: AsyncClient) -> None:
    await waiting_with(service, 5)
    answer = await press(clerk, "sell:cash", sku="case-clear", quantity=1)
    assert answer.status_code == 409
    assert "There is not enough of" in answer.text
    assert await money() == []
    assert (await level("heping", "case-clear")).held == 5


async def test_a_piece_with_a_number_of_its_own_is_sold_by_it(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("heping", "phone-x1", 2, attempt(service), serials=("SN1", "SN2"))
    wrong = await press(clerk, "sell:card", sku="phone-x1", quantity=1, serials="SN9")
    assert wrong.status_code == 409
    assert "SN9" in wrong.text
    assert await OrderRecord.all().count() == 0
    page = await done(clerk, await press(clerk, "sell:card", sku="phone-x1", quantity=1, serials="SN2"))
    assert "Sold and handed over" in page
    assert (await level("heping", "phone-x1")).on_hand == 1


async def test_no_other_sum_is_booked_than_the_page_said(clerk: AsyncClient) -> None:
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "sku": "case-clear"})).text
    shown = re.search(r'name="price" value="(\d+)"', page)
    assert shown is not None
    await put("case-clear", a_product("透明手机壳", "Clear case", amount="139.00"))
    answer = await press(clerk, "sell:cash", sku="case-clear", quantity=2, price=shown[1])

    assert (answer.status_code, "The total is ¥278.00 now" in answer.text) == (409, True)
    assert 'name="price" value="13900"' in answer.text
    assert await money() == []


async def test_what_is_sent_costs_what_the_page_said_with_the_delivery_to_where_it_goes(
    service: Service, clerk: AsyncClient
) -> None:
    await put("cable", a_product("数据线", "Cable", amount="29.00"))
    await service.state["stock"].receive("tianjin", "cable", 9, attempt(service))
    await set_rate(Rate("xinjiang", 2500, None, 6), actor="staff:hq", at=0)
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "sku": "cable"})).text
    assert ("¥41 with the delivery" in page, amounts(page)) == (True, ("2900", "1200"))

    far: dict[str, Any] = AT_HOME | {"province": "新疆", "city": "乌鲁木齐", "district": "天山"}
    asked: dict[str, Any] = {"sku": "cable", "quantity": 1, "price": "2900"}
    refused = await press(clerk, "send", fee="1200", **asked, **far)
    assert (refused.status_code, "The total is ¥54.00 now" in refused.text) == (409, True)
    assert ("¥54 with the delivery" in refused.text, amounts(refused.text)) == (True, ("2900", "2500"))
    assert 'value="天山"' in refused.text
    assert await OrderRecord.all().count() == 0

    await put("cable", a_product("数据线", "Cable", amount="39.00"))
    assert (await press(clerk, "send", fee="2500", **asked, **far)).status_code == 409
    sent = await press(clerk, "send", fee="2500", **(asked | {"price": "3900"}), **far)
    assert "¥64" in await done(clerk, sent)


def amounts(page: str) -> tuple[str, str]:
    """What the form for sending says of a piece and of the delivery, in fen."""
    found = re.search(r'name="price" value="(\d+)">\s*<input type="hidden" name="fee" value="(\d+)"', page)
    return (found[1], found[2]) if found else ("", "")


@pytest.mark.parametrize("act", ["sell:cash", "send"])
@pytest.mark.parametrize(
    ("wrong", "field"), [({"quantity": -2}, "quantity"), ({"quantity": 0}, "quantity"), ({"sku": "x" * 41}, "sku")]
)
async def test_what_is_no_number_of_pieces_is_not_kept_either(
    service: Service, clerk: AsyncClient, act: str, wrong: dict[str, Any], field: str
) -> None:
    await waiting_with(service, 3)
    filled: dict[str, Any] = {"sku": "case-clear", "quantity": 1, **AT_HOME, **wrong}
    answer = await press(clerk, act, **filled)

    assert (answer.status_code, f"“{field}”" in answer.text) == (400, True)
    assert (await level("heping", "case-clear")).available == 2


async def test_nothing_is_sent_to_nobody(clerk: AsyncClient) -> None:
    answer = await press(clerk, "send", sku="case-clear", quantity=1, **(AT_HOME | {"name": " "}))

    assert (answer.status_code, await OrderRecord.all().count()) == (400, 0)


async def test_what_is_limited_needs_a_phone_number(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("heping", "watch-s1", 5, attempt(service))
    nameless = await press(clerk, "sell:cash", sku="watch-s1", quantity=1)
    assert (nameless.status_code, "Ask for their phone number" in nameless.text) == (400, True)
    assert await money() == []
    await done(clerk, await press(clerk, "sell:cash", sku="watch-s1", quantity=1, phone="13800138000"))
    again = await press(clerk, "sell:cash", sku="watch-s1", quantity=1, phone="138 0013 8000")
    assert again.status_code == 409
    assert await money() == [("cash", 89900, "heping-1")]


async def test_an_order_is_paid_and_handed_over_by_its_code(service: Service, clerk: AsyncClient) -> None:
    order, code = await ordered(service, 2)
    page = await press(clerk, "find", code=code)
    assert page.status_code == 200
    assert "¥258 taken in cash" in page.text
    handed = await press(clerk, "collect:cash", order=order, code=code)
    assert "Handed over" in await done(clerk, handed)
    assert await money() == [("cash", 25800, "heping-1")]
    again = await press(clerk, "find", code=code)
    assert "It was handed over already." in again.text


async def test_which_pieces_are_handed_over_is_settled_before_there_is_money(
    service: Service, clerk: AsyncClient
) -> None:
    await service.state["stock"].receive("heping", "case-clear", 2, attempt(service), serials=("C1", "C2"))
    await put("case-clear", a_product(amount="129.00", serialised=True))
    order, code = await ordered(service, 2)
    page = await press(clerk, "find", code=code)
    assert "2 serial numbers, one a line" in page.text
    for wrong in ("C1", "C1\nC9", ""):
        assert (await press(clerk, "collect:cash", order=order, code=code, serials=wrong)).status_code in {400, 409}
    assert await money() == []

    given, key = {"order": order, "code": code, "serials": "C2\nC1"}, "a-key-of-a-hand-over"
    pressed = [await press(clerk, "collect:cash", key, **given) for _time in range(2)]
    assert [answer.status_code for answer in pressed] == [303, 303]
    assert (await LineRecord.get(order_id=order)).serials == "C2,C1"


async def test_a_wrong_code_takes_no_money(service: Service, clerk: AsyncClient) -> None:
    order, code = await ordered(service, 2)

    refused = await press(clerk, "collect:cash", order=order, code="aaaa bbbb cccc")

    assert (refused.status_code, await money()) == (409, [])
    await done(clerk, await press(clerk, "collect:cash", order=order, code=code))
    assert await money() == [("cash", 25800, "heping-1")]


async def test_nobody_takes_money_for_what_another_hall_hands_over(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("nankai", "case-clear", 5, attempt(service))
    wish = PlaceOrder(hall="nankai", lines=(WishedLine("case-clear", 2),), fulfilment="pickup", phone="13800138000")
    order = await place(service.state, wish, attempt(service, "anonymous"))
    contact = await read_contact(service.state["signer"], order.id)
    assert contact
    assert contact.pickup

    answer = await press(clerk, "collect:cash", order=order.id, code=contact.pickup)

    assert (answer.status_code, await money()) == (404, [])
    assert (await OrderRecord.get(id=order.id)).state == "placed"


async def test_a_wrong_code_finds_nothing_and_says_what_to_do(service: Service, clerk: AsyncClient) -> None:
    await ordered(service)
    answer = await press(clerk, "find", code="aaaa bbbb cccc")
    assert (answer.status_code, "Ask the customer to show it again" in answer.text) == (409, True)


async def test_another_hall_hands_nothing_over(service: Service) -> None:
    _order, code = await ordered(service)
    other = await service.browser("clerk5")
    page = (await other.get(PAGE, params={"counter": "nankai-1"})).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = {"act": "find", "counter": "nankai-1", "csrf": csrf[1], "key": secrets.token_urlsafe(16), "code": code}
    assert (await other.post(PAGE, data=form)).status_code == 409
    assert (await other.post(PAGE, data=form | {"counter": "heping-1"})).status_code == 403


async def test_what_is_not_here_is_ordered_for_delivery(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("tianjin", "phone-x1", 3, attempt(service), serials=("A1", "A2", "A3"))
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "sku": "phone-x1"})).text
    assert "not here, but it can be delivered" in page
    sent = await press(clerk, "send", sku="phone-x1", quantity=1, **AT_HOME)
    assert "Ordered for delivery" in await done(clerk, sent)
    assert (await level("tianjin", "phone-x1")).allocated == 1
    assert await money() == []


async def test_an_address_that_is_none_says_which_part(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("tianjin", "case-clear", 3, attempt(service))
    sent = await press(clerk, "send", sku="case-clear", quantity=1, **(AT_HOME | {"district": "没有区"}))
    assert sent.status_code == 400
    assert 'value="没有区" required aria-invalid="true"' in sent.text
    assert await OrderRecord.all().count() == 0


async def test_a_search_finds_what_is_here_first(service: Service, clerk: AsyncClient) -> None:
    page = (await clerk.get(PAGE, params={"counter": "heping-1", "q": "手机"})).text
    assert page.index("Clear case") < page.index("nowhere just now")


async def test_strangers_are_sent_to_sign_in(service: Service) -> None:
    answer = await service.client(accept="text/html").get(PAGE)
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["location"]


async def test_what_every_place_has_is_not_read_to_say_whether_it_is_here(
    service: Service, clerk: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(40):
        await set_level(f"place-{n}", "watch-s1", 1)
    client, rows = type(connection()), 0
    plain = client.execute_query_dict

    async def counted(self: object, query: str, values: list[object] | None = None) -> list[dict[str, object]]:
        nonlocal rows
        found = await plain(self, query, values)  # type: ignore[arg-type]
        rows += len(found) if "stock_levels" in query else 0
        return found

    monkeypatch.setattr(client, "execute_query_dict", counted)
    shelf = (await clerk.get(PAGE, params={"counter": "heping-1"})).text

    assert "5 here" in shelf
    assert shelf.count("not here, but it can be delivered") == 1
    assert rows == 1 + 2  # One is here, two were ever somewhere.
