"""What delivery costs and when it comes, over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from halls.schemas import Names
from halls.stock.places import Places, WarehouseInput, put_warehouse
from o2o.kernel.models import Deed
from orders.delivery.endpoints import routes
from orders.delivery.rates import all_rates
from tests.serving import START, Service, add_halls, add_people, serve

ASKED = {"hall": "heping", "province": "天津", "district": "南开", "total": "59.00"}
RATE = {"fee": {"amount": "8.00"}, "free_from": None, "days": 2}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("hq", "manager")
        yield service


async def test_a_delivery_says_what_it_costs_and_when_it_comes(service: Service) -> None:
    answer = await service.client().get("/api/v1/delivery", params=ASKED)

    assert answer.json() == {
        "region": {"province": "天津市", "city": "天津市", "district": "南开区"},
        "place": "heping",
        "fee": {"amount": "12.00", "currency": "CNY"},
        "free_from": {"amount": "99.00", "currency": "CNY"},
        "windows": [
            {"start": "2026-11-23T05:00:00Z", "end": "2026-11-23T10:00:00Z"},
            {"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T13:00:00Z"},
            {"start": "2026-11-24T01:00:00Z", "end": "2026-11-24T04:00:00Z"},
            {"start": "2026-11-24T05:00:00Z", "end": "2026-11-24T10:00:00Z"},
            {"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T13:00:00Z"},
        ],
    }


async def test_a_warehouse_delivers_rather_than_a_hall(service: Service) -> None:
    places = Places(service.state["directory"])
    for place, lat in (("far", 40.0), ("near", 39.1)):
        given = WarehouseInput(names=Names(zh="仓库", en="Warehouse"), lat=lat, lon=117.2, province="hebei")
        await put_warehouse(places, place, given, now=START, actor="o2o")

    answer = (await service.client().get("/api/v1/delivery", params=ASKED)).json()

    assert answer["place"] == "near"
    assert answer["windows"][0]["start"] == "2026-11-26T01:00:00Z"  # From another province: three days.


async def test_a_division_that_is_not_there_is_refused_in_the_readers_words(service: Service) -> None:
    answer = await service.client().get("/api/v1/delivery", params=ASKED | {"district": "南闸"})

    assert answer.status_code == 400
    told = answer.json()
    assert (told["field"], told["detail"]) == ("district", "There is no district “南闸” in 天津市.")
    assert told["possible"][0] == "南开区"


async def test_the_divisions_lead_from_province_to_district(service: Service) -> None:
    client = service.client()

    async def divisions(**wish: str) -> list[str]:
        names: list[str] = (await client.get("/api/v1/delivery/divisions", params=wish)).json()["divisions"]
        return names

    assert len(await divisions()) == 31
    assert (await divisions(province="河北"))[0] == "石家庄市"
    assert "正定县" in await divisions(province="河北", city="石家庄")
    assert (await client.get("/api/v1/delivery/divisions", params={"province": "x"})).json()["field"] == "province"


async def test_headquarters_set_a_rate_and_take_it_away(service: Service) -> None:
    hq, client = await service.signed_in("hq"), service.client()

    for province in ("*", "tianjin"):
        fee = {"amount": "8.00" if province == "*" else "5.00"}
        assert (await hq.put(f"/api/v1/delivery/rates/{province}", json=RATE | {"fee": fee})).status_code == 200
    first = (await client.get("/api/v1/delivery", params=ASKED)).json()
    await hq.delete("/api/v1/delivery/rates/tianjin")
    second = (await client.get("/api/v1/delivery", params=ASKED)).json()

    assert (first["fee"]["amount"], second["fee"]["amount"]) == ("5.00", "8.00")
    assert first["free_from"] is None
    rates = (await client.get("/api/v1/delivery/rates")).json()["rates"]
    assert [rate["province"] for rate in rates] == ["*"]


async def test_two_who_set_the_first_rate_of_a_province_at_once_come_one_after_the_other(service: Service) -> None:
    hq = await service.signed_in("hq")
    fees = [f"{fee}.00" for fee in range(1, 6)]

    async def put(fee: str) -> int:
        rate = RATE | {"fee": {"amount": fee}}
        return (await hq.put("/api/v1/delivery/rates/hebei", json=rate)).status_code

    assert await asyncio.gather(*map(put, fees)) == [200] * 5
    deeds = await Deed.filter(name="delivery.rate_set").order_by("id")
    befores, afters = [deed.before for deed in deeds], [deed.after or "" for deed in deeds]
    assert befores == [None, *afters[:-1]]
    assert json.loads(afters[-1])["fee"] == (await all_rates())["hebei"].fee


async def test_a_rate_of_no_province_and_a_managers_are_refused(service: Service) -> None:
    hq, manager = await service.signed_in("hq"), await service.signed_in("manager")

    assert (await hq.put("/api/v1/delivery/rates/atlantis", json=RATE)).json()["field"] == "province"
    assert (await manager.put("/api/v1/delivery/rates/*", json=RATE)).status_code == 403
    rates = (await manager.get("/api/v1/delivery/rates")).json()["rates"]
    assert [(rate["province"], rate["fee"]["amount"]) for rate in rates] == [("*", "12.00")]
