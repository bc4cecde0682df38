import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from o2o.kernel.models import Deed
from o2o.kernel.static import FOLDER
from orders.demo import DEMO_PRODUCTS, load_demo_products
from orders.models import ProductRecord
from orders.product_endpoints import routes
from orders.products import all_skus
from orders.rules import stored_rules
from tests.orders.goods import a_product, add_warehouse, put, set_level
from tests.serving import START, Service, add_halls, add_people, serve

PATH = "/api/v1/products/case-x200"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes) as service:
        await add_people("hq", "manager")
        yield service


def body(amount: str = "129.00") -> bytes:
    return msgspec.json.encode(a_product(amount=amount))


async def test_headquarters_make_a_product_and_change_it(service: Service) -> None:
    hq = await service.signed_in("hq")

    made = await hq.put(PATH, content=body())
    changed = await hq.put(PATH, content=body("99.00"))

    assert (made.status_code, changed.status_code) == (201, 200)
    assert changed.json()["price"] == {"amount": "99.00", "currency": "CNY"}
    assert changed.json()["rev"] == 2


async def test_a_manager_makes_no_products(service: Service) -> None:
    manager = await service.signed_in("manager")

    assert (await manager.put(PATH, content=body())).status_code == 403
    assert await ProductRecord.all().count() == 0


async def test_what_is_not_listed_only_headquarters_read_back(service: Service) -> None:
    hq, manager = await service.signed_in("hq"), await service.signed_in("manager")
    await hq.put(PATH, content=msgspec.json.encode(a_product(listed_from=START + timedelta(days=1))))

    assert [(await one.get(PATH)).status_code for one in (service.client(), manager, hq)] == [404, 404, 200]
    assert (await hq.get("/api/v1/products/nothing")).status_code == 404


@pytest.mark.parametrize(("sku", "field"), [("A", "sku"), ("UPPER", "sku"), ("a" * 41, "sku")])
async def test_a_bad_sku_is_refused(service: Service, sku: str, field: str) -> None:
    hq = await service.signed_in("hq")

    answer = await hq.put(f"/api/v1/products/{sku}", content=body())

    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_a_bad_price_is_refused_by_its_name(service: Service) -> None:
    hq = await service.signed_in("hq")

    answer = await hq.put(PATH, content=body().replace(b"129.00", b"129"))

    assert (answer.status_code, answer.json()["field"]) == (400, "price.amount")


async def test_the_demos_products_are_loaded_once(service: Service) -> None:
    await load_demo_products(START)
    await load_demo_products(START)

    assert set(await all_skus()) == set(DEMO_PRODUCTS)
    assert {row.rev for row in await ProductRecord.all()} == {1}


def test_each_of_the_demos_products_has_its_picture() -> None:
    pictures = {product.picture for product in DEMO_PRODUCTS.values()}

    assert pictures == {path.name for path in (FOLDER / "img" / "products").glob("*.svg")}


@pytest.fixture
async def shop(service: Service) -> Service:
    """Three products of which Heping has one, Nankai another, and the warehouse the third."""
    await add_halls(service, "heping", "nankai")
    await add_warehouse(service, "tianjin", "tianjin")
    for sku, place in (("case-a", "heping"), ("case-b", "nankai"), ("case-c", "tianjin")):
        await put(sku, a_product())
        await set_level(place, sku, 2)
    return service


async def test_a_list_says_where_each_product_is_to_be_had(shop: Service) -> None:
    answer = await shop.client().get("/api/v1/products?q=手机&hall=heping")

    assert answer.json()["next_cursor"] is None
    shown = {one["sku"]: one["availability"] for one in answer.json()["products"]}
    assert shown["case-a"] == {
        "kind": "here",
        "halls": [{"id": "heping", "name": "Heping hall", "distance_m": 0, "available": 2}],
    }
    assert shown["case-b"]["kind"] == "nearby"
    assert shown["case-b"]["halls"][0]["distance_m"] == 5998
    assert shown["case-c"] == {
        "kind": "delivery",
        "eta": {"from": "2026-11-23T13:00:00+08:00", "to": "2026-11-23T18:00:00+08:00", "place": "tianjin"},
    }


