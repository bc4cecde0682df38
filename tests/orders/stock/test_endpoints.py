"""A place's stock over HTTP."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from tests.orders.goods import set_level
from tests.serving import Service, with_key

HEPING = "/api/v1/places/heping/stock"
CASE = HEPING + "/case-x200"
KEY = "a-key-of-sixteen-signs"


async def post(client: AsyncClient, path: str, *, key: str = KEY, **body: Any) -> Response:
    return await client.post(path, json=body, headers=with_key(key))


async def test_places_are_halls_and_then_warehouses(service: Service) -> None:
    answer = await (await service.signed_in("clerk1")).get("/api/v1/places")

    assert [(place["id"], place["kind"]) for place in answer.json()["places"]] == [
        ("heping", "hall"),
        ("nankai", "hall"),
        ("tianjin", "warehouse"),
    ]


async def test_what_came_is_there_and_counts_once(service: Service) -> None:
    manager = await service.signed_in("manager")

    first = await post(manager, CASE + "/receipts", quantity=12, reason="delivery note 7")
    again = await post(manager, CASE + "/receipts", quantity=12, reason="delivery note 7")

    assert first.status_code == 201
    assert (
        first.json()
        == again.json()
        == {
            "place": "heping",
            "sku": "case-x200",
            "name": "Case",
            "on_hand": 12,
            "allocated": 0,
            "held": 0,
            "available": 12,
        }
    )


async def test_the_same_key_for_another_number_is_refused(service: Service) -> None:
    manager = await service.signed_in("manager")
    await post(manager, CASE + "/receipts", quantity=12)

    answer = await post(manager, CASE + "/receipts", quantity=13)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert (await manager.get(CASE)).json()["on_hand"] == 12


async def test_each_change_is_listed_with_reason_and_who_did_it_newest_first(service: Service) -> None:
    manager, clerk = await service.signed_in("manager"), await service.signed_in("clerk1")
    await post(manager, CASE + "/receipts", quantity=12)
    await post(clerk, CASE + "/counts", on_hand=11, reason="one is missing")
    await post(manager, CASE + "/damages", quantity=1, reason="torn")
    await post(manager, CASE + "/transfers", to="nankai", quantity=4, reason="sold out there")

    movements = (await clerk.get(CASE + "/movements")).json()["movements"]

    assert [(one["kind"], one["quantity"], one["on_hand"], one["actor"]) for one in movements] == [
        ("transferred", -4, 6, "staff:manager"),
        ("damaged", -1, 10, "staff:manager"),
        ("counted", -1, 11, "staff:clerk1"),
        ("received", 12, 12, "staff:manager"),
    ]
    assert (movements[0]["other"], movements[2]["reason"]) == ("nankai", "one is missing")
    there = await (await service.signed_in("clerk5")).get("/api/v1/places/nankai/stock/case-x200")
    assert there.json()["on_hand"] == 4


async def test_a_count_is_refused_when_something_moved_meanwhile(service: Service) -> None:
    clerk, manager = await service.signed_in("clerk1"), await service.signed_in("manager")
    await post(manager, CASE + "/receipts", quantity=5)

    answer = await post(clerk, CASE + "/counts", on_hand=3, seen=4, reason="shelf count")
    told = await post(clerk, CASE + "/counts", on_hand=3, seen=5, reason="shelf count")
    again = await post(clerk, CASE + "/counts", on_hand=3, seen=5, reason="shelf count")

    assert (answer.status_code, answer.json()["code"], answer.json()["on_hand"]) == (409, "stock_moved", 5)
    assert told.json() == again.json()
    assert told.json()["on_hand"] == 3


@pytest.mark.parametrize("path", ["/receipts", "/damages", "/transfers"])
async def test_pieces_with_numbers_of_their_own_come_and_go_by_these(service: Service, path: str) -> None:
    manager = await service.signed_in("manager")
    more = {"to": "nankai"} if path == "/transfers" else {}

    answer = await post(manager, f"{HEPING}/watch-s3{path}", quantity=1, reason="x", **more)

    assert (answer.status_code, answer.json()["code"]) == (400, "serials_mismatch")


@pytest.mark.parametrize("sku", ["no-such-thing", "plan-5g"])
async def test_only_things_that_there_are_have_stock(service: Service, sku: str) -> None:
    manager = await service.signed_in("manager")

    answer = await post(manager, f"{HEPING}/{sku}/receipts", quantity=1)

    assert (answer.status_code, answer.json()["code"]) == (404, "product_not_found")


async def test_a_clerk_counts_and_does_no_more_and_nobody_looks_elsewhere(service: Service) -> None:
    clerk, elsewhere = await service.signed_in("clerk1"), await service.signed_in("clerk5")
    warehouse = await service.signed_in("warehouse")

    assert (await post(clerk, CASE + "/receipts", quantity=1)).status_code == 403
    assert (await elsewhere.get(HEPING)).status_code == 403
    assert (await warehouse.get(HEPING)).status_code == 403
    assert (await post(warehouse, "/api/v1/places/tianjin/stock/case-x200/receipts", quantity=9)).status_code == 201


async def test_stock_is_found_by_words_of_its_name_and_in_pages(service: Service) -> None:
    await set_level("heping", "case-x200", 3, held=1)
    await set_level("heping", "watch-s3", 2)
    clerk = await service.signed_in("clerk1")

    found = (await clerk.get(HEPING + "?q=wat")).json()["stock"]
    first = (await clerk.get(HEPING + "?limit=1")).json()
    second = (await clerk.get(f"{HEPING}?limit=1&cursor={first['next_cursor']}")).json()

    assert [one["sku"] for one in found] == ["watch-s3"]
    assert [one["available"] for one in first["stock"]] == [2]
    assert ([one["sku"] for one in second["stock"]], second["next_cursor"]) == (["watch-s3"], None)


async def test_nothing_goes_to_where_it_is_or_to_nowhere(service: Service) -> None:
    manager = await service.signed_in("manager")
    await post(manager, CASE + "/receipts", quantity=2)

    here = await post(manager, CASE + "/transfers", key=KEY + "1", to="heping", quantity=1, reason="x")
    nowhere = await post(manager, CASE + "/transfers", key=KEY + "2", to="atlantis", quantity=1, reason="x")
    too_many = await post(manager, CASE + "/transfers", key=KEY + "3", to="nankai", quantity=3, reason="x")

    assert [here.json()["code"], nowhere.json()["code"], too_many.json()["code"]] == [
        "invalid",
        "place_not_found",
        "out_of_stock",
    ]
    assert (await manager.get(CASE)).json()["on_hand"] == 2
