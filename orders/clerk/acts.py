"""What each button of the page does."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from booking.clerk.desk import Desk
from halls.stock.errors import SerialsMismatchError
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import convert
from o2o.kernel.i18n import _
from orders.delivery.addresses import Address
from orders.money import Money, money
from orders.order_errors import OrderNotFoundError
from orders.order_queries import lines_of, shown_order
from orders.order_schemas import HandOver, Method, Pay, PlaceOrder, WishedLine
from orders.products import products_by_sku
from orders.service.collecting import check_code, give
from orders.service.pieces import Serials, lacking, sorted_out
from orders.service.placing import place
from orders.service.selling import Sale, sell
from orders.state import OrdersState
from orders.states import Fulfilment, LineState


class SellForm(msgspec.Struct, forbid_unknown_fields=True):
    """`act` is a button: `find`, `collect:cash`, `sell:card`, `send`. The rest is what some of them need.

    `price` (fen) is what the page said that one costs, `fee` that the delivery does.
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
    price: int | None = None
    fee: int = 0
    phone: str = ""
    name: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    serials: str = ""

    @property
    def total(self) -> Money | None:
        """What the clerk was told that all of it costs."""
        return None if self.price is None else money(self.price * self.quantity + self.fee)

    @property
    def deed(self) -> str:
        return self.act.partition(":")[0]

    @property
    def method(self) -> str:
        return self.act.partition(":")[2]


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
    """Take the money where some is due and hand the order over, in one act."""
    filled, handing = press.filled, press.attempt.step("hand over")
    order = await shown_order(filled.order)
    if order.hall != press.desk.hall.id:
        raise OrderNotFoundError
    wish = convert({"pickup_code": filled.code, "serials": await _pieces(filled)}, HandOver)
    await check_code(state, order.id, filled.code, handing)
    money = Pay(_method(filled), press.desk.counter.id) if filled.method else None
    await give(state, order.id, wish, handing, money)
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
        line=_line(filled),
        total=filled.total,
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
    address = convert({name: getattr(filled, name).strip() for name in Address.__struct_fields__}, Address)
    wish = PlaceOrder(
        hall=press.desk.hall.id,
        lines=(_line(filled),),
        fulfilment="delivery",
        phone=filled.phone,
        address=address,
        expected_total=filled.total,
        language="zh-CN" if press.language == "zh-CN" else "en",
    )
    return (await place(state, wish, press.attempt)).id


async def _pieces(filled: SellForm) -> Serials:
    """Which piece is of which line. Raises SerialUnknownError, SerialsMismatchError."""
    found = [line for line in await lines_of(filled.order) if line.fulfilment == Fulfilment.PICKUP]
    serials = await sorted_out(found, lines(filled.serials))
    for line in await lacking([line for line in found if line.state != LineState.RETURNED]):
        if len(serials.get(str(line.number), ())) != line.quantity:
            raise SerialsMismatchError
    return serials


def _line(filled: SellForm) -> WishedLine:
    """Raises InvalidError for no number of pieces that can be sold."""
    wished: WishedLine = convert({"sku": filled.sku, "quantity": filled.quantity}, WishedLine)
    return wished


def _method(filled: SellForm) -> Method:
    return "card" if filled.method == "card" else "cash"


DEEDS: Final[Mapping[str, tuple[str, Callable[[OrdersState, Press], Awaitable[str]]]]] = {
    "collect": ("collected", collect),
    "sell": ("sold", sell_here),
    "send": ("sent", send),
}
"""By the name that a button has: what the page says of it afterwards, and the verb, which gives the order."""
