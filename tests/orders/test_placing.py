"""Placing an order: one act over hall and warehouse, with one answer however often it is asked for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from halls.stock.service import Stockroom
from o2o.kernel.errors import UnavailableError
from orders import jobs
from orders.models import LineRecord, OrderContactRecord, OrderEventRecord, OrderRecord
from orders.schemas import Kind
from orders.service import placing, stocking
from qr.schemas import NewCode
from qr.service import make_code
from tests.orders.goods import a_product, put
from tests.orders.shop import (
    ADDRESS,
    PATH,
    PHONE,
    ROUTES,
    SKU,
    a_wish,
    open_shop,
    order,
    owner,
    placed,
    receive,
    stock_of,
)
from tests.serving import Service, serve

KEY = "a-key-of-an-order-1"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES, O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=5)
        yield service


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client()


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


async def test_a_repeat_gets_the_same_order(service: Service, phone: AsyncClient) -> None:
    first = await order(phone, a_wish(2), KEY)
    answers = [await order(phone, a_wish(2), KEY) for _ in range(2)]

    assert [answer.json() for answer in answers] == [first.json()] * 2
    assert await stock_of("heping") == (2, 2, 0)
    assert await OrderRecord.all().count() == 1


async def test_repeats_at_the_same_moment_make_one_order(phone: AsyncClient) -> None:
    answers = await asyncio.gather(*(order(phone, a_wish(1, address=ADDRESS), KEY) for _ in range(8)))

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await stock_of("heping") == (2, 1, 0)
    assert await stock_of("tianjin") == (5, 0, 0)


async def test_the_same_key_with_another_body_is_refused(phone: AsyncClient) -> None:
    await order(phone, a_wish(1), KEY)
    answer = await order(phone, a_wish(2), KEY)

    assert answer.json()["code"] == "idempotency_key_reused"
    assert await stock_of("heping") == (2, 1, 0)


@pytest.mark.parametrize("step", ["hold", "_write", "allocate", "_know"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_cut_at_any_step_the_repeat_makes_one_order(
    service: Service, phone: AsyncClient, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    with monkeypatch.context() as broken:
        _cut(broken, step, when)
        assert (await order(phone, a_wish(2), KEY)).status_code == 503
    again = await order(phone, a_wish(2), KEY)

    assert again.status_code == 201, again.text
    assert await OrderRecord.all().count() == 1
    assert await stock_of("heping") == (2, 2, 0)
    assert await LineRecord.filter(stock="allocated").count() == 1


@pytest.mark.parametrize("quantity", [5, 2])
async def test_a_delivery_that_took_the_last_there_were_finds_them_again(
    phone: AsyncClient, monkeypatch: pytest.MonkeyPatch, quantity: int
) -> None:
    wish = a_wish(quantity, "delivery", address=ADDRESS)
    with monkeypatch.context() as broken:
        _cut(broken, "hold", "after")
        assert (await order(phone, wish, KEY)).status_code == 503
    again = await order(phone, wish, KEY)

    assert again.status_code == 201, again.text
    assert await stock_of("tianjin") == (5, quantity, 0)


async def test_what_was_let_go_when_it_was_refused_is_not_taken_for_held(service: Service, phone: AsyncClient) -> None:
    await put("cable", a_product("数据线", "Cable", amount="19.00"))
    lines = [{"sku": SKU, "quantity": 5}, {"sku": "cable", "quantity": 1}]
    wish = a_wish(1, "delivery", address=ADDRESS) | {"lines": lines}
    assert (await order(phone, wish, KEY)).json()["sku"] == "cable"
    await placed(service.client(), a_wish(5, "delivery", address=ADDRESS, phone="13900000000"))

    assert (await order(phone, wish, KEY)).json()["sku"] == SKU
    assert await OrderRecord.all().count() == 1


async def test_what_a_dead_process_left_undone_a_job_does(
    service: Service, phone: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        _cut(broken, "allocate", "before")
        await order(phone, a_wish(2), KEY)
    assert await stock_of("heping") == (2, 0, 2)
    service.clock.advance(seconds=6)
    await jobs.follow_stock(service.state)

    assert await stock_of("heping") == (2, 2, 0)


async def test_a_hold_that_ended_meanwhile_is_taken_anew(
    service: Service, phone: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        _cut(broken, "allocate", "before")
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)

    again = await order(phone, a_wish(2), KEY)
    assert again.status_code == 201, again.text
    assert await stock_of("heping") == (2, 2, 0)


async def test_an_order_whose_units_others_got_meanwhile_is_withdrawn_and_its_key_is_free(
    service: Service, phone: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        _cut(broken, "allocate", "before")
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)
    await placed(service.client(), a_wish(1, phone="13900000000"))

    assert (await order(phone, a_wish(2), KEY)).json()["code"] == "out_of_stock"
    assert await OrderRecord.filter(state="cancelled").count() == 1
    assert await stock_of("heping") == (2, 1, 0)
    service.clock.advance(seconds=1)
    assert (await order(phone, a_wish(1), "another-key-of-an-order")).status_code == 201


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


async def test_the_hall_that_showed_it_keeps_the_credit_whoever_sends_it(service: Service, phone: AsyncClient) -> None:
    given = NewCode(kind="hall", hall="nankai", issued_by="staff:clerk5", campaign="spring")
    code = await make_code(service.state["signer"], given, now=service.clock())
    made = await placed(phone, a_wish(1, "delivery", address=ADDRESS, code=code.text))

    row = await OrderRecord.get(id=made["id"])
    assert (made["shown_in"], row.issued_by, row.campaign) == ("nankai", "staff:clerk5", "spring")


async def test_a_plan_is_no_thing_and_is_never_out(phone: AsyncClient) -> None:
    await put("plan-5g", a_product("5G 套餐", "5G plan", amount="99.00", kind=Kind.PLAN))
    made = await placed(phone, a_wish() | {"lines": [{"sku": "plan-5g", "quantity": 1}]})

    assert (made["lines"][0]["fulfilment"], made["lines"][0]["place"]) == ("pickup", "heping")


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


def _cut(broken: pytest.MonkeyPatch, step: str, when: str) -> None:
    """Let the process die just before or just after a step: what it did stays done, and nobody is answered."""
    where: Any = Stockroom if step in {"hold", "allocate"} else placing if step == "_write" else stocking
    whole = getattr(where, step)

    async def dying(*args: Any, **options: Any) -> Any:
        if when == "after":
            await whole(*args, **options)
        raise UnavailableError("cut", retry_after=1)

    broken.setattr(where, step, dying)


def test_the_times_fit() -> None:
    assert timedelta(seconds=jobs.FOLLOW_STOCK_S) < jobs.AGE
