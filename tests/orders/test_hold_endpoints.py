"""Keeping something over HTTP: for how long, for whom, how much, and who may let go of it."""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from halls.models import StockHold
from halls.stock.queries import level
from halls.stock.states import HOLDS_PER_HOLDER
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Operation
from orders.hold_endpoints import routes
from tests.orders.goods import a_product, put
from tests.serving import START, Service, add_halls, serve, with_key

SKU = "case-x200"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes) as service:
        await add_halls(service, "heping")
        await put(SKU, a_product())
        await receive(service, 30)
        yield service


async def receive(service: Service, quantity: int, sku: str = SKU) -> None:
    attempt = Attempt(Operation(secrets.token_urlsafe(16), ""), "staff:hq", to_ms(START))
    await service.state["stock"].receive("heping", sku, quantity, attempt)


async def keep(client: AsyncClient, quantity: int = 1, *, key: str | None = None, **more: Any) -> Response:
    wish = {"place": "heping", "sku": SKU, "quantity": quantity, **more}
    return await client.post("/api/v1/holds", json=wish, headers=with_key(key or secrets.token_urlsafe(16)))


def bearer(made: Response) -> dict[str, str]:
    return with_key(secrets.token_urlsafe(16)) | {"authorization": f"Bearer {made.json()['token']}"}


async def held() -> int:
    return (await level("heping", SKU)).held


async def test_something_is_kept_for_ten_minutes_and_let_go_by_its_owner(service: Service) -> None:
    async with service.client() as client:
        made = await keep(client, 2)
        assert (made.status_code, await held()) == (201, 2)
        assert datetime.fromisoformat(made.json()["expires_at"]) == service.clock() + timedelta(minutes=10)

        for _ in range(2):
            assert (await client.delete(made.headers["location"], headers=bearer(made))).status_code == 204

    assert await held() == 0


async def test_the_same_key_keeps_once(service: Service) -> None:
    async with service.client() as client:
        first, again = [await keep(client, key="the-key-of-this-one") for _ in range(2)]

    assert (first.json(), await held()) == (again.json(), 1)


async def test_a_repeat_is_answered_as_then_when_it_is_not_sold_any_more(service: Service) -> None:
    async with service.client() as client:
        first = await keep(client, key="the-key-of-this-one")
        await put(SKU, a_product(listed_to=START))
        again, anew = await keep(client, key="the-key-of-this-one"), await keep(client)

    assert (again.status_code, again.json(), await held()) == (201, first.json(), 1)
    assert anew.json()["code"] == "product_not_found"


async def test_whoever_is_still_about_keeps_it_longer(service: Service) -> None:
    async with service.client() as client:
        made = await keep(client)
        service.clock.advance(minutes=5)
        longer = await client.post(made.headers["location"] + "/extension", headers=bearer(made))

    assert datetime.fromisoformat(longer.json()["expires_at"]) == service.clock() + timedelta(minutes=10)


async def test_a_wrong_token_and_an_unknown_hold_are_the_same(service: Service) -> None:
    async with service.client() as client:
        made, other = await keep(client), await keep(client)
        answers = [
            await client.delete(path, headers=bearer(other))
            for path in (made.headers["location"], "/api/v1/holds/nobody")
        ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "hold_not_found")}
    assert await held() == 2


async def test_more_than_there_is_and_what_is_not_sold_are_refused(service: Service) -> None:
    async with service.client() as client:
        much, unknown, nowhere = (
            await keep(client, 31),
            await keep(client, sku="nothing"),
            await keep(client, place="nowhere"),
        )

    assert (much.status_code, much.json()["code"], much.json()["available"]) == (409, "out_of_stock", 30)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "product_not_found")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "place_not_found")
    assert await held() == 0


async def test_whoever_hoards_hears_why_and_until_when_and_others_go_on(service: Service) -> None:
    async with service.client() as client, service.client() as other:
        made = [await keep(client) for _ in range(HOLDS_PER_HOLDER + 1)]
        refused = await keep(client)
        assert (await keep(other)).status_code == 201

    assert {answer.status_code for answer in made} == {201}
    said = refused.json()
    assert (refused.status_code, said["code"], said["until"]) == (429, "too_many_holds", made[1].json()["expires_at"])
    assert refused.headers["retry-after"] == "600"


async def test_whoever_shows_no_cookie_is_counted_by_the_address(service: Service) -> None:
    answers = []
    for _ in range(HOLDS_PER_HOLDER + 1):
        async with service.client() as client:
            answers.append((await keep(client)).status_code)

    assert answers == [201] * HOLDS_PER_HOLDER + [429]


async def test_of_a_product_one_person_keeps_no_more_than_its_limit(service: Service) -> None:
    await put("sim-5g", a_product(limit_per_person=2))
    await receive(service, 30, "sim-5g")
    async with service.client() as client:
        answers = [await keep(client, quantity, sku="sim-5g") for quantity in (3, 1, 2, 2, 1)]

    # The first goes by the address, those that follow by the cookie that it was given.
    codes = [answer.json().get("code") for answer in answers]
    assert codes == ["limit_per_person", None, None, "too_many_holds", "too_many_holds"]
    assert await StockHold.all().count() == 2
