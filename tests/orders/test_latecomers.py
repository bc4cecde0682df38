"""Who comes too late for what everybody wants: told so together, and nobody wrongly."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from orders.products import products_by_sku
from tests.orders.goods import a_product, put
from tests.orders.shop import ADDRESS, ROUTES, SKU, a_wish, open_shop, order, receive, stock_of
from tests.serving import Service, serve

KEY = "the-key-of-the-last-one"


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    """Somebody has ordered the last one of heping, and others were refused just now; nankai has some."""
    monkeypatch.setattr("halls.stock.crowd.MOMENT_S", 3600)  # However slow the machine is.
    async with serve(tmp_path, ROUTES, O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=1, nankai=3)
        assert (await order(service.client(), wish(), KEY)).status_code == 201
        await crowd(service, 8)
        service.clock.advance(milliseconds=1)
        yield service


def wish(number: int = 0, fulfilment: str = "pickup", **more: Any) -> dict[str, Any]:
    return a_wish(1, fulfilment, phone=f"1390000{number:04}", **more)


async def crowd(service: Service, count: int = 40, **more: Any) -> list[Response]:
    client = service.client()
    return await asyncio.gather(*(order(client, wish(number, **more)) for number in range(1, count + 1)))


def codes(answers: list[Response]) -> set[str]:
    return {answer.json().get("code", "ordered") for answer in answers}


async def test_all_are_told_what_there_is_instead_by_a_few_readings(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[str] = []
    real = products_by_sku

    async def counted(skus: list[str]) -> Any:
        readings.append("products")
        return await real(skus)

    monkeypatch.setattr("orders.latecomers.products_by_sku", counted)
    answers = await crowd(service, 100)

    assert codes(answers) == {"out_of_stock"}
    assert {answer.json()["sku"] for answer in answers} == {SKU}
    assert answers[0].json()["possible"] == [{"fulfilment": "pickup", "place": "nankai", "available": 3}]
    assert 1 <= len(readings) <= 20


async def test_whoever_ordered_and_repeats_amid_the_crowd_is_answered_as_then(service: Service) -> None:
    *others, again = await asyncio.gather(
        *(order(service.client(), wish(number)) for number in range(1, 20)), order(service.client(), wish(), KEY)
    )

    assert (codes(list(others)), again.status_code) == ({"out_of_stock"}, 201)
    assert await stock_of("heping") == (1, 1, 0)


async def test_what_arrives_is_sold_to_one_of_the_crowd(service: Service) -> None:
    await receive(service, "heping", 1)
    service.clock.advance(milliseconds=1)

    answers = await crowd(service)

    assert [answer.status_code for answer in answers].count(201) == 1
    assert await stock_of("heping") == (2, 2, 0)


async def test_a_key_that_was_used_in_another_hall_is_refused_as_reused(service: Service) -> None:
    await receive(service, "nankai", 5)
    answer = await order(service.client(), wish(1, hall="nankai"), "a-key-of-nankai-1")
    assert answer.status_code == 201

    *_others, reused = await asyncio.gather(
        *(order(service.client(), wish(number)) for number in range(2, 12)),
        order(service.client(), wish(1), "a-key-of-nankai-1"),
    )

    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


async def test_what_can_be_sent_is_sent_to_the_crowd(service: Service) -> None:
    await receive(service, "tianjin", 5)

    answers = await crowd(service, 8, fulfilment="auto", address=ADDRESS)

    assert [answer.status_code for answer in answers].count(201) == 5
    assert codes(answers) == {"ordered", "out_of_stock"}


async def test_what_is_sold_no_more_is_not_found(service: Service, phone: AsyncClient) -> None:
    await put(SKU, a_product(amount="129.00", listed_to=service.clock() - timedelta(hours=1)))

    assert (await order(phone, wish(50))).json()["code"] == "product_not_found"


async def test_no_phone_number_is_told_before_anything_is_looked_at(phone: AsyncClient) -> None:
    answer = await order(phone, wish() | {"phone": "1390"})

    assert (answer.json()["code"], answer.json()["field"]) == ("invalid", "phone")
