from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from halls.demo import DEMO_HALLS
from halls.hall import Hall
from halls.service import put_hall
from halls.stock.places import Place
from halls.stock.states import PlaceKind
from orders.delivery.fees import Rate
from orders.delivery.rates import set_rate
from orders.rules import RuleList, put_rules
from orders.schemas import Kind, Product
from orders.sourcing import Availability, Source, Sourcing, allot
from orders.sourcing_rules import Rule
from tests.asked import asked_from_now_on
from tests.orders.goods import a_product, add_warehouse, put, set_level
from tests.serving import START, Service, add_halls, serve

SKU = "case-x200"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, []) as service:
        await add_halls(service, "heping", "nankai", "hexi", "binhai")
        await add_warehouse(service, "tianjin-store", "tianjin")
        await add_warehouse(service, "hebei-store", "hebei", lat=38.0, lon=114.5)
        yield service


@pytest.fixture
async def case(service: Service) -> Product:
    return await put(SKU, a_product())


@pytest.fixture
def sourcing(service: Service) -> Sourcing:
    return service.state["sourcing"]


async def heping(service: Service) -> Hall:
    return await service.state["directory"].get("heping")


def places(found: Availability) -> list[str]:
    return [one.place.id for one in found.halls]


async def test_what_the_hall_has_is_here(service: Service, sourcing: Sourcing, case: Product) -> None:
    for place, on_hand in (("heping", 5), ("nankai", 9)):
        await set_level(place, SKU, on_hand, held=1, allocated=2)

    found = await sourcing.availability(case, await heping(service))

    assert (found.kind, places(found), found.halls[0].available) == ("here", ["heping"], 2)


async def test_what_only_others_have_is_nearby_nearest_first(
    service: Service, sourcing: Sourcing, case: Product
) -> None:
    for place, on_hand in (("heping", 0), ("nankai", 3), ("hexi", 1), ("binhai", 7)):
        await set_level(place, SKU, on_hand)

    found = await sourcing.availability(case, await heping(service))

    assert (found.kind, places(found)) == ("nearby", ["hexi", "nankai", "binhai"])
    assert [round(one.distance_m or 0, -3) for one in found.halls] == [1000, 6000, 43000]


async def test_what_is_all_held_is_nowhere(service: Service, sourcing: Sourcing, case: Product) -> None:
    await set_level("heping", SKU, 3, held=2, allocated=1)

    assert await sourcing.availability(case, await heping(service)) == Availability("none")


async def test_what_only_a_warehouse_has_is_sent_from_the_province_first(
    service: Service, sourcing: Sourcing, case: Product
) -> None:
    await set_level("hebei-store", SKU, 50)
    far = await sourcing.availability(case, await heping(service))
    await set_level("tianjin-store", SKU, 1)
    near = await sourcing.availability(case, await heping(service))

    assert (far.kind, near.kind) == ("delivery", "delivery")
    assert far.sent
    assert far.sent.eta
    assert far.sent.place.id == "hebei-store"
    assert near.sent
    assert near.sent.eta
    assert near.sent.place.id == "tianjin-store"
    assert START < near.sent.eta.start < far.sent.eta.start


async def test_more_than_a_place_has_is_not_there(service: Service, sourcing: Sourcing, case: Product) -> None:
    await set_level("heping", SKU, 1)
    await set_level("nankai", SKU, 2)

    found = await sourcing.availability(case, await heping(service), 2)

    assert (found.kind, places(found)) == ("nearby", ["nankai"])


async def test_who_asks_from_nowhere_is_told_which_halls_have_it(sourcing: Sourcing, case: Product) -> None:
    await set_level("nankai", SKU, 3)

    found = await sourcing.availability(case, None)

    assert (found.kind, places(found), found.halls[0].distance_m) == ("nearby", ["nankai"], None)


async def test_a_plan_is_never_out(service: Service, sourcing: Sourcing) -> None:
    plan = await put("plan-5g", a_product(kind=Kind.PLAN))

    assert await sourcing.availability(plan, await heping(service)) == Availability("here")


async def test_a_rule_changes_the_order_in_which_places_are_tried(
    service: Service, sourcing: Sourcing, case: Product
) -> None:
    for place in ("heping", "nankai", "tianjin-store", "hebei-store"):
        await set_level(place, SKU, 5)
    rule = Rule(places=("hebei-store", "@hall"), kind=Kind.ACCESSORY, province="tianjin")
    for state in service.states:
        await put_rules(state["rules"], RuleList((rule,)), at=0, actor="staff:hq")

    assert [one.place.id for one in await sourcing.sources(case, await heping(service))] == ["hebei-store", "heping"]
    assert (await sourcing.availability(case, await heping(service))).kind == "delivery"


async def test_a_hall_that_moves_has_other_neighbours(service: Service, sourcing: Sourcing, case: Product) -> None:
    await set_level("nankai", SKU, 3)
    assert (await sourcing.availability(case, await heping(service))).kind == "nearby"

    far = structs.replace(DEMO_HALLS["nankai"], lat=31.2, lon=121.5)
    for state in service.states:
        await put_hall(state["directory"], "nankai", far, now=START, actor="staff:hq")
        state["sourcing"].forget()

    assert (await sourcing.availability(case, await heping(service))).kind == "none"


async def test_many_products_are_read_together(
    service: Service, sourcing: Sourcing, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [await put(f"case-{n}", a_product()) for n in range(30)]
    hall = await heping(service)
    await sourcing.availabilities(products, hall)
    asked = asked_from_now_on(monkeypatch)
    found = await sourcing.availabilities(products, hall)

    assert len(found) == 30
    assert len(asked) == 1


def source(place: str, available: int) -> Source:
    return Source(Place(place, PlaceKind.HALL, DEMO_HALLS["heping"].names, None, 0, 0), None, available)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quantity", "split", "given"),
    [
        (1, False, [("a", 1)]),
        (3, False, [("b", 3)]),
        (3, True, [("b", 3)]),
        (6, False, []),
        (6, True, [("a", 2), ("b", 4)]),
        (7, True, []),
    ],
)
def test_one_place_gives_all_or_several_if_that_is_wished(
    quantity: int, given: list[tuple[str, int]], *, split: bool
) -> None:
    sources = [source("a", 2), source("b", 4)]

    assert [(one.source.place.id, one.quantity) for one in allot(sources, quantity, split=split)] == given


async def test_what_headquarters_say_of_delivery_changes_when_it_comes(
    service: Service, sourcing: Sourcing, case: Product
) -> None:
    await set_level("hebei-store", SKU, 5)
    await set_rate(Rate("tianjin", 0, None, 5), actor="staff:hq", at=0)

    found = await sourcing.availability(case, await heping(service))

    assert found.sent
    assert found.sent.eta
    assert (found.sent.eta.start - START).days == 4


async def test_many_products_are_asked_for_from_nowhere_in_one_go(sourcing: Sourcing) -> None:
    products = [await put(f"case-{n}", a_product()) for n in range(5)]
    await set_level("nankai", "case-1", 3)
    await set_level("tianjin-store", "case-2", 3)

    kinds = [found.kind for found in await sourcing.availabilities(products, None)]

    assert kinds == ["none", "nearby", "delivery", "none", "none"]
