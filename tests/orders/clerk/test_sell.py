"""Sell from the shelf, as a clerk's browser without scripts does it."""

import re
from typing import Any

import pytest
from httpx2 import AsyncClient

from halls.stock.queries import hold_row, level
from halls.stock.states import HoldState
from orders.models import OrderRecord
from tests.asked import asked_from_now_on
from tests.orders.clerk.shelf import AT_HOME, PAGE, attempt, done, money, press, waiting_with
from tests.orders.goods import a_product, put, set_level
from tests.serving import Service


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


async def test_what_a_number_has_held_stays_held_when_it_can_not_be_sold(service: Service, clerk: AsyncClient) -> None:
    ticket, hold = await waiting_with(service, 5)
    await put("case-clear", a_product("透明手机壳", "Clear case", amount="139.00"))

    sold: dict[str, Any] = {"ticket": ticket, "sku": "case-clear", "quantity": 5, "hold": hold.id}
    refused = await press(clerk, "sell:cash", **sold, price="12900")

    assert (refused.status_code, await money()) == (409, [])
    assert "Sold and handed over" in await done(clerk, await press(clerk, "sell:cash", **sold, price="13900"))


async def test_what_a_number_has_held_is_sold_as_it_is_held_or_not_at_all(service: Service, clerk: AsyncClient) -> None:
    ticket, hold = await waiting_with(service, 3)
    await put("case-black", a_product("黑色手机壳", "Black case"))
    held: dict[str, Any] = {"ticket": ticket, "sku": "case-clear", "quantity": 3, "hold": hold.id}

    for wrong in ({"quantity": 1}, {"sku": "case-black"}):
        assert (await press(clerk, "sell:cash", **held | wrong)).status_code == 404
    await service.state["stock"].release(hold.id, attempt(service), why="not wanted")
    assert (await press(clerk, "sell:cash", **held)).status_code == 409

    assert (await money(), await OrderRecord.all().count()) == ([], 0)


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


@pytest.mark.parametrize("act", ["sell:cash", "send"])
@pytest.mark.parametrize("wrong", [{"quantity": -2}, {"quantity": 0}, {"sku": "x" * 41}])
async def test_what_is_no_number_of_pieces_is_not_kept_either(
    service: Service, clerk: AsyncClient, act: str, wrong: dict[str, Any]
) -> None:
    await waiting_with(service, 3)
    filled: dict[str, Any] = {"sku": "case-clear", "quantity": 1, **AT_HOME, **wrong}
    answer = await press(clerk, act, **filled)

    assert (answer.status_code, "“The marked field” " in answer.text) == (400, True)
    assert (await level("heping", "case-clear")).available == 2


async def test_what_is_limited_needs_a_phone_number(service: Service, clerk: AsyncClient) -> None:
    await service.state["stock"].receive("heping", "watch-s1", 5, attempt(service))
    nameless = await press(clerk, "sell:cash", sku="watch-s1", quantity=1)
    assert (nameless.status_code, "Ask for their phone number" in nameless.text) == (400, True)
    assert await money() == []
    await done(clerk, await press(clerk, "sell:cash", sku="watch-s1", quantity=1, phone="13800138000"))
    again = await press(clerk, "sell:cash", sku="watch-s1", quantity=1, phone="138 0013 8000")
    assert again.status_code == 409
    assert await money() == [("cash", 89900, "heping-1")]


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
    asked = asked_from_now_on(monkeypatch)
    shelf = (await clerk.get(PAGE, params={"counter": "heping-1"})).text

    assert "5 here" in shelf
    assert shelf.count("not here, but it can be delivered") == 1
    # One is here, two were ever somewhere.
    assert sum(one.rows for one in asked if "stock_levels" in one.statement) == 1 + 2