async def test_a_list_comes_in_pages(shop: Service) -> None:
    client = shop.client()
    first = (await client.get("/api/v1/products?limit=2")).json()
    second = (await client.get(f"/api/v1/products?limit=2&cursor={first['next_cursor']}")).json()

    assert [one["sku"] for one in first["products"] + second["products"]] == ["case-a", "case-b", "case-c"]
    assert second["next_cursor"] is None


async def test_one_product_is_shown_in_the_readers_language(shop: Service) -> None:
    english = await shop.client().get("/api/v1/products/case-a?hall=nankai")
    chinese = await shop.client().get("/api/v1/products/case-a?hall=nankai", headers={"accept-language": "zh-CN"})

    assert (english.json()["name"], chinese.json()["name"]) == ("Case", "苹果手机壳")
    assert english.json()["price"] == {"amount": "129.00", "currency": "CNY"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/products/nothing", 404, "product_not_found"),
        ("/api/v1/products/CASE", 404, "product_not_found"),
        ("/api/v1/products/case-a?hall=nowhere", 404, "hall_not_found"),
        ("/api/v1/products?hall=nowhere", 404, "hall_not_found"),
        ("/api/v1/products?limit=0", 400, "invalid"),
        ("/api/v1/products?what=else", 400, "invalid"),
    ],
)
async def test_what_is_not_there_is_refused(shop: Service, path: str, status: int, code: str) -> None:
    answer = await shop.client().get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_headquarters_put_rules_that_hold_at_once(shop: Service) -> None:
    hq = await shop.signed_in("hq")
    rules = {"rules": [{"places": ["nankai", "@hall"], "province": "tianjin", "sku": "case-b"}]}

    answer = await hq.put("/api/v1/sourcing", json=rules)

    assert answer.json()["rules"][0]["places"] == ["nankai", "@hall"]
    assert (await hq.get("/api/v1/sourcing")).json() == answer.json()
    assert [deed.name for deed in await Deed.filter(name="sourcing.edited")] == ["sourcing.edited"]


async def test_lists_of_rules_that_are_put_at_once_come_one_after_the_other(shop: Service) -> None:
    hq = await shop.signed_in("hq")
    lists = [[{"places": ["@hall"], "sku": f"case-{letter}"} for letter in some] for some in ("ab", "", "c", "", "abc")]

    async def put_all(rules: list[dict[str, Any]]) -> int:
        return (await hq.put("/api/v1/sourcing", json={"rules": rules})).status_code

    for _round in range(4):
        assert await asyncio.gather(*map(put_all, lists)) == [200] * len(lists)

    deeds = await Deed.filter(name="sourcing.edited").order_by("id")
    befores = [json.loads(deed.before or "")["rules"] for deed in deeds]
    afters = [json.loads(deed.after or "")["rules"] for deed in deeds]
    assert befores == [[], *afters[:-1]]
    assert [rule["sku"] for rule in afters[-1]] == [rule.sku for rule in await stored_rules()]


async def test_two_rules_for_the_same_are_refused_and_nothing_is_written(shop: Service) -> None:
    hq = await shop.signed_in("hq")
    rule = {"places": ["@hall"], "kind": "sim"}

    answer = await hq.put("/api/v1/sourcing", json={"rules": [rule, rule]})

    assert (answer.status_code, answer.json()["field"]) == (400, "rules[1]")
    assert (await hq.get("/api/v1/sourcing")).json() == {"rules": []}


async def test_a_position_stands_for_the_nearest_hall(shop: Service) -> None:
    answer = await shop.client().get("/api/v1/products/case-b?lat=39.14&lon=117.14")

    assert answer.json()["availability"]["kind"] == "here"
    half = await shop.client().get("/api/v1/products/case-b?lat=39.14")
    assert (half.status_code, half.json()["field"]) == (400, "lon")
