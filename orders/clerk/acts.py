"""What each button of the page does."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from booking.clerk.desk import Desk
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from orders.delivery.addresses import Address
from orders.order_queries import shown_order
from orders.order_schemas import HandOver, Method, Pay, PlaceOrder, WishedLine
from orders.products import products_by_sku
from orders.service.collecting import hand_over
from orders.service.paying import pay
from orders.service.placing import place
from orders.service.selling import Sale, sell
from orders.state import OrdersState
from orders.states import OrderState


class SellForm(msgspec.Struct, forbid_unknown_fields=True):
    """`act` is a button: `find`, `collect:cash`, `sell:card`, `send`. The rest is what some of them need.

    `serials_1` … are those of an order's lines, one a line of text.
    """

    act: str
    counter: str
    key: str
    csrf: str
    ticket: str = ""
    code: str = ""
    order: str = ""
    sku: str = ""
    hold: str = ""
    quantity: int = 1
    phone: str = ""
    name: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    serials: str = ""
    serials_1: str = ""
    serials_2: str = ""
    serials_3: str = ""
    serials_4: str = ""
    serials_5: str = ""

    @property
    def deed(self) -> str:
        return self.act.partition(":")[0]

    @property
    def method(self) -> str:
        return self.act.partition(":")[2]

    def serials_by_line(self) -> dict[str, tuple[str, ...]]:
        texts = (self.serials_1, self.serials_2, self.serials_3, self.serials_4, self.serials_5)
        return {str(line): lines(text) for line, text in enumerate(texts, 1) if text.strip()}


class Press(NamedTuple):
    """One press of a button."""

    desk: Desk
    filled: SellForm
    attempt: Attempt
    language: str


def lines(text: str) -> tuple[str, ...]:
    """What was typed or scanned, one a line."""
    return tuple(part for part in text.replace(",", "\n").split() if part)


async def collect(state: OrdersState, press: Press) -> str:
    """Take the money where some is due, then hand the order over."""
    filled, attempt = press.filled, press.attempt
    order = await shown_order(filled.order)
    if order.state is OrderState.PLACED and filled.method:
        await pay(state, order.id, Pay(_method(filled), press.desk.counter.id), attempt.step("pay"))
    wish = HandOver(filled.code, filled.serials_by_line())
    await hand_over(state, order.id, wish, attempt.step("hand over"))
    return order.id


async def sell_here(state: OrdersState, press: Press) -> str:
    """From the shelf, or what the number has held."""
    filled = press.filled
    product = (await products_by_sku([filled.sku])).get(filled.sku)
    if product and product.limit_per_person and not filled.phone.strip():
        message = _("One person may have %(limit)s of it. Ask for their phone number.")
        raise InvalidError(message, field="phone", limit=product.limit_per_person)
    sale = Sale(
        hall=press.desk.hall.id,
        counter=press.desk.counter.id,
        line=WishedLine(filled.sku, filled.quantity),
        method=_method(filled),
        serials=lines(filled.serials),
        hold=filled.hold or None,
        phone=filled.phone.strip() or None,
        language=press.language,
    )
    return await sell(state, sale, press.attempt)


async def send(state: OrdersState, press: Press) -> str:
    """What is not here goes to the customer's door."""
    filled = press.filled
    address = msgspec.convert(
        {name: getattr(filled, name).strip() for name in ("name", "province", "city", "district", "street")}, Address
    )
    wish = PlaceOrder(
        hall=press.desk.hall.id,
        lines=(WishedLine(filled.sku, filled.quantity),),
        fulfilment="delivery",
        phone=filled.phone,
        address=address,
        language="zh-CN" if press.language == "zh-CN" else "en",
    )
    return (await place(state, wish, press.attempt)).id


def _method(filled: SellForm) -> Method:
    return "card" if filled.method == "card" else "cash"


DEEDS: Final[Mapping[str, tuple[str, Callable[[OrdersState, Press], Awaitable[str]]]]] = {
    "collect": ("collected", collect),
    "sell": ("sold", sell_here),
    "send": ("sent", send),
}
"""By the name that a button has: what the page says of it afterwards, and the verb, which gives the order."""
