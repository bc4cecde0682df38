"""What delivery costs: a fee and from which total on it is free, by province. Pure."""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

from orders.delivery.divisions import MUNICIPALITIES
from orders.delivery.windows import Way

EVERYWHERE: Final = "*"


class Rate(Struct, frozen=True):
    """What a delivery to a province costs, in fen, from which total of goods on it is free (None: never), how long.

    `days` are those that a carrier takes from another province.
    """

    province: str
    fee: Annotated[int, Meta(ge=0, le=1_000_000)]
    free_from: Annotated[int, Meta(ge=0, le=100_000_000)] | None
    days: Annotated[int, Meta(ge=1, le=30)]


DEFAULT: Final = Rate(EVERYWHERE, 1200, 9900, 3)
"""Until headquarters say otherwise."""


def rate_for(province: str, rates: Mapping[str, Rate]) -> Rate:
    """The province's own rate, else the one for everywhere."""
    return rates.get(province) or rates.get(EVERYWHERE) or DEFAULT


def fee(rate: Rate, goods: int) -> int:
    """What the delivery of goods of this total costs, in fen."""
    return 0 if rate.free_from is not None and goods >= rate.free_from else rate.fee


def way(rate: Rate, *, source: str | None, target: str) -> Way:
    """How it goes from a place in the province `source` to the province `target`."""
    if source != target:
        return Way(rate.days)
    return Way(0, courier=True) if target in MUNICIPALITIES else Way(1)
