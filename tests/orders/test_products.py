import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from halls.schemas import Names
from o2o.kernel.errors import InvalidError
from o2o.kernel.models import Deed
from orders.errors import ProductNotFoundError
from orders.models import ProductRecord
from orders.products import Wanted, find_products, get_product, put_product
from orders.schemas import Attribute
from tests.orders.goods import a_product, put
from tests.serving import START, Service, serve

A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, []) as service:
        yield service


async def found(text: str, at: datetime = START, limit: int = 100, after: str | None = None) -> list[str]:
    return [product.sku for product in await find_products(Wanted(text, at, limit, after))]


async def test_a_product_is_read_as_it_was_put() -> None:
    await put("case-x200", a_product(amount="39.50", limit_per_person=2, serialised=True))

    product = await get_product("case-x200", START)

    assert (product.price, product.limit_per_person, product.serialised, product.rev) == (3950, 2, True, 1)
    assert product.names.zh == "苹果手机壳"


async def test_a_change_raises_the_revision_and_is_recorded() -> None:
    await put("case-x200", a_product())
    product, created = await put_product("case-x200", a_product(amount="99.00"), now=START, actor="staff:hq")

    assert (product.rev, created) == (2, False)
    deeds = await Deed.all().order_by("id")
    assert [(deed.name, deed.tag, deed.actor, deed.subject) for deed in deeds] == [
        ("product.made", "*", "staff:hq", "case-x200"),
        ("product.edited", "*", "staff:hq", "case-x200"),
    ]
    assert deeds[1].after == '{"price":{"amount":"99.00","currency":"CNY"}}'


async def test_the_same_document_again_changes_nothing() -> None:
    await put("case-x200", a_product())

    assert (await put("case-x200", a_product())).rev == 1
    assert await Deed.all().count() == 1


async def test_of_two_who_make_it_at_once_one_makes_it_and_one_changes_it() -> None:
    made = await asyncio.gather(*(put("case-x200", a_product(amount=f"{n}.00")) for n in range(1, 6)))

    assert sorted(product.rev for product in made) == [1, 2, 3, 4, 5]
    assert await ProductRecord.all().count() == 1


async def test_a_product_is_there_only_while_it_is_listed() -> None:
    await put("case-x200", a_product(listed_from=START + A_DAY, listed_to=START + 2 * A_DAY))

    for days in (0, 2, 3):
        with pytest.raises(ProductNotFoundError):
            await get_product("case-x200", START + days * A_DAY)
    assert (await get_product("case-x200", START + A_DAY)).sku == "case-x200"
    assert await found("手机") == []
    assert await found("手机", at=START + A_DAY) == ["case-x200"]


async def test_a_product_that_would_never_be_listed_is_refused() -> None:
    with pytest.raises(InvalidError):
        await put("case-x200", a_product(listed_from=START + A_DAY, listed_to=START))

    assert await ProductRecord.all().count() == 0
    assert await Deed.all().count() == 0


@pytest.mark.parametrize(
    "text", ["手机", "壳", "苹果手机壳", "手机 黑", "cas", "X2", "200", "case x200", "ＣＡＳＥ", ""]
)
async def test_a_product_is_found_by(text: str) -> None:
    colour = Attribute(names=Names(zh="颜色", en="Colour"), value=Names(zh="黑色", en="Black"))
    await put("case-x200", a_product(attributes=(colour,)))

    assert await found(text) == ["case-x200"]


@pytest.mark.parametrize(
    "text", ["机手", "手表", "手机 白", "ase", "x300", "'; DROP TABLE products; --", '"*', "NEAR("]
)
async def test_a_product_is_not_found_by(text: str) -> None:
    await put("case-x200", a_product())

    assert await found(text) == []


async def test_what_was_renamed_is_found_by_its_new_name_only() -> None:
    await put("case-x200", a_product())
    await put("case-x200", a_product(zh="路由器", en="Router"))

    assert await found("手机") == []
    assert await found("路由") == ["case-x200"]


async def test_lists_go_by_sku_a_part_at_a_time() -> None:
    for sku in ("cc", "aa", "bb"):
        await put(sku, a_product())

    assert await found("手机", limit=2) == ["aa", "bb"]
    assert await found("手机", limit=2, after="bb") == ["cc"]
