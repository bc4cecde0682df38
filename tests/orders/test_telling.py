"""That an order has been placed: told once, in its customer's language, as long as it is so."""

import asyncio

import msgspec
import pytest
from httpx2 import AsyncClient

from messages.models import Outgoing
from messages.rendering import address_of, written
from messages.schemas import Link
from messages.states import Purpose
from orders import jobs
from orders.money import Money, fen_of, price
from orders.service import placing
from tests.orders.goods import a_product, put
from tests.orders.shop import ADDRESS, SKU, a_wish, act, order, placed, receive
from tests.serving import Service

KEY = "a-key-of-an-order-1"


def words(service: Service, row: Outgoing) -> str:
    link = msgspec.json.decode(row.link or "", type=Link)
    address = address_of(link, "https://o2o.example", service.state["signer"])
    return written(Purpose(row.purpose), row.language, msgspec.json.decode(row.params), address).text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "We have your order: Case × 2. It comes to ¥258. Follow it here:"),
        ("zh-CN", "您的订单已提交：苹果手机壳 × 2，共 ¥258。在这里查看进度："),
    ],
)
async def test_its_customer_is_told_once_in_their_language_with_the_link(
    service: Service, phone: AsyncClient, language: str, says: str
) -> None:
    answers = await asyncio.gather(*(order(phone, a_wish(2, language=language), KEY) for _ in range(3)))
    made = next(answer.json() for answer in answers if answer.status_code == 201)

    (row,) = await Outgoing.all()
    assert (row.purpose, row.subject, row.hall) == ("order_placed", made["id"], "heping")
    assert words(service, row) == f"{says}\nhttps://o2o.example/o/{made['id']}?k={made['token']}"


async def test_the_fee_is_in_what_it_comes_to(phone: AsyncClient) -> None:
    wish = a_wish(1, "delivery", address=ADDRESS)
    made = await placed(phone, wish)

    (row,) = await Outgoing.all()
    assert msgspec.json.decode(row.params)["total"] == price(fen_of(Money(**made["total"])))


async def test_nobody_is_told_of_what_was_refused(phone: AsyncClient) -> None:
    assert (await order(phone, a_wish(9))).status_code == 409

    assert await Outgoing.all().count() == 0


@pytest.fixture
async def withdrawn_soon(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order of two of which nothing was allocated, and whose hold ends before anybody comes again."""

    async def broken_off(*_given: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as broken:
        broken.setattr(placing, "settle", broken_off)
        with pytest.raises(asyncio.CancelledError):
            await order(service.client(), a_wish(2), KEY)
    service.clock.advance(minutes=11)
    await placed(service.client(), a_wish(1, phone="13900000000"))


async def purposes_of(order_of: str) -> list[str]:
    rows = await Outgoing.all().order_by("created_at", "id")
    return [row.purpose for row in rows if row.subject == order_of]


@pytest.mark.usefixtures("withdrawn_soon")
async def test_who_is_refused_in_the_end_is_not_told_that_it_was_placed(service: Service) -> None:
    assert (await order(service.client(), a_wish(2), KEY)).json()["code"] == "out_of_stock"

    (row,) = await Outgoing.all()
    assert msgspec.json.decode(row.params)["items"] == "Case"


@pytest.mark.usefixtures("withdrawn_soon")
async def test_who_was_told_already_is_told_that_it_is_cancelled(service: Service) -> None:
    first = await Outgoing.all().order_by("created_at").first()
    assert first
    await Outgoing.filter(id=first.id).update(state="sent")
    await jobs.Following(service.state).step()

    assert await purposes_of(first.subject) == ["order_placed", "cancelled"]


async def test_what_is_given_back_is_said_as_money_is_said(service: Service, phone: AsyncClient) -> None:
    made, clerk = await placed(phone), await service.signed_in("clerk1")
    await act(clerk, made["id"], "payment", method="cash")
    await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])
    await act(clerk, made["id"], "refund", method="cash", reason="broken")

    said = words(service, await Outgoing.get(purpose="refunded"))
    assert said.startswith("You get ¥129 back for Case. Your order:")


async def test_what_is_kept_is_not_named_with_what_is_given_back(service: Service, phone: AsyncClient) -> None:
    await put("cable", a_product("数据线", "Cable", amount="19.00"))
    await receive(service, "heping", 3, "cable")
    lines = [{"sku": SKU, "quantity": 1}, {"sku": "cable", "quantity": 3}]
    made, clerk = await placed(phone, a_wish() | {"lines": lines}), await service.signed_in("clerk1")
    await act(clerk, made["id"], "payment")
    await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])
    await act(clerk, made["id"], "refund", lines=[{"line": 2, "quantity": 2}])

    said = words(service, await Outgoing.get(purpose="refunded"))
    assert said.startswith("You get ¥38 back for Cable × 2. Your order:")
