"""What comes in and goes out of orders."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from booking.schemas import Phone
from halls.fields import TEXT_PATTERN, Id
from halls.stock.schemas import Serial, Sku
from orders.delivery.addresses import Address
from orders.money import Money
from orders.schemas import Moment
from orders.states import Fulfilment, LineState, OrderState, PaymentState

MOST_LINES = 20
MOST_OF_ONE = 50

Reason = Annotated[str, Meta(min_length=1, max_length=80, pattern=TEXT_PATTERN)]
Quantity = Annotated[int, Meta(ge=1, le=MOST_OF_ONE)]
Serials = dict[Annotated[str, Meta(max_length=4)], tuple[Serial, ...]]
Method = Literal["cash", "card"]


class WishedLine(Struct, frozen=True, forbid_unknown_fields=True):
    sku: Sku
    quantity: Quantity


class WishedWindow(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the windows that were offered: when it is to be at the door."""

    start: Moment
    end: Moment


class PlaceOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """`hall` is where it is picked up, and whose product pages were looked at; `code` is the code that was scanned.

    With `split` a line that no place has whole comes from several, each of which becomes a line of the order.
    With `expected_total` another total is refused. `window` is when what is sent is to come: without one in the
    earliest that is offered. `language` is the one in which the customer is told of the order: the request's, unless
    it is said.
    """

    hall: Id
    lines: Annotated[tuple[WishedLine, ...], Meta(min_length=1, max_length=MOST_LINES)]
    fulfilment: Literal["auto", "pickup", "delivery"]
    phone: Phone
    address: Address | None = None
    code: Annotated[str, Meta(max_length=64)] | None = None
    split: bool = False
    expected_total: Money | None = None
    window: WishedWindow | None = None
    language: Literal["zh-CN", "en"] | None = None


class Pay(Struct, frozen=True, forbid_unknown_fields=True):
    """`counter` is where the money is; `amount`, if it is said, must be what is due."""

    method: Method = "cash"
    counter: Id | None = None
    amount: Money | None = None


class Cancel(Struct, frozen=True, forbid_unknown_fields=True):
    """`method` and `counter` say how and where the staff give back what was paid: without `method`, as it came."""

    reason: Reason | None = None
    method: Method | None = None
    counter: Id | None = None


class HandOver(Struct, frozen=True, forbid_unknown_fields=True):
    """The code as it is written under the picture, or as a scanner reads the picture. `serials` by line."""

    pickup_code: Annotated[str, Meta(min_length=1, max_length=80)]
    serials: Serials = {}


class RefundedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """`goods`: brought back and saleable, brought back `damaged`, or `kept` by the customer."""

    line: Annotated[int, Meta(ge=1)]
    quantity: Quantity
    goods: Literal["saleable", "damaged", "kept"] = "saleable"


class Refund(Struct, frozen=True, forbid_unknown_fields=True):
    """Without `lines`: all that is not refunded yet; without `method`: as it came. The fee goes with the last unit."""

    method: Method | None = None
    reason: Reason | None = None
    lines: Annotated[tuple[RefundedLine, ...], Meta(min_length=1, max_length=MOST_LINES)] | None = None
    counter: Id | None = None


class PromisedWindow(Struct, frozen=True):
    """From when until when it comes (RFC 3339)."""

    start: str
    end: str


class OrderLine(Struct, frozen=True, kw_only=True):
    """`line` counts from 1; `window` is when it is promised at the door.

    `refunded` are units that were paid back, or came back before they were paid.
    """

    line: int
    sku: str
    name: dict[str, str]
    price: Money
    quantity: int
    fulfilment: Fulfilment
    place: str
    state: LineState
    window: PromisedWindow | None
    refunded: int


class Order(Struct, frozen=True, kw_only=True):
    """`total` has the `delivery_fee` in it; `paid` and `refunded` are what came and went.

    `pay_by` (RFC 3339) is until when a pick-up is kept, and can be paid at the counter; null when it is paid at the
    door. `shown_in` is the hall that keeps the credit. `token` is told when it is placed, `pickup_code` to the owner.
    """

    id: str
    state: OrderState
    hall: str
    shown_in: str
    lines: list[OrderLine]
    delivery_fee: Money
    total: Money
    payment: PaymentState
    pay_at: Literal["counter", "delivery"]
    pay_by: str | None
    paid: Money
    refunded: Money
    placed_at: str
    version: int
    token: str | msgspec.UnsetType = msgspec.UNSET
    pickup_code: str | msgspec.UnsetType = msgspec.UNSET


class TillSum(Struct, frozen=True):
    """What one counter (null: no counter was said) took and gave by one method."""

    counter: str | None
    method: str
    received: Money
    refunded: Money
    balance: Money


class Closing(Struct, frozen=True):
    """A hall's till on one business day."""

    hall: str
    date: str
    sums: list[TillSum]
    balance: Money
