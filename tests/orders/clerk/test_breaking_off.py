"""A process dies while a clerk sells or hands over: there is money for what left, and for nothing else."""

import pytest
from httpx2 import AsyncClient

from halls.stock.queries import level
from orders.models import OrderRecord
from tests.orders.clerk.shelf import done, money, ordered, press
from tests.orders.cutting import cut
from tests.serving import Service

KEY = "the-key-of-a-sale-1"


async def states() -> list[str]:
    return [row.state for row in await OrderRecord.all()]


@pytest.mark.parametrize("act", ["sell:cash", "collect:cash"])
async def test_whatever_breaks_off_before_it_is_handed_over_has_taken_no_money(
    service: Service, clerk: AsyncClient, act: str
) -> None:
    order, code = await ordered(service) if act == "collect:cash" else ("", "")
    what = {"order": order, "code": code} if order else {"sku": "case-clear", "quantity": 1}
    with cut("before", "take_pieces"):
        assert (await press(clerk, act, KEY, **what)).status_code == 503
    assert (await money(), await states()) == ([], ["placed"])

    await done(clerk, await press(clerk, act, KEY, **what))
    assert (await money(), await states()) == ([("cash", 12900, "heping-1")], ["closed"])
    found = await level("heping", "case-clear")
    assert (found.on_hand, found.allocated) == (4, 0)
