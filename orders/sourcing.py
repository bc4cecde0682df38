"""Where a product can be had now: here, in a hall around, at the door, or nowhere.

Only committed SQL is asked, and only about the places that a rule names for a hall: its neighbours and some warehouses,
however many places there are. It is what can be said beforehand; a hold decides.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from halls.hall import Hall
from halls.stock.places import Place, Places
from halls.stock.queries import available_at, some_with
from halls.stock.states import PlaceKind
from o2o.kernel.clock import Clock
from o2o.kernel.sharing import Shared
from orders.delivery.windows import Window
from orders.etas import Etas
from orders.neighbourhood import Neighbourhood, Tried
from orders.rules import Rules
from orders.schemas import Product
from orders.sourcing_rules import rule_for

HALLS_NAMED: Final = 3
"""Of the halls around that have it so many are named."""
MOST_WITHOUT_A_HALL: Final = 20
Fulfilment = Literal["pickup", "delivery"]


class Source(NamedTuple):
    """A place that has some of it. `eta` is when it can be at the door, of what is sent."""

    place: Place
    distance_m: float | None
    available: int
    eta: Window | None = None

    @property
    def fulfilment(self) -> Fulfilment:
        return "delivery" if self.place.kind is PlaceKind.WAREHOUSE else "pickup"


class Allotment(NamedTuple):
    """So many of it from there."""

    source: Source
    quantity: int


class Availability(NamedTuple):
    """Where a product is to be had: `kind` is what comes first by the rule, `halls` and `sent` are all that there is.

    A plan, which is made out and not handed over, is here wherever somebody asks.
    """

    kind: Literal["here", "nearby", "delivery", "none"]
    halls: tuple[Source, ...] = ()
    sent: Source | None = None


class Sourcing:
    def __init__(self, places: Places, rules: Rules, clock: Clock) -> None:
        self._rules = rules
        self.places = places
        self._around = Neighbourhood(places)
        self._read = Shared(_read_available)
        self._etas = Etas(clock)

    def forget(self) -> None:
        """Look again, at the next question, where places are."""
        self._around.forget()

    async def availability(self, product: Product, hall: Hall | None, quantity: int = 1) -> Availability:
        (found,) = await self.availabilities([product], hall, quantity)
        return found

    async def availabilities(
        self, products: Sequence[Product], hall: Hall | None, quantity: int = 1
    ) -> list[Availability]:
        """Of each product, for somebody who asks in this hall, or from nowhere in particular."""
        sources = await self._sources(products, hall, hall.province if hall else None)
        return [availability_of(product, some, hall, quantity) for product, some in zip(products, sources, strict=True)]

    async def sources(self, product: Product, hall: Hall | None, *, province: str | None = None) -> list[Source]:
        """Every place to try, in the rule's order, that has some of it now.

        `province` is where it is to be sent; without one it is the hall's own.
        """
        (found,) = await self.sources_of([product], hall, province=province)
        return found

    async def sources_of(
        self, products: Sequence[Product], hall: Hall | None, *, province: str | None = None
    ) -> list[list[Source]]:
        """As `sources`, of each product."""
        return await self._sources(products, hall, province or (hall.province if hall else None))

    async def warehouses(self, product: Product, hall: Hall) -> list[str]:
        """Those that may send it, whatever they have now."""
        (tried,) = await self._tried([product], hall)
        return [one.place.id for one in tried if one.place.kind is PlaceKind.WAREHOUSE]

    async def _sources(
        self, products: Sequence[Product], hall: Hall | None, province: str | None
    ) -> list[list[Source]]:
        tried = await self._tried(products, hall)
        keys = {(product.sku, one.place.id) for product, some in zip(products, tried, strict=True) for one in some}
        there = dict(zip(keys, await self._read.get(keys), strict=True)) if keys else {}
        return [
            [
                Source(one.place, one.distance_m, available, await self._etas.first(one.place, province))
                for one in some
                if (available := there[product.sku, one.place.id])
            ]
            for product, some in zip(products, tried, strict=True)
        ]

    async def _tried(self, products: Sequence[Product], hall: Hall | None) -> list[Sequence[Tried]]:
        """For each product the places to ask, in order."""
        if hall is None:
            having = await some_with([one.sku for one in products if one.kind.has_stock], MOST_WITHOUT_A_HALL)
            return [await self._around.those(having.get(product.sku, ())) for product in products]
        rules = await self._rules.all()
        return [
            await self._around.tried(hall, rule_for(rules, hall.province, product)) if product.kind.has_stock else ()
            for product in products
        ]


def allot(sources: Iterable[Source], quantity: int, *, split: bool) -> list[Allotment]:
    """Which of the places give how many, in their order: one that has all of it, or with `split` several.

    Nothing when they don't have so many.
    """
    some = list(sources)
    if whole := next((one for one in some if one.available >= quantity), None):
        return [Allotment(whole, quantity)]
    given, left = [], quantity
    for one in some if split else ():
        if left:
            given.append(Allotment(one, min(left, one.available)))
            left -= given[-1].quantity
    return [] if left else given


def as_possible(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """What can be had instead of what was wished: how many, from which place, how it comes."""
    return [{"fulfilment": one.fulfilment, "place": one.place.id, "available": one.available} for one in sources]


def availability_of(product: Product, sources: Sequence[Source], hall: Hall | None, quantity: int = 1) -> Availability:
    """What these places come to, of which each has some."""
    if not product.kind.has_stock:
        return Availability("here")
    enough = [one for one in sources if one.available >= quantity]
    given = [one for one in enough if one.fulfilment == "pickup"]
    sent = next((one for one in enough if one.fulfilment == "delivery"), None)
    if not enough:
        return Availability("none")
    if hall is not None and enough[0].place.id == hall.id:
        return Availability("here", tuple(given[:1]), sent)
    return Availability("nearby" if enough[0] is not sent else "delivery", tuple(given[:HALLS_NAMED]), sent)


async def _read_available(keys: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
    found = await available_at({sku for sku, _place in keys}, {place for _sku, place in keys})
    return {key: found.get(key, 0) for key in keys}
