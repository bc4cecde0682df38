"""Money that goes back, and goods that come back: all of an order, lines of it, or units of a line."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from orders import jobs
from orders.models import MoneyEventRecord, OrderEventRecord, OrderRecord
from tests.orders.goods import a_product, put
from tests.orders.shop import (
    ADDRESS,
    ROUTES,
    SKU,
    a_wish,
    act,
    collected,
    open_shop,
    paid,
    placed,
    receive,
    stock_of,
)
from tests.serving import Service, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES) as service:
        await open_shop(service, heping=5, tianjin=5)
        yield service


async def test_what_is_paid_and_not_collected_waits_for_a_person_to_give_the_money_back(
    service: Service, clerk: AsyncClient, made: dict[str, Any]
) -> None:
    await paid(clerk, made)
    service.clock.advance(hours=49)
    await jobs.put_back(service.state)
    assert (await OrderRecord.get(id=made["id"])).state == "paid"
    clerk = await service.signed_in("clerk1")
    answer = await act(clerk, made["id"], "refund", method="cash", reason="not collected")

    assert (answer.json()["state"], answer.json()["refunded"]) == ("cancelled", made["total"])
    assert await stock_of("heping") == (5, 0, 0)


async def test_units_of_a_line_are_refunded_and_stock_again_when_they_can_be_sold(
    clerk: AsyncClient, made: dict[str, Any]
) -> None:
    await paid(clerk, made)
    await collected(clerk, made)
    one = [{"line": 1, "quantity": 1}]
    answer = await act(clerk, made["id"], "refund", method="cash", reason="wrong colour", lines=one)
    assert (answer.json()["refunded"]["amount"], answer.json()["lines"][0]["state"]) == ("129.00", "collected")
    assert await stock_of("heping") == (4, 0, 0)

    damaged = [{"line": 1, "quantity": 1, "goods": "damaged"}]
    answer = await act(clerk, made["id"], "refund", method="card", reason="broken", lines=damaged)
    assert (answer.json()["refunded"], answer.json()["lines"][0]["state"]) == (made["total"], "returned")
    assert await stock_of("heping") == (4, 0, 0)
    more = await act(clerk, made["id"], "refund", method="cash", reason="again", lines=one)
    assert (more.json()["code"], more.json()["left"]) == ("refund_too_large", 0)
    assert (await act(clerk, made["id"], "refund", method="cash", reason="all")).json()["code"] == "nothing_to_do"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"line": 2, "quantity": 1}, "lines[1].line"),
        ({"line": 1, "quantity": 3}, "lines[1].quantity"),
        ({"line": 1, "quantity": 1}, "lines[0].quantity"),
    ],
    ids=["no such line", "more than there was", "a part of what waits still"],
)
async def test_a_refused_refund_names_the_clients_own_field_and_gives_nothing_back(
    clerk: AsyncClient, made: dict[str, Any], wrong: dict[str, int], field: str
) -> None:
    await paid(clerk, made)
    lines = [{"line": 1, "quantity": 2}, wrong] if field.startswith("lines[1]") else [wrong]
    refused = await act(clerk, made["id"], "refund", lines=lines)

    assert (refused.json()["field"], refused.status_code // 100) == (field, 4)
    assert await MoneyEventRecord.filter(kind="refund").count() == 0
    assert await stock_of("heping") == (5, 2, 0)


async def test_a_whole_return_is_stock_again_and_all_the_money_goes_back(
    clerk: AsyncClient, made: dict[str, Any]
) -> None:
    await paid(clerk, made)
    await collected(clerk, made)
    answer = await act(clerk, made["id"], "refund", method="cash", reason="not wanted")

    assert (answer.json()["state"], answer.json()["refunded"]) == ("closed", made["total"])
    assert await stock_of("heping") == (5, 0, 0)


async def test_what_has_been_collected_is_done_when_the_rest_is_paid_back(
    service: Service, phone: AsyncClient, clerk: AsyncClient
) -> None:
    await put("cable", a_product(amount="9.90"))
    await receive(service, "tianjin", 1, "cable")
    lines = [{"sku": sku, "quantity": 1} for sku in (SKU, "cable")]
    made = await placed(phone, a_wish(lines=lines, address=ADDRESS))
    assert [line["fulfilment"] for line in made["lines"]] == ["pickup", "delivery"]
    await paid(clerk, made)
    await collected(clerk, made)

    answer = await act(clerk, made["id"], "refund", reason="too late", lines=[{"line": 2, "quantity": 1}])

    assert (answer.json()["refunded"]["amount"], answer.json()["state"]) == ("9.90", "closed")


async def test_the_delivery_fee_goes_back_with_the_last_unit(
    service: Service, phone: AsyncClient, clerk: AsyncClient
) -> None:
    for sku in ("cable", "pen"):
        await put(sku, a_product(amount="9.90"))
        await receive(service, "tianjin", 1, sku)
    lines = [{"sku": sku, "quantity": 1} for sku in ("cable", "pen")]
    made = await placed(phone, a_wish(fulfilment="delivery", lines=lines, address=ADDRESS))
    await paid(clerk, made)

    answers = [
        await act(clerk, made["id"], "refund", reason="not wanted", lines=[{"line": line, "quantity": 1}])
        for line in (1, 2)
    ]

    assert made["delivery_fee"]["amount"] == "12.00"
    assert [answer.json()["refunded"] for answer in answers] == [{"amount": "9.90", "currency": "CNY"}, made["total"]]
    noted = await OrderEventRecord.filter(name="order.refunded").order_by("id")
    assert [(event.reason, event.data) for event in noted] == [
        ("not wanted", f'{{"method":"cash","amount":{amount}}}') for amount in (990, 2190)
    ]


@pytest.mark.parametrize("verb", ["cancellation", "refund"])
@pytest.mark.parametrize("method", [{}, {"method": "cash"}, {"method": "card"}], ids=["nothing", "cash", "card"])
async def test_where_nobody_says_how_money_is_cash_and_goes_back_as_it_came(
    clerk: AsyncClient, made: dict[str, Any], verb: str, method: dict[str, str]
) -> None:
    assert (await act(clerk, made["id"], "payment", **method)).json()["payment"] == "paid"

    assert (await act(clerk, made["id"], verb)).json()["refunded"] == made["total"]
    moved = [(row.kind, row.method) for row in await MoneyEventRecord.all().order_by("id")]
    assert moved == [(kind, method.get("method", "cash")) for kind in ("payment", "refund")]


async def test_refunds_at_once_never_give_more_than_was_paid(clerk: AsyncClient, made: dict[str, Any]) -> None:
    await paid(clerk, made)
    await collected(clerk, made)
    one = [{"line": 1, "quantity": 1}]
    await asyncio.gather(*(act(clerk, made["id"], "refund", method="cash", reason="r", lines=one) for _ in range(6)))

    assert sum([row.amount for row in await MoneyEventRecord.all()]) == 0
    assert await stock_of("heping") == (5, 0, 0)
