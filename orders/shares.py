"""What a wished quantity is made up of: so many picked up, so many sent. Pure; in forms `case:p2d1,cable:p1`."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from halls.stock.schemas import SKU_PATTERN
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from orders.order_schemas import MOST_LINES, MOST_OF_ONE
from orders.sourcing import Allotment
from orders.states import Fulfilment

LETTERS: Final = {"p": Fulfilment.PICKUP, "d": Fulfilment.DELIVERY}
LINE: Final = re.compile(rf"({SKU_PATTERN.removeprefix('^').partition('$')[0]}):((?:[pd][1-9][0-9]?){{1,9}})")
SHARE: Final = re.compile(r"([pd])([0-9]+)")


class Share(NamedTuple):
    """So many of it come this way, from one place."""

    fulfilment: Fulfilment
    quantity: int


Shares = tuple[Share, ...]


class AgreedLine(NamedTuple):
    """A product, and how each part of it comes: just as it was shown."""

    sku: str
    shares: Shares

    @property
    def quantity(self) -> int:
        return sum(one.quantity for one in self.shares)


def shares_of(allotted: Iterable[Allotment]) -> Shares:
    """What the customer sees of it: not from which place, but how, and in how many parts."""
    return tuple(Share(Fulfilment(one.source.fulfilment), one.quantity) for one in allotted)


def write_lines(lines: Iterable[AgreedLine]) -> str:
    return ",".join(f"{one.sku}:{''.join(f'{way.value[0]}{count}' for way, count in one.shares)}" for one in lines)


def read_lines(text: str) -> tuple[AgreedLine, ...]:
    """Raises InvalidError."""
    found = [LINE.fullmatch(part) for part in text.split(",")]
    lines = [AgreedLine(one[1], _shares(one[2])) for one in found if one]
    if len(lines) != len(found) or not _make_sense(lines):
        raise InvalidError(_("What is ordered can't be read."), field="lines")
    return tuple(lines)


def _shares(text: str) -> Shares:
    return tuple(Share(LETTERS[letter], int(count)) for letter, count in SHARE.findall(text))


def _make_sense(lines: Sequence[AgreedLine]) -> bool:
    each_once = len({one.sku for one in lines}) == len(lines)
    return each_once and len(lines) <= MOST_LINES and all(one.quantity <= MOST_OF_ONE for one in lines)
