"""What a ticket carries: so many of one product, held in its hall for whoever has the number."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from typing_extensions import override

from halls.hall import Hall
from halls.schemas import Names
from halls.stock.schemas import Hold
from o2o.kernel import words
from o2o.kernel.i18n import Translator, _

NamesOf = Callable[[Collection[str]], Awaitable[Mapping[str, Names]]]
"""Gives the names of products by SKU; one that it does not know is absent."""


class Goods(NamedTuple):
    sku: str
    quantity: int

    @classmethod
    def of(cls, text: str) -> "Goods":
        """Read what a ticket's row keeps ("case-clear:2")."""
        sku, _colon, quantity = text.partition(":")
        return cls(sku, int(quantity))

    @override
    def __str__(self) -> str:
        return f"{self.sku}:{self.quantity}"


def skus_of(goods: Collection[str | None]) -> set[str]:
    return {Goods.of(one).sku for one in goods if one}


def goods_words(goods: str | None, names: Mapping[str, Names], texts: Translator) -> str:
    """What a page says of it ("2 × Clear case"); empty when nothing is carried."""
    if not goods:
        return ""
    sku, quantity = Goods.of(goods)
    name = names[sku].in_language(texts.language) if sku in names else sku
    return name if quantity == 1 else texts(_("%(count)s × %(name)s"), count=str(quantity), name=name)


async def hold_words(hold: Hold, hall: Hall, names_of: NamesOf, texts: Translator) -> dict[str, str]:
    """What is held, how that stands, and until when by the hall's clock."""
    goods = str(Goods(hold.sku, hold.quantity))
    return {
        "goods": goods_words(goods, await names_of([hold.sku]), texts),
        "state": str(hold.state),
        "until": words.clock_time(hold.expires_at, ZoneInfo(hall.time_zone)),
    }
