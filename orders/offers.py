"""How what is wanted can be had now: all of it in the hall, all of it sent, or some here and some sent."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from halls.hall import Hall
from orders.schemas import Product
from orders.shares import AgreedLine, Share, Shares, shares_of
from orders.sourcing import Source, allot
from orders.state import OrdersState
from orders.states import Fulfilment

Way = Literal["pickup", "delivery", "both"]
WAYS: Final[tuple[Way, ...]] = ("pickup", "both", "delivery")
"""In the order in which they are offered."""


class Wanted(NamedTuple):
    product: Product
    quantity: int


class Offer(NamedTuple):
    """What there is of one product for somebody in a hall. Shares are empty for a way in which it can't be had.

    `both` is as an order with `split` takes it: whole from one place if one has it, else from several.
    """

    here: int
    sent: tuple[Source, ...]
    nearby: tuple[Source, ...]
    pickup: Shares
    delivery: Shares
    both: Shares

    @property
    def most(self) -> int:
        """So many can be had in one order."""
        return max(self.here + sum(one.available for one in self.sent), *(one.available for one in self.nearby), 0)


async def offers_of(state: OrdersState, hall: Hall | None, wanted: Sequence[Wanted]) -> list[Offer]:
    """Of each, in one reading."""
    sources = await state["sourcing"].sources_of([one.product for one in wanted], hall)
    return [offer_of(one, some, hall) for one, some in zip(wanted, sources, strict=True)]


def offer_of(wanted: Wanted, sources: Sequence[Source], hall: Hall | None) -> Offer:
    if not wanted.product.kind.has_stock:
        made_out = (Share(Fulfilment.PICKUP, wanted.quantity),)
        return Offer(wanted.quantity, (), (), made_out, (), made_out)
    mine = [one for one in sources if hall is not None and one.place.id == hall.id]
    sent = [one for one in sources if one.fulfilment == "delivery"] if hall else []
    others = [one for one in sources if one.fulfilment == "pickup" and one not in mine]
    return Offer(
        here=sum(one.available for one in mine),
        sent=tuple(sent),
        nearby=tuple(one for one in others if one.available >= wanted.quantity),
        pickup=shares_of(allot(mine, wanted.quantity, split=False)),
        delivery=shares_of(allot(sent, wanted.quantity, split=True)),
        both=shares_of(allot([*mine, *sent], wanted.quantity, split=True)),
    )


def ways_of(wanted: Sequence[Wanted], offers: Sequence[Offer]) -> Mapping[Way, tuple[AgreedLine, ...]]:
    """The ways in which all of it can be had in one order, and how each line comes then."""
    found: dict[Way, tuple[AgreedLine, ...]] = {}
    for way in WAYS:
        lines = tuple(
            AgreedLine(one.product.sku, getattr(offer, way)) for one, offer in zip(wanted, offers, strict=True)
        )
        if lines and all(line.shares for line in lines) and way_of(lines) == way:
            found[way] = lines
    return found


def way_of(lines: Sequence[AgreedLine]) -> Way:
    ways = {share.fulfilment for line in lines for share in line.shares}
    return "both" if len(ways) > 1 else "pickup" if Fulfilment.PICKUP in ways else "delivery"
