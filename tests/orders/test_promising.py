"""When what is sent comes: chosen by the customer among what its place offers, and kept with the line."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from orders.delivery import endpoints
from orders.models import LineRecord, OrderRecord
from tests.orders.goods import a_product, add_warehouse, put, set_level
from tests.orders.shop import ADDRESS, ROUTES, SKU, a_wish, open_shop, order, placed, stock_of
from tests.serving import Service, serve

QUOTE = f"/api/v1/delivery?hall=heping&province={ADDRESS['province']}&district={ADDRESS['district']}"
LATER = {"start": "2027-03-01T09:00:00+08:00", "end": "2027-03-01T12:00:00+08:00"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*endpoints.routes, *ROUTES], O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=5)
        yield service


async def quoted(client: AsyncClient) -> list[dict[str, str]]:
    windows: list[dict[str, str]] = (await client.get(QUOTE)).json()["windows"]
    return windows


def sent(**more: Any) -> dict[str, Any]:
    return a_wish(fulfilment="delivery", address=ADDRESS, **more)


async def promised(made: dict[str, Any]) -> tuple[str, str]:
    line = await LineRecord.get(order_id=made["id"])
    assert line.window
    return f"{line.window.start:%d %H:%M}", f"{line.window.end:%d %H:%M}"


def moment(window: dict[str, str]) -> tuple[str, str]:
    return (f"{window['start'][8:10]} {window['start'][11:16]}", f"{window['end'][8:10]} {window['end'][11:16]}")


async def test_it_comes_in_the_window_that_was_chosen_of_those_that_were_quoted(service: Service) -> None:
    client = service.client()
    chosen = (await quoted(client))[2]
    made = await placed(client, sent(window=chosen))

    assert await promised(made) == moment(chosen)
    assert moment(made["lines"][0]["window"]) == moment(chosen)


async def test_without_a_wish_it_comes_in_the_earliest(service: Service) -> None:
    client = service.client()
    made = await placed(client, sent())

    assert await promised(made) == moment((await quoted(client))[0])


async def test_a_window_that_is_not_offered_is_refused_with_those_that_are_and_nothing_is_kept(
    service: Service,
) -> None:
    client = service.client()
    answer = await order(client, sent(window=LATER))

    assert (answer.status_code, answer.json()["code"]) == (409, "window_not_offered")
    offered = [moment(one) for one in answer.json()["offered"]]
    assert offered == [moment(one) for one in await quoted(client)]
    assert await OrderRecord.all().count() == 0
    assert await stock_of("tianjin") == (5, 0, 0)


async def test_a_window_that_has_passed_is_refused_but_the_repeat_of_what_was_placed_is_not(service: Service) -> None:
    client = service.client()
    wish = sent(window=(await quoted(client))[0])
    made = await order(client, wish, "the-key-of-an-order")
    service.clock.advance(hours=12)

    late = await order(client, wish)
    assert (late.status_code, late.json()["code"]) == (409, "window_not_offered")
    assert (await order(client, wish, "the-key-of-an-order")).json()["id"] == made.json()["id"]


async def test_what_is_picked_up_comes_at_no_time_that_one_chooses(service: Service) -> None:
    client = service.client()
    answer = await order(client, a_wish(fulfilment="pickup", window=LATER))

    assert (answer.status_code, answer.json()["field"]) == (400, "window")
    assert (await placed(client))["lines"][0]["window"] is None


async def test_with_auto_the_wish_counts_for_what_is_sent_alone(service: Service) -> None:
    client = service.client()
    here = await placed(client, a_wish(2, address=ADDRESS, window=LATER))
    there = await order(client, a_wish(1, address=ADDRESS, window=LATER))

    assert [(line["fulfilment"], line["window"]) for line in here["lines"]] == [("pickup", None)]
    assert there.json()["code"] == "window_not_offered"


async def test_the_windows_are_those_of_the_place_that_sends_it(service: Service) -> None:
    """A carrier from another province never comes as soon as the courier of the town."""
    await add_warehouse(service, "beijing", "beijing", 39.9, 116.4)
    await set_level("beijing", SKU, 9)
    client = service.client()
    first = (await quoted(client))[0]
    answer = await order(client, sent(window=first) | {"lines": [{"sku": SKU, "quantity": 8}]})

    assert (answer.status_code, answer.json()["code"]) == (409, "window_not_offered")
    assert first["start"][:16] not in {one["start"][:16] for one in answer.json()["offered"]}


async def test_a_window_that_one_of_two_places_does_not_offer_is_none_for_both(service: Service) -> None:
    await put("cable", a_product())
    await add_warehouse(service, "yizhuang", "beijing", 39.8, 116.5)
    await set_level("yizhuang", "cable", 1)
    client = service.client()
    wish = sent(lines=[{"sku": sku, "quantity": 1} for sku in (SKU, "cable")])

    refused = await order(client, wish | {"window": (await quoted(client))[0]})

    assert (refused.status_code, refused.json()["code"]) == (409, "window_not_offered")
    made = await placed(client, wish)
    assert [line["place"] for line in made["lines"]] == ["tianjin", "yizhuang"]
    assert made["lines"][0]["window"]["start"] < made["lines"][1]["window"]["start"]
