"""What becomes of an order: paid, put by, handed over once, cancelled, refunded, or put back on the shelf."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from messages.models import Outgoing
from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from orders import closing, jobs, takings
from orders.models import LineRecord, MoneyEventRecord, OrderEventRecord, OrderRecord
from orders.service.moving import Deed, locked, move_line
from orders.service.stocking import follow
from orders.states import LineAction
from tests.orders.goods import a_product, put
from tests.orders.shop import (
    ADDRESS,
    ROUTES,
    SKU,
    a_wish,
    act,
    open_shop,
    owner,
    paid,
    placed,
    receive,
    stock_of,
)
from tests.serving import Service, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*ROUTES, *closing.routes, *takings.routes]) as service:
        await open_shop(service, heping=5, tianjin=5)
        yield service


async def test_paid_at_the_counter_handed_over_by_code_and_closed(clerk: AsyncClient, made: dict[str, Any]) -> None:
    await paid(clerk, made)
    typed = " ".join(made["pickup_code"][at : at + 4].upper() for at in (0, 4, 8))
    answer = await act(clerk, made["id"], "handover", pickup_code=typed)

    assert (answer.json()["state"], answer.json()["lines"][0]["state"]) == ("closed", "collected")
    assert answer.json()["paid"] == made["total"]
    assert await stock_of("heping") == (3, 0, 0)
    names = [row.name for row in await OrderEventRecord.all().order_by("id")]
    assert names == ["order.placed", "order.paid", "line.ready", "line.collected", "order.closed"]


async def test_nothing_is_handed_over_before_it_is_paid(clerk: AsyncClient, made: dict[str, Any]) -> None:
    answer = await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])

    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "wrong_state", "placed")
    assert await stock_of("heping") == (5, 2, 0)


async def test_a_code_is_used_once_and_of_two_who_hand_over_at_once_one_does(
    service: Service, clerk: AsyncClient, made: dict[str, Any]
) -> None:
    await paid(clerk, made)
    manager = await service.signed_in("manager")
    answers = await asyncio.gather(
        *(act(one, made["id"], "handover", pickup_code=made["pickup_code"]) for one in (clerk, manager) * 3)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    assert await stock_of("heping") == (3, 0, 0)
    assert await OrderEventRecord.filter(name="line.collected").count() == 1


async def test_only_its_halls_staff_hand_it_over_and_only_by_its_code(
    service: Service, clerk: AsyncClient, made: dict[str, Any]
) -> None:
    await paid(clerk, made)
    elsewhere = await service.signed_in("clerk5")
    another = await placed(service.client(), a_wish(1, phone="13900000000"))

    assert (await act(elsewhere, made["id"], "handover", pickup_code=made["pickup_code"])).status_code == 404
    answer = await act(clerk, made["id"], "handover", pickup_code=another["pickup_code"])
    assert answer.json()["code"] == "wrong_pickup_code"
    assert await LineRecord.filter(state="collected").count() == 0


async def test_codes_cannot_be_tried_for_long(clerk: AsyncClient, made: dict[str, Any]) -> None:
    await paid(clerk, made)
    answers = [await act(clerk, made["id"], "handover", pickup_code=f"wrong{n}") for n in range(11)]

    assert [answer.status_code for answer in answers] == [409] * 10 + [429]
    assert (await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])).status_code == 429


async def test_money_comes_once_and_only_the_sum_that_is_due(clerk: AsyncClient, made: dict[str, Any]) -> None:
    short = await act(clerk, made["id"], "payment", method="cash", amount={"amount": "1.00", "currency": "CNY"})
    elsewhere = await act(clerk, made["id"], "payment", method="cash", counter="nankai-1")
    assert (short.json()["field"], elsewhere.json()["field"]) == ("amount", "counter")
    assert short.json()["total"] == {"amount": "258.00", "currency": "CNY"}
    answers = await asyncio.gather(*(act(clerk, made["id"], "payment", method="cash") for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert await MoneyEventRecord.all().values_list("kind", "amount", "hall") == [("payment", 25800, "heping")]


@pytest.mark.parametrize("verb", ["payment", "readiness", "cancellation"])
async def test_who_sends_it_again_at_the_same_moment_is_answered_alike(
    clerk: AsyncClient, made: dict[str, Any], verb: str
) -> None:
    answers = await asyncio.gather(*(act(clerk, made["id"], verb, "a-key-that-is-sent-often") for _ in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


async def test_its_owner_cancels_it_and_others_can_have_it(service: Service, made: dict[str, Any]) -> None:
    phone = service.client(**owner(made))
    answers = [await act(phone, made["id"], "cancellation", "a-key-of-a-cancellation") for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["state"], answers[0].json()["payment"]) == ("cancelled", "shut")
    assert await stock_of("heping") == (5, 0, 0)
    assert (await act(await service.signed_in("clerk1"), made["id"], "payment", method="cash")).status_code == 409
    assert await MoneyEventRecord.all().count() == 0
    assert sorted([row.purpose for row in await Outgoing.all()]) == ["cancelled", "order_placed"]


async def test_what_is_paid_only_staff_cancel_and_give_the_money_back_with_it(
    service: Service, clerk: AsyncClient, made: dict[str, Any]
) -> None:
    await paid(clerk, made)
    assert (await act(service.client(**owner(made)), made["id"], "cancellation")).json()["state"] == "paid"
    answer = await act(clerk, made["id"], "cancellation", method="cash", counter="heping-1", reason="changed mind")

    assert (answer.json()["state"], answer.json()["refunded"]["amount"]) == ("cancelled", "258.00")
    assert answer.json()["lines"][0]["refunded"] == 2
    assert await stock_of("heping") == (5, 0, 0)
    assert sum([row.amount for row in await MoneyEventRecord.all()]) == 0


async def test_its_customer_is_told_that_it_is_ready_and_told_again(clerk: AsyncClient, made: dict[str, Any]) -> None:
    ready = await act(clerk, made["id"], "readiness")
    again = [await act(clerk, made["id"], "notice", "a-key-of-a-notice-1") for _ in range(2)]

    assert ready.json()["lines"][0]["state"] == "ready"
    assert [answer.status_code for answer in again] == [200, 200]
    assert await Outgoing.filter(purpose="ready").count() == 2
    assert (await act(clerk, made["id"], "readiness")).json()["state"] == "ready"


async def test_what_nobody_collects_goes_back_to_the_shelf_after_the_halls_time(
    service: Service, made: dict[str, Any]
) -> None:
    service.clock.advance(hours=10)
    assert (await act(await service.signed_in("clerk1"), made["id"], "readiness")).status_code == 200
    service.clock.advance(hours=47)
    await jobs.put_back(service.state)
    assert await stock_of("heping") == (5, 2, 0)
    service.clock.advance(hours=2)
    await jobs.put_back(service.state)

    row = await OrderRecord.get(id=made["id"])
    assert (row.state, row.payment) == ("cancelled", "shut")
    assert await stock_of("heping") == (5, 0, 0)
    assert await Outgoing.filter(purpose="not_collected").count() == 1


async def test_a_delivery_is_paid_at_the_door_after_it_came(service: Service) -> None:
    made = await placed(service.client(), a_wish(1, "delivery", address=ADDRESS))
    deed = Deed("staff:courier", to_ms(service.clock()))

    async def deliver(client: Any) -> None:
        _row, (line,) = await locked(client, made["id"])
        for action in (LineAction.PICK, LineAction.SHIP, LineAction.DELIVER):
            await move_line(client, line, action, deed)

    await transaction(deliver)
    await follow(service.state["stock"], made["id"], deed)
    assert await stock_of("tianjin") == (4, 0, 0)
    answer = await act(await service.signed_in("hq"), made["id"], "payment", method="cash")
    assert answer.json()["state"] == "closed"
    assert await MoneyEventRecord.all().values_list("hall", "amount") == [("tianjin", 12900)]


async def test_who_has_an_order_as_it_is_gets_nothing_anew(service: Service, made: dict[str, Any]) -> None:
    path = f"/api/v1/orders/{made['id']}"
    phone, clerk = service.client(**owner(made)), await service.signed_in("clerk1")
    first = await phone.get(path)
    tag = first.headers["etag"]
    again = await phone.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await phone.get(path, headers={"if-none-match": "*"})).status_code == 304

    assert (await clerk.get(path, headers={"if-none-match": tag})).status_code == 200
    assert (await service.client().get(path, headers={"if-none-match": tag})).status_code == 404
    await act(clerk, made["id"], "readiness")
    changed = await phone.get(path, headers={"if-none-match": tag})
    assert (changed.status_code, changed.json()["lines"][0]["state"]) == (200, "ready")


async def test_a_piece_with_a_number_leaves_with_its_number(service: Service, clerk: AsyncClient) -> None:
    await put(SKU, a_product(amount="129.00", serialised=True))
    made = await placed(service.client())
    await paid(clerk, made)
    none = await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])
    unknown = await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"], serials={"1": ["X1"]})

    assert (none.json()["code"], unknown.json()["code"]) == ("serials_mismatch", "serial_unknown")
    assert await LineRecord.filter(state="collected").count() == 0


async def test_a_manager_sees_what_the_tills_took(service: Service, clerk: AsyncClient) -> None:
    await receive(service, "heping", 10)
    await paid(clerk, await placed(service.client(), a_wish(1)), "cash")
    manager = await service.signed_in("manager")

    today = (await manager.get("/manage/heping/takings")).text
    before = (await manager.get("/manage/heping/takings?date=2026-11-22")).text

    assert "All in all: ¥129" in today
    assert "Counter 1" in today
    assert "Nobody paid anything on this day" in before
    assert "date=2026-11-23" in before
    assert (await manager.get("/manage/nankai/takings")).status_code == 403


async def test_the_day_is_closed_by_counter_and_method(service: Service, clerk: AsyncClient) -> None:
    await receive(service, "heping", 10)
    for method, phone in (("cash", "13900000001"), ("card", "13900000002"), ("cash", "13900000003")):
        made = await placed(service.client(), a_wish(1, phone=phone))
        await paid(clerk, made, method)
    await act(clerk, made["id"], "refund", method="cash", counter="heping-2", reason="broken")

    told = (await clerk.get("/api/v1/halls/heping/closing")).json()
    sums = [(row["counter"], row["method"], row["balance"]["amount"]) for row in told["sums"]]
    assert sums == [
        ("heping-1", "card", "129.00"),
        ("heping-1", "cash", "258.00"),
        ("heping-2", "cash", "-129.00"),
    ]
    assert (told["date"], told["balance"]["amount"]) == ("2026-11-23", "258.00")
    assert (await clerk.get("/api/v1/halls/heping/closing?date=2026-11-22")).json()["sums"] == []
    for day in ("soon", "9999-12-31", "0001-01-01"):
        assert (await clerk.get(f"/api/v1/halls/heping/closing?date={day}")).json()["field"] == "date"
    assert (await (await service.signed_in("clerk5")).get("/api/v1/halls/heping/closing")).status_code == 403
