"""A line from several places, in one act: for whoever agrees, once however often it is asked for, or not at all."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from halls.stock.jobs import settle
from o2o.kernel.models import Idempotency
from orders.models import LineRecord, OrderRecord
from tests.orders.cutting import cut
from tests.orders.goods import a_product, add_warehouse, put
from tests.orders.shop import ADDRESS, ROUTES, SKU, a_wish, open_shop, order, placed, receive, stock_of
from tests.serving import Service, serve

KEY = "a-key-of-a-split-order"
WISH = a_wish(3, address=ADDRESS, split=True)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES, O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=1)
        yield service


def comes(made: dict[str, Any]) -> list[tuple[int, str, str, int]]:
    return [(line["line"], line["fulfilment"], line["place"], line["quantity"]) for line in made["lines"]]


async def test_a_line_that_no_place_has_whole_comes_from_two(phone: AsyncClient) -> None:
    made = await placed(phone, WISH)

    assert comes(made) == [(1, "pickup", "heping", 2), (2, "delivery", "tianjin", 1)]
    assert (made["total"]["amount"], made["delivery_fee"]["amount"]) == ("387.00", "0.00")
    assert made["pay_at"] == "counter"
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 2, 0), (1, 1, 0)]


async def test_nothing_is_split_that_nobody_agreed_to(phone: AsyncClient) -> None:
    answer = await order(phone, {**WISH, "split": False})

    assert answer.json()["code"] == "out_of_stock"
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 0, 0), (1, 0, 0)]


async def test_what_one_place_has_is_not_split(service: Service, phone: AsyncClient) -> None:
    await receive(service, "tianjin", 2)
    made = await placed(phone, WISH)

    assert comes(made) == [(1, "delivery", "tianjin", 3)]


async def test_a_delivery_may_come_from_two_warehouses(service: Service, phone: AsyncClient) -> None:
    await add_warehouse(service, "wuqing", "tianjin")
    await receive(service, "wuqing", 2)
    made = await placed(phone, {**WISH, "fulfilment": "delivery"})

    assert sorted(comes(made)) == [(1, "delivery", "tianjin", 1), (2, "delivery", "wuqing", 2)]
    assert await stock_of("heping") == (2, 0, 0)


async def test_other_lines_of_the_order_stay_whole(service: Service, phone: AsyncClient) -> None:
    await put("cable", a_product("数据线", "Cable", amount="19.00"))
    await receive(service, "heping", 1, "cable")
    made = await placed(phone, WISH | {"lines": [{"sku": "cable", "quantity": 1}, *WISH["lines"]]})

    assert [line["sku"] for line in made["lines"]] == ["cable", SKU, SKU]


async def test_more_than_all_places_have_is_refused_whole(phone: AsyncClient) -> None:
    answer = await order(phone, a_wish(4, address=ADDRESS, split=True), KEY)

    assert answer.json()["possible"] == [
        {"fulfilment": "pickup", "place": "heping", "available": 2},
        {"fulfilment": "delivery", "place": "tianjin", "available": 1},
    ]
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 0, 0), (1, 0, 0)]
    assert await Idempotency.all().count() == 0


async def test_the_limit_a_person_counts_all_parts(phone: AsyncClient) -> None:
    await put(SKU, a_product(amount="129.00", limit_per_person=2))
    answer = await order(phone, WISH)

    assert (answer.json()["code"], answer.json()["left"]) == ("limit_per_person", 2)
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 0, 0), (1, 0, 0)]


@pytest.mark.parametrize("step", ["_decide", "hold", "second hold", "write", "allocate", "second allocate", "_know"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_cut_at_any_step_the_repeat_makes_one_order(
    service: Service, phone: AsyncClient, step: str, when: str
) -> None:
    """Everything that there is goes into it: a repeat that did not know its own holds would find nothing."""
    with cut(when, step):
        assert (await order(phone, WISH, KEY)).status_code == 503
    again = await order(phone, WISH, KEY)

    assert again.status_code == 201, again.text
    assert comes(again.json()) == [(1, "pickup", "heping", 2), (2, "delivery", "tianjin", 1)]
    assert (await order(phone, WISH, KEY)).json() == again.json()
    assert await OrderRecord.all().count() == 1
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 2, 0), (1, 1, 0)]
    assert await LineRecord.filter(stock="allocated").count() == 2


async def test_what_others_took_meanwhile_lets_everything_go_and_is_judged_anew(
    service: Service, phone: AsyncClient
) -> None:
    with cut("before", "second hold"):
        await order(phone, WISH, KEY)
    await placed(service.client(), a_wish(1, "delivery", address=ADDRESS, phone="13900000000"))

    assert (await order(phone, WISH, KEY)).json()["code"] == "out_of_stock"
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 0, 0), (1, 1, 0)]
    await receive(service, "heping", 1)
    again = await order(phone, WISH, KEY)
    assert comes(again.json()) == [(1, "pickup", "heping", 3)]


async def test_the_parts_of_a_withdrawn_order_go_back_to_their_places(service: Service, phone: AsyncClient) -> None:
    with cut("before", "second allocate"):
        await order(phone, WISH, KEY)
    service.clock.advance(minutes=11)
    await settle(service.state["stock"])
    await placed(service.client(), a_wish(1, "delivery", address=ADDRESS, phone="13900000000"))

    assert (await order(phone, WISH, KEY)).json()["code"] == "out_of_stock"
    assert await OrderRecord.filter(state="cancelled").count() == 1
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 0, 0), (1, 1, 0)]
    await receive(service, "tianjin", 1)
    service.clock.advance(seconds=1)
    again = await order(phone, WISH, KEY)
    assert comes(again.json()) == [(1, "pickup", "heping", 2), (2, "delivery", "tianjin", 1)]
