"""Four hundred people want what there are a hundred of, over three places: exactly a hundred get it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from halls.stock.queries import level
from halls.stock.schemas import Hold
from halls.stock.service import Stockroom
from halls.stock.states import HoldState
from o2o.kernel.ids import timely_id
from orders.models import LineRecord, MoneyEventRecord, OrderRecord
from tests.orders.shop import ADDRESS, ROUTES, SKU, a_wish, act, open_shop, order, stock_of
from tests.serving import Service, serve

STOCK = {"heping": 40, "nankai": 30, "tianjin": 30}
BUYERS = 400
AT_ONCE = 40
PRICE = 12900


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES, O2O_RATE_LIMITS="off") as service:
        await open_shop(service, **STOCK)
        yield service


async def buy(client: AsyncClient, number: int, gate: asyncio.Semaphore) -> tuple[int, dict[str, Any]]:
    """One buyer, who repeats with the same key when they are told nothing certain."""
    wish = a_wish(1, phone=f"1390000{number:04}", address=ADDRESS, hall=("heping", "nankai")[number % 2])
    async with gate:
        for _try in range(5):
            answer = await order(client, wish, f"the-key-of-buyer-{number:04}")
            if answer.status_code != 503:
                break
    return answer.status_code, answer.json()


async def rush(service: Service) -> list[tuple[int, dict[str, Any]]]:
    client, gate = service.client(), asyncio.Semaphore(AT_ONCE)
    return await asyncio.gather(*(buy(client, number, gate) for number in range(BUYERS)))


async def test_exactly_a_hundred_are_sold_and_money_and_stock_agree(service: Service) -> None:
    answers = await rush(service)

    made = [told for status, told in answers if status == 201]
    assert {told["code"] for status, told in answers if status != 201} == {"out_of_stock"}
    assert (len(made), await OrderRecord.all().count()) == (100, 100)
    assert {place: await stock_of(place) for place in STOCK} == {place: (n, n, 0) for place, n in STOCK.items()}
    assert await LineRecord.filter(stock="allocated").count() == 100

    hq = await service.signed_in("hq")
    paid = [await act(hq, told["id"], "payment", method="cash") for told in made]
    assert {answer.status_code for answer in paid} == {200}
    assert sum([row.amount for row in await MoneyEventRecord.all()]) == 100 * PRICE


async def test_without_the_desks_decision_more_are_sold_than_there_are(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: who only reads what is there, and then writes, sells some of it twice."""

    async def look_then_take(_room: Stockroom, place: str, sku: str, quantity: int, tried: Any, **_more: Any) -> Hold:
        there = (await level(place, sku)).available - await LineRecord.filter(place=place, sku=sku).count()
        if there < quantity:
            return await real(_room, place, "nothing-there", quantity, tried, **_more)
        at = tried.received
        return Hold(
            id=timely_id(at), place=place, sku=sku, quantity=quantity, state=HoldState.ACTIVE, holder="", created_at=at,
            expires_at=at,
        )  # fmt: skip

    async def nothing(*_args: Any, **_more: Any) -> None:
        return None

    real = Stockroom.hold
    monkeypatch.setattr(Stockroom, "hold", look_then_take)
    monkeypatch.setattr(Stockroom, "allocate", nothing)
    await rush(service)

    assert await LineRecord.filter(sku=SKU).count() > 100
