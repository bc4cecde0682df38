"""An order is asked for again, after whatever happened to it: one order, or none, and everything where it belongs."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Operation
from orders import jobs
from orders.models import LineRecord, MoneyEventRecord, OrderRecord
from orders.service import placing
from orders.service.withdrawing import withdraw
from tests.orders.cutting import cut
from tests.orders.goods import a_product, put
from tests.orders.shop import ADDRESS, SKU, a_wish, act, collected, order, owner, paid, placed, receive, stock_of
from tests.serving import Service

KEY = "a-key-of-an-order-1"


async def test_a_repeat_gets_the_same_order(service: Service, phone: AsyncClient) -> None:
    first = await order(phone, a_wish(2), KEY)
    answers = [await order(phone, a_wish(2), KEY) for _ in range(2)]

    assert [answer.json() for answer in answers] == [first.json()] * 2
    assert await stock_of("heping") == (2, 2, 0)
    assert await OrderRecord.all().count() == 1


async def test_repeats_at_the_same_moment_make_one_order(phone: AsyncClient) -> None:
    answers = await asyncio.gather(*(order(phone, a_wish(1, address=ADDRESS), KEY) for _ in range(8)))

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await stock_of("heping") == (2, 1, 0)
    assert await stock_of("tianjin") == (5, 0, 0)


async def test_the_same_key_with_another_body_is_refused(phone: AsyncClient) -> None:
    await order(phone, a_wish(1), KEY)
    answer = await order(phone, a_wish(2), KEY)

    assert answer.json()["code"] == "idempotency_key_reused"
    assert await stock_of("heping") == (2, 1, 0)


@pytest.mark.parametrize("step", ["hold", "write", "allocate", "_know"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_cut_at_any_step_the_repeat_makes_one_order(
    service: Service, phone: AsyncClient, step: str, when: str
) -> None:
    with cut(when, step):
        assert (await order(phone, a_wish(2), KEY)).status_code == 503
    again = await order(phone, a_wish(2), KEY)

    assert again.status_code == 201, again.text
    assert await OrderRecord.all().count() == 1
    assert await stock_of("heping") == (2, 2, 0)
    assert await LineRecord.filter(stock="allocated").count() == 1


@pytest.mark.parametrize("quantity", [5, 2])
async def test_a_delivery_that_took_the_last_there_were_finds_them_again(phone: AsyncClient, quantity: int) -> None:
    wish = a_wish(quantity, "delivery", address=ADDRESS)
    with cut("after", "hold"):
        assert (await order(phone, wish, KEY)).status_code == 503
    again = await order(phone, wish, KEY)

    assert again.status_code == 201, again.text
    assert await stock_of("tianjin") == (5, quantity, 0)


async def test_what_was_let_go_when_it_was_refused_is_not_taken_for_held(service: Service, phone: AsyncClient) -> None:
    await put("cable", a_product("数据线", "Cable", amount="19.00"))
    lines = [{"sku": SKU, "quantity": 5}, {"sku": "cable", "quantity": 1}]
    wish = a_wish(1, "delivery", address=ADDRESS) | {"lines": lines}
    assert (await order(phone, wish, KEY)).json()["sku"] == "cable"
    await placed(service.client(), a_wish(5, "delivery", address=ADDRESS, phone="13900000000"))

    assert (await order(phone, wish, KEY)).json()["sku"] == SKU
    assert await OrderRecord.all().count() == 1


async def test_who_tries_again_is_judged_by_what_there_is_now(service: Service, phone: AsyncClient) -> None:
    await put("cable", a_product("数据线", "Cable", amount="19.00"))
    lines = [{"sku": SKU, "quantity": 1}, {"sku": "cable", "quantity": 1}]
    wish = a_wish(address=ADDRESS) | {"lines": lines}
    assert (await order(phone, wish, KEY)).json()["sku"] == "cable"  # The case was held in the hall, and let go.
    await placed(service.client(), a_wish(2, "pickup", phone="13900000000"))
    await receive(service, "tianjin", 1, "cable")
    service.clock.advance(seconds=1)
    again = await order(phone, wish, KEY)

    assert again.status_code == 201, again.text
    assert [line["place"] for line in again.json()["lines"]] == ["tianjin", "tianjin"]
    assert await stock_of("tianjin") == (5, 1, 0)


async def test_what_a_dead_process_left_undone_a_job_does(service: Service, phone: AsyncClient) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2), KEY)
    assert await stock_of("heping") == (2, 0, 2)
    service.clock.advance(seconds=6)
    await jobs.Following(service.state).step()

    assert await stock_of("heping") == (2, 2, 0)


async def test_what_its_place_refuses_for_ever_is_said_once_and_keeps_no_other_order_behind(
    service: Service, phone: AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    for _order in range(3):
        with cut("before", "allocate"):
            await order(phone, a_wish(fulfilment="delivery", address=ADDRESS), secrets.token_hex(10))
        service.clock.advance(seconds=1)
    first, second, third = [row.id for row in await OrderRecord.all().order_by("placed_at")]
    stuck = LineRecord.filter(order_id__in=[first, second])
    await stuck.update(state="shipped", stock_due="handed_over", serials="a-piece-that-is-not-there")
    service.clock.advance(seconds=6)
    following = jobs.Following(service.state)

    for _step in range(6):
        await following.step()

    assert (await LineRecord.get(order_id=third)).stock == "allocated"
    said = [vars(record)["order"] for record in caplog.records if record.message == "order_left_for_later"]
    assert said == [first, second]


async def test_a_hold_that_ended_meanwhile_is_taken_anew(
    service: Service, phone: AsyncClient, clerk: AsyncClient
) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)

    again = await order(phone, a_wish(2), KEY)
    assert again.status_code == 201, again.text
    assert await stock_of("heping") == (2, 2, 0)
    clerk = await service.signed_in("clerk1")
    await paid(clerk, again.json())
    await collected(clerk, again.json())
    assert await stock_of("heping") == (0, 0, 0)


async def test_an_order_whose_units_others_got_meanwhile_is_withdrawn_and_its_key_is_free(
    service: Service, phone: AsyncClient
) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)
    await placed(service.client(), a_wish(1, phone="13900000000"))

    gone = (await order(phone, a_wish(2), KEY)).json()
    assert (gone["code"], gone["sku"], gone["possible"][0]["available"]) == ("out_of_stock", SKU, 1)
    assert await OrderRecord.filter(state="cancelled").count() == 1
    assert await stock_of("heping") == (2, 1, 0)
    service.clock.advance(seconds=1)
    assert (await order(phone, a_wish(1), "another-key-of-an-order")).status_code == 201


async def test_what_the_hall_lost_meanwhile_is_sent_to_who_agreed_to_that(service: Service, phone: AsyncClient) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2, address=ADDRESS), KEY)
    service.clock.advance(minutes=11)
    await placed(service.client(), a_wish(1, phone="13900000000"))
    again = await order(phone, a_wish(2, address=ADDRESS), KEY)

    assert (again.status_code, again.json()["lines"][0]["place"]) == (201, "tianjin")
    assert sorted([row.state for row in await OrderRecord.all()]) == ["cancelled", "placed", "placed"]
    assert [await stock_of("heping"), await stock_of("tianjin")] == [(2, 1, 0), (5, 2, 0)]


async def test_the_key_is_free_too_when_a_job_finds_that_its_units_are_gone(
    service: Service, phone: AsyncClient
) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)
    other = await placed(service.client(), a_wish(1, phone="13900000000"))
    await jobs.Following(service.state).step()
    assert await OrderRecord.filter(state="cancelled").count() == 1
    assert (await order(phone, a_wish(2), KEY)).json()["code"] == "out_of_stock"

    await act(service.client(**owner(other)), other["id"], "cancellation")
    service.clock.advance(seconds=1)
    again = await order(phone, a_wish(2), KEY)
    assert (again.status_code, await OrderRecord.filter(state="placed").count()) == (201, 1)


async def test_what_somebody_was_told_that_they_have_is_not_withdrawn(
    service: Service, phone: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)
    other = await placed(service.client(), a_wish(1, phone="13900000000"))

    async def after_they_came_again(*told: Any) -> None:
        await act(service.client(**owner(other)), other["id"], "cancellation")
        service.clock.advance(seconds=1)
        assert (await order(phone, a_wish(2), KEY)).status_code == 201
        await withdraw(*told)

    monkeypatch.setattr(placing, "withdraw", after_they_came_again)
    await jobs.Following(service.state).step()

    assert await OrderRecord.filter(state="placed").count() == 1
    assert await stock_of("heping") == (2, 2, 0)


async def test_money_is_taken_for_what_is_there_though_its_hold_ended(service: Service, phone: AsyncClient) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)
    row, clerk = await OrderRecord.all().get(), await service.signed_in("clerk1")
    answers = [await act(clerk, row.id, "payment", "a-key-of-a-payment-1") for _ in range(2)]

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "paid")] * 2
    assert await stock_of("heping") == (2, 2, 0)


async def test_money_is_taken_though_holding_it_anew_broke_off_and_ended_too(
    service: Service, phone: AsyncClient
) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)
    with cut("after", "hold"):
        await jobs.Following(service.state).step()
    service.clock.advance(minutes=11)
    row, clerk = await OrderRecord.all().get(), await service.signed_in("clerk1")
    answer = await act(clerk, row.id, "payment")

    assert (answer.status_code, await stock_of("heping")) == (200, (2, 2, 0)), answer.text


async def test_no_money_is_taken_for_what_others_got_meanwhile(service: Service, phone: AsyncClient) -> None:
    with cut("before", "allocate"):
        await order(phone, a_wish(2), KEY)
    service.clock.advance(minutes=11)
    row = await OrderRecord.all().get()
    await placed(service.client(), a_wish(1, phone="13900000000"))
    answer = await act(await service.signed_in("clerk1"), row.id, "payment")

    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert ((await OrderRecord.get(id=row.id)).state, await MoneyEventRecord.all().count()) == ("cancelled", 0)


async def test_what_a_place_refuses_afterwards_does_not_undo_what_was_done(
    service: Service, phone: AsyncClient
) -> None:
    await put(SKU, a_product(amount="129.00", serialised=True))
    stock, clerk = service.state["stock"], await service.signed_in("clerk1")
    tried = Attempt(Operation("two-pieces-come", ""), "staff:hq", to_ms(service.clock()))
    await stock.receive("heping", SKU, 2, tried, serials=["S1", "S2"])
    made = await placed(phone)
    await act(clerk, made["id"], "payment")
    given = {"pickup_code": made["pickup_code"], "serials": {"1": ["S1"]}}
    with cut("before", "hand_over"):
        assert (await act(clerk, made["id"], "handover", "a-key-of-a-hand-over", **given)).status_code == 503
    gone = Attempt(Operation("a-piece-is-broken", ""), "staff:hq", to_ms(service.clock()))
    await stock.damage("heping", SKU, 1, gone, reason="broken", serials=["S1"])  # Which the customer has.
    again = await act(clerk, made["id"], "refund")

    assert (again.status_code, again.json()["refunded"]) == (200, made["total"])
    assert await MoneyEventRecord.all().count() == 2


def test_the_times_fit() -> None:
    assert timedelta(seconds=jobs.FOLLOW_STOCK_S) < jobs.AGE
