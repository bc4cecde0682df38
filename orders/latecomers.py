"""Whoever comes too late for what a crowd wants: refused together, before an order is planned."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from halls.service import Directory
from halls.stock.crowd import Wish
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import Clock
from o2o.kernel.i18n import DEFAULT
from o2o.kernel.idempotency import those_answered
from o2o.kernel.sharing import Shared
from orders.order_errors import out_of_stock
from orders.order_schemas import PlaceOrder
from orders.products import products_by_sku
from orders.schemas import Product
from orders.sourcing import Sourcing, as_possible

MOST: Final = 10_000
Instead = list[dict[str, Any]]
"""What can be had instead of what was wished: how many, from which place, how it comes."""


class Latecomers:
    """Of each hall and product, those who were refused it a moment ago: one judgement and two readings for all."""

    def __init__(self, stock: Stockroom, directory: Directory, sourcing: Sourcing, clock: Clock) -> None:
        self._stock, self._directory, self._sourcing, self._clock = stock, directory, sourcing, clock
        self._judged: dict[_Wanted, Shared[_Late, _Told | None]] = {}

    async def turn_away(self, wish: PlaceOrder, attempt: Attempt) -> None:
        """Raise OutOfStockError when a line can only be picked up in its hall, which has just said that it is gone.

        Not to whoever has held it there under this attempt's operation, or been answered under it before.
        """
        if wish.split or wish.fulfilment == "delivery" or (wish.fulfilment == "auto" and wish.address):
            return
        for number, line in enumerate(wish.lines, 1):
            if self._stock.is_rushed(wish.hall, line.sku, line.quantity):
                held = Wish(attempt.step(hold_step(number, wish.hall)).operation.id, line.quantity)
                late = _Late(attempt.operation.id, held)
                (told,) = await self._of(_Wanted(wish.hall, line.sku)).get((late,))
                if told:
                    name = told.product.names.in_language(wish.language or DEFAULT)
                    raise out_of_stock(line.sku, name, told.instead)

    def _of(self, wanted: "_Wanted") -> "Shared[_Late, _Told | None]":
        shared = self._judged.get(wanted)
        if shared is None:
            if len(self._judged) >= MOST:
                self._judged.clear()
            shared = self._judged[wanted] = Shared(partial(self._judge, wanted))
        return shared

    async def _judge(self, wanted: "_Wanted", attempts: Collection["_Late"]) -> Mapping["_Late", "_Told | None"]:
        left = await self._stock.turned_away(wanted.hall, wanted.sku, [one.held for one in attempts])
        late = [one for one in attempts if left[one.held] is not None]
        if not late or (told := await self._told(wanted)) is None:
            return dict.fromkeys(attempts)
        answered = await those_answered([one.op for one in late], self._clock)
        return dict.fromkeys(attempts) | {one: told for one in late if one.op not in answered}

    async def _told(self, wanted: "_Wanted") -> "_Told | None":
        """None when it is not sold any more: then an order is planned as ever."""
        product, hall = (await products_by_sku([wanted.sku])).get(wanted.sku), await self._directory.get(wanted.hall)
        if product is None or not product.is_listed(self._clock()):
            return None
        return _Told(product, as_possible(await self._sourcing.sources(product, hall)))


class _Wanted(NamedTuple):
    hall: str
    sku: str


class _Late(NamedTuple):
    """An attempt by its operation id, and by the id of its step that holds the line."""

    op: str
    held: Wish


class _Told(NamedTuple):
    """What they wanted, and what there is."""

    product: Product
    instead: Instead


def hold_step(number: int, place: str, mark: str = "") -> str:
    """What holding an order's line at a place is called among the order's steps, `mark` the split's."""
    return f"hold:{number}:{place}{mark}"
