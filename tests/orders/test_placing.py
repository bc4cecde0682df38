"""Placing an order: one act over hall and warehouse, with one answer however often it is asked for."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient

from orders.models import LineRecord, OrderContactRecord, OrderEventRecord, OrderRecord
from orders.order_schemas import MOST_LINES
from orders.schemas import Kind
from qr.schemas import NewCode
from tests.orders.goods import a_product, put
from tests.orders.shop import ADDRESS, PATH, PHONE, SKU, a_wish, order, owner, placed, receive, stock_of
from tests.qr.printing import printed
from tests.serving import Service, with_key


async def test_what_the_hall_has_is_put_by_there(phone: AsyncClient) -> None:
    made = await placed(phone, a_wish(2))

    line = {"line": 1, "sku": "case", "quantity": 2, "fulfilment": "pickup", "place": "heping", "state": "allocated"}
    assert line.items() <= made["lines"][0].items()
    assert (made["state"], made["payment"], made["pay_at"]) == ("placed", "open", "counter")
    assert made["total"] == {"amount": "258.00", "currency": "CNY"}
    assert made["pay_by"] == "2026-11-25T02:00:00.000+00:00"
    assert await stock_of("heping") == (2, 2, 0)


async def test_what_the_hall_has_not_got_is_sent_and_the_answer_says_so(phone: AsyncClient) -> None:
    made = await placed(phone, a_wish(3, address=ADDRESS))

    assert (made["lines"][0]["fulfilment"], made["lines"][0]["place"]) == ("delivery", "tianjin")
    assert (made["pay_at"], made["pay_by"]) == ("delivery", None)
    assert "pickup_code" not in made
    assert await stock_of("tianjin") == (5, 3, 0)
    assert await stock_of("heping") == (2, 0, 0)


async def test_a_small_delivery_costs_a_fee_and_a_large_one_none(phone: AsyncClient) -> None:
    await put(SKU, a_product(amount="9.90"))
    small = await placed(phone, a_wish(1, "delivery", address=ADDRESS))

    assert (small["delivery_fee"]["amount"], small["total"]["amount"]) == ("12.00", "21.90")


async def test_out_of_stock_says_what_is_possible_instead_and_holds_nothing(phone: AsyncClient) -> None:
    answer = await order(phone, a_wish(3, "pickup"))

    told = answer.json()
    assert (answer.status_code, told["code"], told["sku"]) == (409, "out_of_stock", "case")
    assert told["possible"] == [
        {"fulfilment": "pickup", "place": "heping", "available": 2},
        {"fulfilment": "delivery", "place": "tianjin", "available": 5},
    ]
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 0, 0), (5, 0, 0)]
    assert await OrderRecord.all().count() == 0


async def test_what_was_held_for_one_line_is_let_go_when_another_is_not_there(phone: AsyncClient) -> None:
    await put("cable", a_product("数据线", "Cable", amount="19.00"))
    lines = [{"sku": SKU, "quantity": 1}, {"sku": "cable", "quantity": 1}]
    answer = await order(phone, a_wish() | {"lines": lines})

    assert (answer.status_code, answer.json()["sku"]) == (409, "cable")
    assert await stock_of("heping") == (2, 0, 0)


async def test_the_total_that_was_shown_is_the_total_that_is_paid(phone: AsyncClient) -> None:
    wrong = await order(phone, a_wish(1, expected_total={"amount": "99.00", "currency": "CNY"}))

    assert (wrong.json()["code"], wrong.json()["total"]["amount"]) == ("price_changed", "129.00")
    assert await stock_of("heping") == (2, 0, 0)
    right = await order(phone, a_wish(1, expected_total={"amount": "129.00", "currency": "CNY"}))
    assert right.status_code == 201


async def test_one_person_gets_no_more_than_the_limit_in_whatever_race(service: Service, phone: AsyncClient) -> None:
    await put(SKU, a_product(amount="129.00", limit_per_person=2))
    await receive(service, "tianjin", 5)  # Enough for all six: for a moment each holds one.
    wishes = [a_wish(1, "delivery", address=ADDRESS, phone=typed) for typed in (PHONE, "+86 138 1234 5678") * 3]
    answers = await asyncio.gather(*(order(phone, wish) for wish in wishes))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], refused["limit"], refused["left"]) == ("limit_per_person", 2, 0)
    assert await stock_of("tianjin") == (10, 2, 0)
    await placed(phone, a_wish(2, "delivery", address=ADDRESS, phone="13900139000"))  # What others had is theirs.


@pytest.mark.parametrize(("language", "name"), [("en", "Watch"), ("zh-CN", "手表"), ("fr", "手表")])
async def test_who_says_no_language_is_told_in_that_of_the_request(
    phone: AsyncClient, language: str, name: str
) -> None:
    await put("watch", a_product("手表", "Watch", limit_per_person=1))
    wish = {"hall": "heping", "lines": [{"sku": "watch", "quantity": 1}], "fulfilment": "pickup", "phone": PHONE}
    headers = {"accept-language": language}
    gone = await phone.post(PATH, json=wish, headers=with_key("a-key-of-what-is-gone") | headers)
    wish["lines"] = [{"sku": SKU, "quantity": 1}]
    made = await phone.post(PATH, json=wish, headers=with_key("a-key-of-what-is-there") | headers)

    assert (gone.json()["code"], gone.json()["name"]) == ("out_of_stock", name)
    assert name in gone.json()["detail"]
    assert (await OrderRecord.get(id=made.json()["id"])).language == ("en" if language == "en" else "zh-CN")


async def test_the_hall_that_showed_it_keeps_the_credit_whoever_sends_it(service: Service, phone: AsyncClient) -> None:
    given = NewCode(kind="hall", hall="nankai", issued_by="staff:clerk5", campaign="spring")
    code = await printed(service.state["signer"], given, now=service.clock())
    made = await placed(phone, a_wish(1, "delivery", address=ADDRESS, code=code.text))

    row = await OrderRecord.get(id=made["id"])
    assert (made["shown_in"], row.issued_by, row.campaign) == ("nankai", "staff:clerk5", "spring")


async def test_a_plan_is_no_thing_and_is_never_out(phone: AsyncClient) -> None:
    await put("plan-5g", a_product("5G 套餐", "5G plan", amount="99.00", kind=Kind.PLAN))
    made = await placed(phone, a_wish() | {"lines": [{"sku": "plan-5g", "quantity": 1}]})

    assert (made["lines"][0]["fulfilment"], made["lines"][0]["place"]) == ("pickup", "heping")


async def test_as_many_products_as_an_order_may_have_are_ordered_in_one(phone: AsyncClient, service: Service) -> None:
    skus = [f"thing-{number}" for number in range(MOST_LINES)]
    for sku in skus:
        await put(sku, a_product(amount="1.00"))
        await receive(service, "heping", 1, sku)
    made = await placed(phone, a_wish() | {"lines": [{"sku": sku, "quantity": 1} for sku in skus]})

    assert {line["place"] for line in made["lines"]} == {"heping"}
    assert [await stock_of("heping", sku) for sku in skus] == [(1, 1, 0)] * MOST_LINES


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (a_wish(fulfilment="delivery"), "address"),
        (a_wish(address=ADDRESS | {"province": "火星"}), "address.province"),
        (a_wish(phone="12"), "phone"),
        (a_wish(code="forged"), "code"),
        (a_wish() | {"lines": [{"sku": SKU, "quantity": 1}] * 2}, "lines"),
        (a_wish() | {"lines": []}, "lines"),
        (a_wish(0), "lines[0].quantity"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(phone: AsyncClient, wish: dict[str, Any], field: str) -> None:
    answer = await order(phone, wish)

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert await OrderRecord.all().count() == 0


async def test_only_the_owner_and_the_staff_concerned_see_it(service: Service, phone: AsyncClient) -> None:
    made = await placed(phone)
    path = f"{PATH}/{made['id']}"

    assert (await phone.get(path)).status_code == 404
    assert (await phone.get(path, headers={"authorization": "Bearer wrong"})).status_code == 404
    mine = (await phone.get(path, headers=owner(made))).json()
    assert mine["pickup_code"] == made["pickup_code"]
    assert "token" not in mine
    assert "pickup_code" not in (await (await service.signed_in("clerk1")).get(path)).json()
    assert (await (await service.signed_in("clerk5")).get(path)).status_code == 404


async def test_who_it_is_for_is_sealed_and_nowhere_else(phone: AsyncClient) -> None:
    made = await placed(phone, a_wish(1, address=ADDRESS))

    sealed = (await OrderContactRecord.get(order_id=made["id"])).sealed
    rows = [*await OrderRecord.all().values(), *await LineRecord.all().values(), *await OrderEventRecord.all().values()]
    assert not any(secret in sealed + str(rows) for secret in (PHONE, "李华", "南京路", made["pickup_code"]))
