"""One address can't hoard numbers, by the API or by the page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from booking import endpoints, pages
from booking.state import NUMBERS_PER_ADDRESS
from tests.serving import Service, add_halls, serve, with_key

NUMBERS = "/api/v1/halls/heping/tickets"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*endpoints.routes, *pages.routes]) as service:
        await add_halls(service, "heping")
        await service.state["redis"].mutate.set("o2o:limit:numbers:192.0.2.1", NUMBERS_PER_ADDRESS[0], ex=60)
        yield service


async def take(client: AsyncClient) -> int:
    answer = await client.post(NUMBERS, json={"service": "sim"}, headers=with_key("0123456789abcdef"))
    return answer.status_code


async def test_an_address_that_took_too_many_is_refused(service: Service) -> None:
    assert await take(service.client()) == 429
    (load,) = await service.state["line"].loads([await service.state["directory"].get("heping")])
    assert load.head_count == 0


async def test_another_address_is_served(service: Service) -> None:
    assert await take(service.client(address="192.0.2.2")) == 201


async def test_the_page_says_so_too(service: Service) -> None:
    form = {"service": "sim", "key": "0123456789abcdef"}
    answer = await service.client().post("/halls/heping", data=form)

    assert answer.status_code == 429
    assert "300 numbers were taken within a minute" in answer.text
