"""Orders that are to be sent, as they are once they have been placed: held, and not allocated yet."""

import itertools
from typing import Any

import msgspec
from httpx2 import AsyncClient, Response

from halls.stock.queries import level
from halls.stock.schemas import Level
from messages.models import Outgoing
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from o2o.kernel.http import Operation
from orders.contacts import OrderContact, write_contact
from orders.delivery.addresses import Address
from orders.delivery.models import Shipment
from orders.models import LineRecord, OrderRecord, ProductRecord
from orders.states import Fulfilment, LineState, OrderState, PaymentState, StockState
from tests.orders.goods import a_product
from tests.serving import START, Service, with_key

AT = to_ms(START)
HOME = Address("王小明", "天津市", "天津市", "南开区", "卫津路 94 号")
KINDS = {"phone": "device", "sim": "sim", "tablet": "device"}
NAMES = {"phone": ("手机", "Phone"), "sim": ("电话卡", "SIM card"), "tablet": ("平板", "Tablet")}
SERIALISED = {"tablet"}


class Shop:
    """The service, and what is asked of it about sent things."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._keys = (f"a-key-of-the-tests-{number}" for number in itertools.count())
        self._orders = (f"order{number}" for number in itertools.count(1))

    async def order(self, *skus: str, place: str = "tianjin", paid: bool = False, each: int = 1) -> str:
        """An order of so many of each, to be sent from the place."""
        order, state = next(self._orders), self.service.state
        for number, sku in enumerate(skus, 1):
            await self._product(sku)
            tried = Attempt(Operation(f"hold-{order}-{number}", ""), "customer", AT)
            hold = await state["stock"].hold(place, sku, each, tried, holder="somebody")
            await LineRecord.create(
                order_id=order,
                number=number,
                sku=sku,
                name_zh=NAMES[sku][0],
                name_en=NAMES[sku][1],
                price=12900,
                quantity=each,
                fulfilment=Fulfilment.DELIVERY,
                place=place,
                state=LineState.ALLOCATED,
                allocation=hold.id,
                stock=StockState.HELD,
                stock_due=StockState.ALLOCATED,
                changed_at=AT,
            )
        await self._row(order, paid=paid, goods=12900 * each * len(skus))
        return order

    async def _row(self, order: str, *, paid: bool, goods: int) -> None:
        await OrderRecord.create(
            id=order,
            hall="heping",
            shown_in="heping",
            holder="somebody",
            state=OrderState.PAID if paid else OrderState.PLACED,
            payment=PaymentState.PAID if paid else PaymentState.OPEN,
            pay_at="delivery",
            goods=goods,
            delivery_fee=0,
            language="en",
            placed_at=AT,
            changed_at=AT,
            version=1,
        )
        contact = OrderContact("+8613800138000", HOME)
        await transaction(lambda client: write_contact(client, self.service.state["signer"], order, contact))

    async def _product(self, sku: str) -> None:
        document = msgspec.to_builtins(a_product(serialised=sku in SERIALISED)) | {"kind": KINDS[sku]}
        values = {"rev": 1, "kind": KINDS[sku], "price": 12900, "document": document, "searched": ""}
        await ProductRecord.update_or_create(values | {"created_at": AT, "changed_at": AT}, sku=sku)

    async def receive(self, *serials: str, place: str = "tianjin", sku: str = "tablet") -> None:
        """Pieces come that have numbers of their own."""
        tried = Attempt(Operation(f"receive-{place}-{'-'.join(serials)}", ""), "o2o", AT)
        await self.service.state["stock"].receive(place, sku, len(serials), tried, serials=serials)

    async def post(self, who: AsyncClient, order: str, what: str, key: str = "", **body: Any) -> Response:
        headers = with_key(key or next(self._keys))
        return await who.post(f"/api/v1/orders/{order}/{what}", json=body, headers=headers)

    async def shipped(self, who: AsyncClient, order: str, tracking: str = "SF1234567890") -> Shipment:
        answer = await self.post(who, order, "shipment", carrier="shunfeng", tracking=tracking)
        assert answer.status_code == 200, answer.text
        return await Shipment.get(order_id=order)

    async def level(self, place: str = "tianjin", sku: str = "phone") -> Level:
        return await level(place, sku)


async def lines(order: str) -> list[str]:
    return [line.state for line in await LineRecord.filter(order_id=order).order_by("number")]


async def told() -> list[str]:
    """What customers are told, by purpose."""
    return sorted([message.purpose for message in await Outgoing.all()])
