"""Pieces with numbers of their own: which ones leave is said when they are picked or sent, and none leaves twice."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient

from halls.models import StockSerial
from o2o.kernel.attempts import Attempt
from o2o.kernel.http import Operation
from orders import jobs
from orders.delivery.models import Shipment
from orders.models import LineRecord
from orders.service import pieces
from tests.orders.cutting import cut
from tests.orders.delivery.sent import AT, Shop, lines

SENT = {"carrier": "shunfeng", "tracking": "SF1234567890"}


@pytest.fixture
async def clerk(shop: Shop) -> AsyncClient:
    return await shop.service.signed_in("warehouse")


@pytest.fixture
async def order(shop: Shop) -> str:
    await shop.receive("T1", "T2")
    await shop.receive("T9", place="heping")
    return await shop.order("tablet")


async def gone() -> list[str]:
    return sorted([row.serial for row in await StockSerial.filter(state="gone")])


def one(*serials: str) -> dict[str, Any]:
    return {"serials": {"1": list(serials)}}


async def test_what_was_said_when_it_was_picked_leaves_with_the_parcel(
    shop: Shop, clerk: AsyncClient, order: str
) -> None:
    picked = await shop.post(clerk, order, "picking", **one("T2"))
    assert picked.status_code == 200, picked.text
    assert await gone() == []
    sent = await shop.post(clerk, order, "shipment", **SENT)

    assert sent.status_code == 200, sent.text
    assert await gone() == ["T2"]


async def test_who_said_nothing_when_it_was_picked_says_it_when_it_leaves(
    shop: Shop, clerk: AsyncClient, order: str
) -> None:
    await shop.post(clerk, order, "picking")
    refused = await shop.post(clerk, order, "shipment", **SENT)
    assert (refused.status_code, refused.json()["code"]) == (400, "serials_mismatch")
    assert await lines(order) == ["picked"]

    assert (await shop.post(clerk, order, "shipment", **SENT, **one("T1"))).status_code == 200
    assert await gone() == ["T1"]


@pytest.mark.parametrize(
    ("serials", "code"),
    [
        (("T1", "T2"), "serials_mismatch"),
        (("T7",), "serial_unknown"),
        (("T9",), "serial_unknown"),
    ],
    ids=["two for one", "unknown", "in another place"],
)
@pytest.mark.parametrize("deed", ["picking", "shipment"])
async def test_a_wrong_number_is_refused_and_nothing_is_lost(
    shop: Shop, clerk: AsyncClient, order: str, *, deed: str, serials: tuple[str, ...], code: str
) -> None:
    refused = await shop.post(clerk, order, deed, **(SENT if deed == "shipment" else {}), **one(*serials))

    assert (refused.json()["code"], refused.json()["field"]) == (code, "serials")
    assert await lines(order) == ["allocated"]
    assert await Shipment.all().count() == 0
    assert (await LineRecord.get(order_id=order)).serials is None
    assert (await shop.level(sku="tablet")).on_hand == 2


async def test_a_piece_of_another_parcel_is_refused_until_that_is_cancelled(
    shop: Shop, clerk: AsyncClient, order: str
) -> None:
    other = await shop.order("tablet")
    await shop.post(clerk, other, "picking", **one("T1"))
    refused = await shop.post(clerk, order, "picking", **one("T1"))
    assert (refused.status_code, refused.json()["code"]) == (409, "serial_packed")

    await LineRecord.filter(order_id=other).update(stock="released", stock_due="released")
    assert (await shop.post(clerk, order, "picking", **one("T1"))).status_code == 200


async def test_one_piece_never_leaves_in_two_parcels_in_whatever_race(
    shop: Shop, clerk: AsyncClient, order: str
) -> None:
    other = await shop.order("tablet")
    answers = await asyncio.gather(
        *(shop.post(clerk, one_of, "shipment", **SENT, **one("T1")) for one_of in (order, other))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await gone() == ["T1"]
    assert sorted(await lines(order) + await lines(other)) == ["allocated", "shipped"]


async def test_who_notes_pieces_of_a_product_waits_for_others_who_do(
    shop: Shop, clerk: AsyncClient, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both parcels have looked whether the piece is free before either is written, unless one waits for the other."""
    look = pieces.check_free

    async def slowly(*given: Any) -> None:
        await look(*given)
        await asyncio.sleep(0.5)

    monkeypatch.setattr(pieces, "check_free", slowly)
    other = await shop.order("tablet")
    sent = [SENT | {"tracking": f"SF123456789{n}"} for n in range(2)]
    answers = await asyncio.gather(
        *(
            shop.post(clerk, one_of, "shipment", **how, **one("T1"))
            for one_of, how in zip((order, other), sent, strict=True)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert sorted(await lines(order) + await lines(other)) == ["allocated", "shipped"]


async def test_a_piece_that_was_sold_after_it_was_picked_gives_way_to_another(
    shop: Shop, clerk: AsyncClient, order: str
) -> None:
    await shop.post(clerk, order, "picking", **one("T1"))
    await StockSerial.filter(serial="T1").update(state="gone")
    refused = await shop.post(clerk, order, "shipment", **SENT)
    assert refused.json()["code"] == "serial_unknown"

    assert (await shop.post(clerk, order, "shipment", **SENT, **one("T2"))).status_code == 200
    assert (await LineRecord.get(order_id=order)).serials == "T2"


async def test_a_parcel_that_came_back_brings_its_piece_back(shop: Shop, clerk: AsyncClient, order: str) -> None:
    await shop.post(clerk, order, "shipment", **SENT, **one("T1"))
    back = await shop.post(clerk, order, "delivery-return", reason="refused")

    assert back.status_code == 200, back.text
    assert await gone() == []


async def left_without(shop: Shop, clerk: AsyncClient, order: str) -> None:
    """T1 goes on its way and the process dies; before anybody comes again it is booked out as broken."""
    with cut("before", "hand_over"):
        await shop.post(clerk, order, "shipment", **SENT, **one("T1"))
    broken = Attempt(Operation("a-piece-is-broken", ""), "staff:hq", AT)
    await shop.service.state["stock"].damage("tianjin", "tablet", 1, broken, reason="broken", serials=["T1"])


async def test_money_is_taken_also_for_what_its_place_refuses_to_let_go(
    shop: Shop, clerk: AsyncClient, order: str
) -> None:
    await left_without(shop, clerk, order)
    await shop.post(clerk, order, "delivery")
    paid = await shop.post(clerk, order, "payment")

    assert (paid.status_code, paid.json()["state"]) == (200, "closed"), paid.text


async def test_a_line_that_its_place_refuses_keeps_no_other_one_behind(shop: Shop, clerk: AsyncClient) -> None:
    await shop.receive("T1", "T2")
    order = await shop.order("tablet", "phone")
    await left_without(shop, clerk, order)
    assert (await shop.level()).allocated == 1
    shop.service.clock.advance(seconds=6)
    await jobs.Following(shop.service.state).step()

    assert ((await shop.level()).on_hand, (await shop.level()).allocated) == (9, 0)
