"""What a checkout is asked for: one product in one way, or the lines of a basket as they were shown."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from o2o.kernel.http import convert
from orders.basket import MOST_OF_ONE
from orders.delivery.addresses import Address
from orders.offers import Way, way_of
from orders.order_schemas import PlaceOrder, WishedLine
from orders.remembered import Remembered
from orders.shares import AgreedLine, Share, read_lines, write_lines
from orders.states import Fulfilment

Text = Annotated[str, msgspec.Meta(max_length=160)]
Lines = Annotated[str, msgspec.Meta(max_length=1200)]
Marks = Annotated[str, msgspec.Meta(max_length=240, pattern=r"^[A-Za-z0-9_.-]*$(?!\n)")]


class CheckoutQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`sku`, `quantity` and `fulfilment` as a product's page asks, or `lines` as a basket does.

    `basket` has the marks of the basket's lines. What others hang on the link does no harm.
    """

    hall: Text
    sku: Text = ""
    fulfilment: Literal["pickup", "delivery"] = "pickup"
    quantity: Annotated[int, msgspec.Meta(ge=1, le=MOST_OF_ONE)] = 1
    lines: Lines = ""
    code: Text = ""
    basket: Marks = ""

    @property
    def wish(self) -> "Wish":
        """Raises InvalidError."""
        one = AgreedLine(self.sku, (Share(Fulfilment(self.fulfilment), self.quantity),))
        return Wish(self.hall, (one,) if self.sku else read_lines(self.lines), self.code, self.basket)


class CheckoutForm(msgspec.Struct, frozen=True, kw_only=True):
    """The page as it was filled in. `total` (fen) is what it said that all of it costs."""

    key: str
    hall: Text
    lines: Lines
    code: Text = ""
    basket: Marks = ""
    total: int
    phone: Text = ""
    name: Text = ""
    province: Text = ""
    city: Text = ""
    district: Text = ""
    street: Text = ""
    window: Text = ""

    @property
    def person(self) -> Remembered:
        return Remembered(self.phone, self.name, self.province, self.city, self.district, self.street)

    @property
    def address(self) -> dict[str, str]:
        """As it was typed: nobody has looked at it yet."""
        return {name: getattr(self, name) for name in Address.__struct_fields__}

    @property
    def wish(self) -> "Wish":
        """Raises InvalidError."""
        return Wish(self.hall, read_lines(self.lines), self.code, self.basket)


class Wish(msgspec.Struct, frozen=True):
    """What is to be ordered in a hall, and how each part of it comes."""

    hall: str
    lines: tuple[AgreedLine, ...]
    code: str
    basket: str

    @property
    def way(self) -> Way:
        return way_of(self.lines)

    @property
    def is_split(self) -> bool:
        return any(len(line.shares) > 1 for line in self.lines)

    def in_lines(self, lines: tuple[AgreedLine, ...]) -> dict[str, str]:
        """The same wish for lines that come otherwise, as an address asks for it."""
        asked = {"hall": self.hall, "lines": write_lines(lines), "code": self.code, "basket": self.basket}
        return {name: value for name, value in asked.items() if value}

    def order(self, more: Mapping[str, Any]) -> PlaceOrder:
        """Raises InvalidError."""
        given = {
            "hall": self.hall,
            "lines": [WishedLine(line.sku, line.quantity) for line in self.lines],
            "fulfilment": "auto" if self.way == "both" else self.way,
            "code": self.code or None,
            "split": self.is_split,
            **more,
        }
        return convert(given, PlaceOrder)


def sent_of(line: AgreedLine) -> int:
    """So many of it are sent."""
    return sum(one.quantity for one in line.shares if one.fulfilment is Fulfilment.DELIVERY)
